"""A fitted power with its standard error."""

from __future__ import annotations

from carlemanc.costs.scaling import FittedExponent
from carlemanc.present.text import text


@text.register
def exponent_text(fit: FittedExponent) -> str:
    """Return `1.03 +- 0.02`."""
    error = "" if fit.standard_error is None else f" +- {fit.standard_error:.1g}"
    return f"{fit.exponent:.3g}{error}"
