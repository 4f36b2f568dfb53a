"""Fitted exponents: which power of n or T a count or a time grows like, and how well that is known.

Comes in: sizes and counts, exact integers of any length. Goes out: the least-squares slope of ln y against ln x with
its standard error. A logarithm in the count shows as a small positive exponent that shrinks as the sizes grow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.core.document import Document
from carlemanc.core.shown import Shown

Number = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedExponent(Shown, Document):
    """y = prefactor x^exponent through the points.

    Attributes:
        exponent: slope of ln y against ln x.
        standard_error: of the slope, from the residuals with points - 2 degrees of freedom; None for two points.
        log_prefactor: ln y at x = 1 (the prefactor itself may overflow).
        points: number of points.
        smallest, largest: the x fitted.
    """

    exponent: float
    standard_error: float | None
    log_prefactor: float
    points: int
    smallest: Number
    largest: Number

    BRIEF = "exponent standard_error points smallest largest"

    def at(self, x: Number) -> float:
        """Return the fitted y at x, math.inf where it overflows."""
        try:
            return math.exp(self.log_prefactor + self.exponent * math.log(x))
        except OverflowError:
            return math.inf


def fitted_exponent(xs: Sequence[Number], ys: Sequence[Number]) -> FittedExponent:
    """Return the exponent of y in x by ordinary least squares of ln y on ln x.

    Args:
        xs: positive sizes, at least two different ones; integers of any length.
        ys: positive counts or times, as many.

    Raises ValueError for unequal lengths, numbers that are not positive and finite, or a single size.
    """
    if len(xs) != len(ys):
        raise ValueError(f"{len(xs)} sizes and {len(ys)} counts")
    if any(not value > 0 or value == math.inf for value in (*xs, *ys)):
        raise ValueError("an exponent is fitted to positive finite numbers")
    if len(set(xs)) < 2:
        raise ValueError("an exponent takes at least two different sizes")
    us, vs, count = [math.log(x) for x in xs], [math.log(y) for y in ys], len(xs)
    u_mean, v_mean = math.fsum(us) / count, math.fsum(vs) / count
    spread = math.fsum((u - u_mean) ** 2 for u in us)
    slope = math.fsum((u - u_mean) * (v - v_mean) for u, v in zip(us, vs, strict=True)) / spread
    start = v_mean - slope * u_mean
    residual = math.fsum((v - start - slope * u) ** 2 for u, v in zip(us, vs, strict=True))
    return FittedExponent(
        exponent=slope,
        standard_error=math.sqrt(residual / (count - 2) / spread) if count > 2 else None,
        log_prefactor=start,
        points=count,
        smallest=min(xs),
        largest=max(xs),
    )
