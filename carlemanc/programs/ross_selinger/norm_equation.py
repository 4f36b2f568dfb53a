r"""The norm equation |w|^2 = xi: a number of Z[omega] with a given absolute square, or None where there is none.

Comes in: xi of Z[sqrt 2], it and its conjugate not negative. Goes out: w. Solved by factoring the integer norm of xi
(Ross and Selinger, arXiv:1403.2975, section 6 and appendix C): a prime p that is 7 modulo 8 must divide evenly, every
other splits in Z[omega] by a square root modulo p. A factorization is unique, square roots are taken from the least
base that gives one: the solution depends on xi alone, on no random number, no clock and nothing that came before.

A norm of more than `FACTORED_BITS` bits is not factored, and such a xi counts as unsolvable unless its norm is prime:
words are then some T gates longer, and time stays bounded.
"""

from __future__ import annotations

import math
from typing import Final

from carlemanc.programs.ross_selinger.rings import (
    DELTA,
    LAMBDA,
    ONE,
    Number,
    Real,
    from_real,
    gcd,
    half_even,
    power,
    real_gcd,
    real_norm,
    real_times,
    square,
    times,
)

FACTORED_BITS: Final = 80
"""Norms up to this length are factored: about 50 ms in the worst case, a fraction of one for words at 1e-12."""


def norm_equation(xi: Real) -> Number | None:
    """Return w with |w|^2 = xi, or None where none exists or the norm of xi is too long to factor."""
    if xi == (0, 0):
        return (0, 0, 0, 0)
    rest, w = xi, ONE
    while rest[0] % 2 == 0:
        rest, w = half_even(rest), times(w, DELTA)
    if abs(real_norm(rest)) % 8 == 7:
        return None
    content = math.gcd(*rest)
    primitive = (rest[0] // content, rest[1] // content)
    inner = _of_primitive(primitive)
    outer = _of_integer(content) if inner is not None else None
    if inner is None or outer is None:
        return None
    return _up_to_units(xi, times(w, times(inner, outer)))


def _of_integer(number: int) -> Number | None:
    """Return w with |w|^2 a positive integer, up to a unit."""
    factors = _factors(number)
    if factors is None:
        return None
    w = ONE
    for p, exponent in factors.items():
        if p % 8 == 7:
            if exponent % 2:
                return None
            w = times(w, (p ** (exponent // 2), 0, 0, 0))
        else:
            w = times(w, power(gcd(_divisor_of(p), (p, 0, 0, 0)), exponent))
    return w


def _of_primitive(number: Real) -> Number | None:
    """Return w with |w|^2 a number that no integer divides, up to a unit; its primes are 1 or 7 modulo 8."""
    factors = _factors(abs(real_norm(number)))
    if factors is None or any(p % 8 == 7 and exponent % 2 for p, exponent in factors.items()):
        return None
    w = ONE
    for p, exponent in factors.items():
        prime = from_real(real_gcd(number, (p, 0)))
        if p % 8 == 7:
            w = times(w, power(prime, exponent // 2))
        else:
            w = times(w, power(gcd(_divisor_of(p), prime), exponent))
    return w


def _factors(number: int) -> dict[int, int] | None:
    """Return the prime factors and their exponents, or None where the number is too long and not prime."""
    from sympy.ntheory import factorint, isprime

    if number == 1:
        return {}
    if isprime(number):
        return {number: 1}
    if number.bit_length() > FACTORED_BITS:
        return None
    return dict(sorted(factorint(number).items()))


def _divisor_of(p: int) -> Number:
    """Return a number h + i, or h + i sqrt 2, whose absolute square is a multiple of a prime that is not 7 modulo 8."""
    if p % 8 == 3:
        return (pow(-2, (p + 1) // 4, p), 1, 0, 1)
    base = 2
    while True:
        h = pow(base, (p - 1) // 4, p)
        if h * h % p == p - 1:
            return (h, 0, 1, 0)
        base += 1


def _up_to_units(xi: Real, w: Number) -> Number:
    """Return w times the unit that makes |w|^2 equal to xi, given that they differ by a unit."""
    a, b = square(w)
    norm = a * a - 2 * b * b
    unit = real_times(xi, (a, -b))
    unit = (unit[0] // norm, unit[1] // norm)
    inverse: Real = (-LAMBDA[0], LAMBDA[1])  # sqrt 2 - 1
    while unit != (1, 0):
        grows = unit[1] > 0  # a power of lambda above 1 has two positive parts, one below 1 a negative second
        factor, back = (LAMBDA, inverse) if grows else (inverse, LAMBDA)
        w = times(w, from_real(factor))
        unit = real_times(unit, real_times(back, back))
    return w
