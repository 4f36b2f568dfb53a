"""Numbers as a reader wants them: three digits, a power of ten from a million on; times in units one can picture.

The exact integers stand in the JSON. What somebody chose, such as a size, is shown as it was chosen. What a result does
not know is said in words, never as NaN, null or the largest floating-point number.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

UNKNOWN = "not known"
BEYOND = "beyond the range of floating-point numbers"
_READING_FROM = 1_000_000
"""Numbers from here on are powers of ten."""
_DIGITS = 3
"""Significant digits of what was computed."""
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_YEAR = 31_557_600
_NEARLY = Fraction(2001, 2000)
_UNITS = (
    (Fraction(1, 10**9), "ns"),
    (Fraction(1, 10**6), "μs"),
    (Fraction(1, 1000), "ms"),
    (Fraction(1), "s"),
    (Fraction(60), "minutes"),
    (Fraction(3600), "hours"),
    (Fraction(86_400), "days"),
    (Fraction(_YEAR), "years"),
)


def is_integer(value: object) -> bool:
    """Whether a value read from JSON is an integer (a truth value is none)."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether a value read from JSON is a finite number."""
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def power_of_ten(value: int | float | Fraction, digits: int = 3, *, zeros: bool = True) -> str:
    """Return a positive or negative number as `1.67 × 10¹³`, whatever its size; `zeros` keeps trailing ones.

    >>> power_of_ten(16_659_267_895_755)
    '1.67 × 10¹³'
    """
    exact = Fraction(value)
    if exact == 0:
        return "0"
    exponent = _exponent(abs(exact))
    mantissa = float(abs(exact) / Fraction(10) ** exponent)
    text = f"{mantissa:.{digits - 1}f}"
    if float(text) >= 10:
        exponent, text = exponent + 1, f"{mantissa / 10:.{digits - 1}f}"
    if not zeros:
        text = text.rstrip("0").rstrip(".")
    return f"{'−' if exact < 0 else ''}{text} × 10{str(exponent).translate(_SUPERSCRIPTS)}"


def superscript(exponent: int) -> str:
    """Return an exponent in raised digits."""
    return str(exponent).translate(_SUPERSCRIPTS)


def power_of_two(value: int) -> str:
    """Return a power of two from 2^20 on as `2²⁷`, empty for every other number.

    >>> power_of_two(2**27), power_of_two(8), power_of_two(2**27 + 1)
    ('2²⁷', '', '')
    """
    exponent = exponent_of_two(value)
    return "" if exponent is None else f"2{superscript(exponent)}"


def exponent_of_two(value: int) -> int | None:
    """Return m of 2^m from m = 20 on, None for every other number."""
    exponent = value.bit_length() - 1
    return exponent if exponent >= 20 and value == 1 << exponent else None


def grouped(value: int) -> str:
    """Return all digits, in groups of three."""
    return f"{value:,}"


def count(value: Any) -> str:
    """Return a number that was counted, to three digits.

    >>> count(2**40), count(126_344), count(129), count(None)
    ('1.10 × 10¹²', '126,000', '129', 'not known')
    """
    if not is_integer(value):
        return real(value)
    rounded = _rounded(value)
    return power_of_ten(rounded) if abs(rounded) >= _READING_FROM else grouped(rounded)


def chosen(value: Any) -> str:
    """Return a number that somebody chose: exactly below a million, and a power of two as such.

    >>> chosen(2**27), chosen(1_024), chosen(0.0625), chosen(8_609_440_773)
    ('2²⁷', '1,024', '0.0625', '8.61 × 10⁹')
    """
    if not is_integer(value):
        return real(value, 6)
    return (value > 0 and power_of_two(value)) or (
        grouped(value) if abs(value) < _READING_FROM else power_of_ten(value)
    )


def real(value: object, digits: int = _DIGITS) -> str:
    """Return a real number to some significant digits.

    >>> real(0.0906521551), real(1.8e-8), real(-8211.5), real(None)
    ('0.0907', '1.8 × 10⁻⁸', '−8,210', 'not known')
    """
    if is_integer(value):
        return count(value)
    if not isinstance(value, float) or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return BEYOND
    if value and not 1e-4 <= abs(value) < 1e6:
        return power_of_ten(value, digits, zeros=False)
    text = f"{value:.{digits}g}"
    return (f"{float(text):,.0f}" if "e+" in text else text).replace("-", "−")


def percent(value: Any) -> str:
    """Return a share as a percentage."""
    if not isinstance(value, Fraction) and not is_number(value):
        return UNKNOWN
    share = float(Fraction(value) * 100)
    return "0 %" if not share else f"{real(share)} %" if share >= 0.01 else "below 0.01 %"


def duration(seconds: Any) -> str:
    """Return a time in the largest unit that it fills, from nanoseconds to years.

    >>> duration(0.336233), duration(2894778911.09), duration(0), duration(None)
    ('336 ms', '91.7 years', '0 s', 'not known')
    """
    if isinstance(seconds, float) and math.isinf(seconds):
        return BEYOND
    if not isinstance(seconds, Fraction) and not is_number(seconds):
        return UNKNOWN
    exact = Fraction(seconds)
    if exact <= 0:
        return "0 s"
    unit, name = unit_of(exact)
    units = exact / unit
    if units >= 10_000 or units < Fraction(1, 1000):
        return f"{power_of_ten(units)} {name}"
    number = real(float(units))
    return f"{number} {name[:-1] if number == '1' and name.endswith('s') and len(name) > 2 else name}"


def unit_of(seconds: Fraction) -> tuple[Fraction, str]:
    """Return the largest unit of time that so many seconds fill to three digits, in seconds, and its name.

    >>> unit_of(Fraction(7200))
    (Fraction(3600, 1), 'hours')
    """
    unit, name = _UNITS[0]
    for size, label in _UNITS:
        if seconds * _NEARLY >= size:  # what three digits show as a whole unit is one
            unit, name = size, label
    return unit, name


def prose(told: Any) -> str:
    """Return a sentence of a result, empty for null, with its powers as a reader wants them; the numbers stay the same.

    >>> prose("up to n = 2^200: 1e9 flop/s assumed, 2e+13 runs, p = 4.8e-07, (y^2), ||L^-1||, 4.59e+04 s")
    'up to n = 2²⁰⁰: 10⁹ flop/s assumed, 2 × 10¹³ runs, p = 4.8 × 10⁻⁷, (y^2), ||L^-1||, 45,900 s'
    """

    def power(found: re.Match[str]) -> str:
        if 1 <= (plain := Decimal(found[0])) < _READING_FROM:
            return f"{plain:,f}"
        mantissa = "" if found[1] == "1" else f"{found[1]} × "
        return f"{mantissa}10{superscript(int(found[2]))}"

    text = "" if told is None else str(told)
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d{1,4})(?![\w.]*\w)", power, text)
    return re.sub(
        r"(?<![\w.^])(2|10)\^(\d{1,4})(?![\w.^])", lambda m: f"{m[1]}{superscript(int(m[2]))}", text
    )


def times(first: Any, second: Any) -> Fraction | None:
    """Return an exact product of two numbers of a document, None where one is not known."""
    if not is_number(first) or not is_number(second):
        return None
    return Fraction(first) * Fraction(second)


def _rounded(value: int) -> int:
    """An integer to three digits, halves away from zero."""
    size: int = 10 ** max(len(str(abs(value))) - _DIGITS, 0)
    rounded = (abs(value) + size // 2) // size * size
    return rounded if value >= 0 else -rounded


def _exponent(value: Fraction) -> int:
    """The floor of log10 of a positive number, exactly."""
    guess = len(str(value.numerator)) - len(str(value.denominator))
    while Fraction(10) ** guess > value:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= value:
        guess += 1
    return guess
