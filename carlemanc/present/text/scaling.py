"""A fitted power with its standard error; fitted powers of T, and which the paper claims."""

from __future__ import annotations

from carlemanc.costs.scaling import FittedExponent
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View
from carlemanc.training.exponents import Scaling


@text.register
def exponent_text(fit: FittedExponent, view: View = FIRST) -> str:
    """Return `1.03 +- 0.02`."""
    error = "" if fit.standard_error is None else f" +- {fit.standard_error:.1g}"
    return f"{fit.exponent:.3g}{error}"


@text.register
def scaling_text(found: Scaling, view: View = FIRST) -> str:
    """Return the exponents, a line each."""
    steps = [point.steps for point in found.points]
    lines = [
        f"{found.name}, {found.regime}, T = {steps[0]} to {steps[-1]} (claimed: T^{found.claimed})",
        *(
            f"  {key:<22} T^({exponent_text(fit)})   last two points T^{found.last[key]:.2f}"
            for key, fit in found.exponents.items()
        ),
    ]
    return "\n".join(lines)
