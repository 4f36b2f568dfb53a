"""Coefficients as text: short rationals as they are, everything else with six digits."""

from __future__ import annotations

from fractions import Fraction

_MAX_DIGITS = 9


def number(value: Fraction | float) -> str:
    """Return a coefficient as plain text."""
    return str(value) if _short(value) else f"{float(value):.6g}"


def latex_number(value: Fraction | float) -> str:
    """Return a coefficient as LaTeX."""
    if isinstance(value, Fraction) and _short(value) and value.denominator > 1:
        return rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"
    mantissa, _, exponent = number(value).partition("e")
    return mantissa if not exponent else rf"{mantissa}\cdot 10^{{{int(exponent)}}}"


def _short(value: Fraction | float) -> bool:
    """Return whether a rational is worth printing as one."""
    return isinstance(value, Fraction) and len(f"{value.numerator}{value.denominator}") <= _MAX_DIGITS
