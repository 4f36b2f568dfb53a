"""Real numbers as integers over a power of two: square roots, pi, cosine and sine; no double decides."""

from __future__ import annotations

from functools import cache
from math import isqrt
from typing import Final

_GUARD: Final = 32
"""Bits kept beyond those asked for while a series is summed."""


def root(number: int, bits: int) -> int:
    """Return the square root of a number that is not negative, both over 2^bits, rounded down."""
    return isqrt(number << bits)


@cache
def pi(bits: int) -> int:
    """Return pi over 2^bits within a unit of the last place (Machin's formula)."""
    work = bits + _GUARD
    return 4 * (4 * _arc_cotangent(5, work) - _arc_cotangent(239, work)) >> _GUARD


def _arc_cotangent(number: int, bits: int) -> int:
    total, power, odd = 0, (1 << bits) // number, 1
    while power:
        total += power // odd if odd % 4 == 1 else -(power // odd)
        power //= number * number
        odd += 2
    return total


def cosine_sine(angle: int, bits: int) -> tuple[int, int]:
    """Return cosine and sine of an angle of at most 2 in size, all over 2^bits, within a unit of the last place."""
    work = bits + _GUARD
    size = abs(angle) << _GUARD
    squared = size * size >> work
    sums, term, place = [0, 0], 1 << work, 0
    terms = (term, size)
    while any(terms):
        sign = -1 if place % 4 else 1
        sums = [total + sign * term for total, term in zip(sums, terms, strict=True)]
        place += 2
        terms = (
            (terms[0] * squared >> work) // ((place - 1) * place),
            (terms[1] * squared >> work) // (place * (place + 1)),
        )
    return sums[0] >> _GUARD, (sums[1] if angle >= 0 else -sums[1]) >> _GUARD
