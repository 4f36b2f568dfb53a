"""Real numbers made fit to be told and to decide by: rounded outward to few digits.

The last bits of a double differ from one processor to the next: a sum is taken in another order, a fused multiply-add
rounds once where two instructions round twice. What is counted is an exact integer and needs nothing from here. What
is an integer only because a real number was rounded up (shots, runs) keeps as many digits as it has a right to, and a
choice (a degree, a number of steps) is made on a value rounded outward, so that the last bits cannot turn it.

Every function leaves a value alone that is within `GUARD` of a shorter one: 2.0000000000003 is 2, rounded up or down.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from fractions import Fraction

import numpy as np

from carlemanc.core.arrays import FloatArray

DIGITS = 4
"""Significant digits of an integer that was a real number."""
GUARD = 1e-9
"""Relative distance within which two doubles are taken for the same number: far above rounding, far below a digit."""
NOISE = 1e-14
"""A difference of numbers of size one that is no larger is their rounding."""
_PRECISE = Context(prec=400)


def whole(value: float | Fraction, digits: int = DIGITS) -> int:
    """Return the least integer of at most so many significant digits that is no smaller than a positive number.

    An exact number (int or Fraction) is rounded as it is; a float may exceed the result by `GUARD`, relative.

    Raises OverflowError or ValueError where the number is infinite or not a number.
    """
    return int(_rounded(value, digits, ROUND_CEILING, least_place=0))


def wholes(values: FloatArray) -> list[int]:
    """Return `whole` of each of many positive numbers, (k,) and finite, in ascending order and each once."""
    places = np.maximum(0, np.floor(np.log10(values)).astype(int) - DIGITS + 1)
    leading = np.ceil(values * (1 - GUARD) / 10.0**places).astype(int)
    return sorted(
        {number * 10**place for number, place in zip(leading.tolist(), places.tolist(), strict=True)}
    )


def rounded_up(value: float, digits: int = DIGITS) -> float:
    """Return the least number of so many significant digits that is no smaller, but for `GUARD`."""
    return float(_rounded(value, digits, ROUND_CEILING))


def rounded_down(value: float, digits: int = DIGITS) -> float:
    """Return the largest number of so many significant digits that is no larger, but for `GUARD`."""
    return float(_rounded(value, digits, ROUND_FLOOR))


def coarse(value: float) -> float:
    """Return a cost to nine significant digits: of two that differ by rounding alone neither is the smaller.

    Ask `min` and `max` for the least of these; the first of equal ones is then taken on every machine.
    """
    return float(f"{value:.8e}")


def without_noise(difference: float, size: float = 1.0) -> float:
    """Return the norm of a difference, 0 where it is rounding noise of what was subtracted, of norm `size`."""
    return 0.0 if difference <= NOISE * size else difference


def ceiling(value: float) -> int:
    """Return the least integer that is no smaller than a number, but for `GUARD`: `ceil` of a computed real."""
    return _integer(value, ROUND_CEILING)


def floor(value: float) -> int:
    """Return the largest integer that is no larger than a number, but for `GUARD`: `floor` of a computed real."""
    return _integer(value, ROUND_FLOOR)


def _integer(value: float, rounding: str) -> int:
    with localcontext(_PRECISE):
        return int(_guarded(Decimal(value), rounding).to_integral_value(rounding))


def _rounded(value: float | Fraction, digits: int, rounding: str, least_place: int | None = None) -> Decimal:
    with localcontext(_PRECISE):
        if isinstance(value, Fraction):
            exact = Decimal(value.numerator) / Decimal(value.denominator)
        elif isinstance(value, int):
            exact = Decimal(value)
        else:
            exact = _guarded(Decimal(value), rounding)
        if exact == 0 or not exact.is_finite():
            return exact
        place = exact.adjusted() - digits + 1
        if least_place is not None:
            place = max(place, least_place)
        return exact.quantize(Decimal(1).scaleb(place), rounding=rounding)


def _guarded(value: Decimal, rounding: str) -> Decimal:
    """Return the value moved inward by `GUARD`, so that a rounding error beyond a short number is no step."""
    if not value.is_finite():
        return value
    inward = value.copy_abs() * Decimal(GUARD)
    return value - inward if rounding == ROUND_CEILING else value + inward
