"""`carlemanc system`: the classical linear system in files."""

from __future__ import annotations

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import required_directory, show
from carlemanc.cli._working import working


def system(spec: Spec, /, *, common: Common = DEFAULTS) -> int:
    """Write the linear system L Y = b: L.npz, b.npy and system.json into -o DIR."""
    import carlemanc
    from carlemanc.spec.loading import load_spec

    directory = required_directory(common, "system")
    with working():
        model = load_spec(spec, common.overrides)
        result = carlemanc.system(model, output=directory)
    return show(result, common)
