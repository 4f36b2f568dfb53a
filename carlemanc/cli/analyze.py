"""`carlemanc analyze`: regime, truncation certificates, conditioning, classical cost."""

from __future__ import annotations

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import deliver, expect_file
from carlemanc.cli._working import working


def analyze(spec: Spec, /, *, common: Common = DEFAULTS) -> int:
    """Report the regime, R, the certified truncation error per order, kappa bounds and the classical cost."""
    import carlemanc
    from carlemanc.spec.loading import load_spec

    expect_file(common)
    with working():
        model = load_spec(spec, common.overrides)
        result = carlemanc.analyze(model)
    return deliver(result, common)
