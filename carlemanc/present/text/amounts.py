"""Numbers in plain characters, in one format: three digits, powers as 1.23e+12, integers exact up to a million.

`carlemanc.present.number_words` has them as a page prints them; both know the same units of time.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction

from carlemanc.present.number_words import exponent_of_two, unit_of

EXACT_TO = 1_000_000
"""Integers up to this are printed in full."""
IN_SECONDS_TO = 120
"""Times below this are pictured in seconds."""
_SHORT = {"minutes": "min", "hours": "h"}
_DIGITS = Context(prec=30)


def amount(value: float | Fraction | None) -> str:
    """Return a number of any size and kind: three digits, or an integer of up to a million in full.

    >>> amount(101400), amount(348_600_000), amount(0.00094306), amount(2410.0), amount(10**400), amount(None)
    ('101400', '3.49e+08', '0.000943', '2.41e+03', '1e+400', '-')
    """
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value) if abs(value) <= EXACT_TO else _power(Fraction(value))
    if isinstance(value, Fraction):
        size = abs(value)
        if size and not Fraction(1, 10**300) < size < 10**300:
            return _power(value)
    number = float(value)
    if math.isnan(number):
        return "not known"
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    return f"{number:.3g}"


def size(value: int) -> str:
    """Return an integer that was asked for, which is never rounded: a large power of two as such.

    >>> size(2**27), size(2**27 + 1), size(8)
    ('2^27', '134217729', '8')
    """
    exponent = exponent_of_two(value)
    return str(value) if exponent is None else f"2^{exponent}"


def duration(seconds: float | Fraction | None) -> str:
    """Return a time in seconds and, from two minutes on, in a unit that one can picture beside them.

    >>> duration(6.4e-08), duration(2410.0), duration(9.1e07), duration(None)
    ('6.4e-08 s', '2.41e+03 s (40.2 min)', '9.1e+07 s (2.88 years)', '-')
    """
    if seconds is None:
        return "-"
    told = amount(float(seconds) if isinstance(seconds, int) else seconds)
    if isinstance(seconds, float) and not math.isfinite(seconds):
        return f"{told} s" if math.isinf(seconds) else told
    exact = Fraction(seconds)
    if exact < IN_SECONDS_TO:
        return f"{told} s"
    unit, name = unit_of(exact)
    return f"{told} s ({amount(exact / unit)} {_SHORT.get(name, name)})"


def _power(value: Fraction) -> str:
    """Return a number beyond floats as they are written, without zeros that say nothing."""
    exact = _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
    mantissa, _, exponent = f"{exact:.2e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{exponent[0]}{exponent[1:]:0>2}"
