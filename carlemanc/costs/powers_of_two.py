"""How often 2 divides an integer, and what is left: as numbers, and as functions that closed forms print."""

from __future__ import annotations

import sympy


class nu(sympy.Function):
    """The number of trailing zeros of a positive integer in binary."""

    @classmethod
    def eval(cls, number: sympy.Expr) -> sympy.Expr | None:
        """Evaluate at an integer."""
        if isinstance(number, sympy.Integer) and number > 0:
            return sympy.Integer(trailing_zeros(int(number)))
        return None


class odd(sympy.Function):
    """The odd part of a positive integer, k / 2^nu(k): 1 for powers of two."""

    @classmethod
    def eval(cls, number: sympy.Expr) -> sympy.Expr | None:
        """Evaluate at an integer."""
        if isinstance(number, sympy.Integer) and number > 0:
            return sympy.Integer(int(number) >> trailing_zeros(int(number)))
        return None


def trailing_zeros(number: int) -> int:
    """Return the exponent of 2 in a positive integer.

    >>> trailing_zeros(40)
    3
    """
    return (number & -number).bit_length() - 1
