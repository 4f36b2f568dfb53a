"""Coefficients and monomials as text: short rationals as they are, everything else with six digits."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

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


def signed_term(coefficient: Fraction | float, names: Sequence[str], *, as_latex: bool = False) -> str:
    """Return a sign and a monomial; `names` are its factors, equal ones beside each other."""
    size = -coefficient if coefficient < 0 else coefficient
    shown = None if size == 1 and names else latex_number(size) if as_latex else number(size)
    return (" - " if coefficient < 0 else " + ") + product(shown, names, as_latex=as_latex)


def product(coefficient: str | None, names: Sequence[str], *, as_latex: bool) -> str:
    """Return a coefficient (None: 1) times factors, equal ones as a power."""
    power = "^{{{}}}" if as_latex else "^{}"
    runs = [(name, len(list(same))) for name, same in groupby(names)]
    factors = [name + (power.format(count) if count > 1 else "") for name, count in runs]
    return (r"\," if as_latex else " ").join(factors if coefficient is None else [coefficient, *factors])


def _short(value: Fraction | float) -> bool:
    """Return whether a rational is worth printing as one."""
    return isinstance(value, Fraction) and len(f"{value.numerator}{value.denominator}") <= _MAX_DIGITS
