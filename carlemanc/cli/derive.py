"""`carlemanc derive`: the polynomial map F_l of a spec and the blocks of A."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import deliver, expect_file, save
from carlemanc.cli._working import working
from carlemanc.core.atomic_output import check_file_place


def derive(
    spec: Spec,
    /,
    *,
    latex: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    diagram: Annotated[str | None, Parameter(metavar="FILE.svg")] = None,
    common: Common = DEFAULTS,
) -> int:
    """Derive the gradient-descent map u -> u + sum F_l u^l and the blocks of A by powers of eta.

    Parameters
    ----------
    latex
        Print LaTeX instead of text.
    diagram
        Also draw the blocks of A into this SVG file.
    """
    import carlemanc
    from carlemanc.spec.loading import load_spec

    expect_file(common)
    if diagram is not None:
        check_file_place(diagram)
    with working():
        model = load_spec(spec, common.overrides)
        result = carlemanc.derive(model)
        picture = result.to_svg() if diagram is not None else ""
    if diagram is not None:
        save(diagram, picture)
    return deliver(result, common, text=result.to_latex() if latex else None)
