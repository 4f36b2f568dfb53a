r"""The rings of Clifford+T matrices, in Python integers: Z[sqrt 2] and Z[omega], omega = e^{i pi/4}.

A number of Z[sqrt 2] is (a, b) = a + b sqrt 2, one of Z[omega] is (p, q, r, s) = p + q omega + r omega^2 + s omega^3.
An entry of a Clifford+T matrix is one of the second over a power of sqrt 2. The conjugation of sqrt 2, which takes it
to -sqrt 2 and omega to -omega, is written with a bullet in the literature and `..._bullet` here.
"""

from __future__ import annotations

from typing import Final

Real = tuple[int, int]
"""a + b sqrt 2."""
Number = tuple[int, int, int, int]
"""p + q omega + r omega^2 + s omega^3."""

ONE: Final[Number] = (1, 0, 0, 0)
DELTA: Final[Number] = (1, 1, 0, 0)
"""1 + omega, of absolute square 2 + sqrt 2: the prime over 2."""
LAMBDA: Final[Real] = (1, 1)
"""1 + sqrt 2, the unit of which all others of Z[sqrt 2] are powers, but for a sign."""


def times(x: Number, y: Number) -> Number:
    """Return x y."""
    p, q, r, s = x
    t, u, v, w = y
    return (
        p * t - q * w - r * v - s * u,
        p * u + q * t - r * w - s * v,
        p * v + q * u + r * t - s * w,
        p * w + q * v + r * u + s * t,
    )


def power(x: Number, exponent: int) -> Number:
    """Return x to a power that is not negative."""
    result = ONE
    for _ in range(exponent):
        result = times(result, x)
    return result


def conjugate(x: Number) -> Number:
    """Return the complex conjugate."""
    p, q, r, s = x
    return (p, -s, -r, -q)


def turned(x: Number) -> Number:
    """Return omega x."""
    p, q, r, s = x
    return (-s, p, q, r)


def square(x: Number) -> Real:
    """Return |x|^2."""
    p, q, r, s = x
    return p * p + q * q + r * r + s * s, p * q + q * r + r * s - s * p


def from_real(x: Real) -> Number:
    """Return a number of Z[sqrt 2] as one of Z[omega]: sqrt 2 = omega - omega^3."""
    a, b = x
    return (a, b, 0, -b)


def real_times(x: Real, y: Real) -> Real:
    """Return x y in Z[sqrt 2]."""
    return x[0] * y[0] + 2 * x[1] * y[1], x[0] * y[1] + x[1] * y[0]


def real_norm(x: Real) -> int:
    """Return x times its conjugate, an integer."""
    return x[0] * x[0] - 2 * x[1] * x[1]


def is_doubly_positive(x: Real) -> bool:
    """Return whether a number of Z[sqrt 2] and its conjugate are both not negative."""
    return x[0] >= 0 and real_norm(x) >= 0


def half_even(x: Real) -> Real:
    """Return x / sqrt 2, for an even `a`."""
    return x[1], x[0] // 2


def real_gcd(x: Real, y: Real) -> Real:
    """Return a greatest common divisor in Z[sqrt 2] (Euclid's algorithm with the nearest quotients)."""
    while y != (0, 0):
        norm = real_norm(y)
        a, b = real_times(x, (y[0], -y[1]))
        a, b = real_times((_nearest(a, norm), _nearest(b, norm)), y)
        x, y = y, (x[0] - a, x[1] - b)
    return x


def gcd(x: Number, y: Number) -> Number:
    """Return a greatest common divisor in Z[omega] (Euclid's algorithm with the nearest quotients)."""
    while any(y):
        a, b = square(y)
        norm = a * a - 2 * b * b
        scaled = times(times(x, conjugate(y)), from_real((a, -b)))
        p, q, r, s = times(tuple(_nearest(part, norm) for part in scaled), y)  # type: ignore[arg-type]
        x, y = y, (x[0] - p, x[1] - q, x[2] - r, x[3] - s)
    return x


def _nearest(numerator: int, denominator: int) -> int:
    """Return the integer nearest to a fraction, a half rounded up."""
    return (2 * numerator + denominator) // (2 * denominator)
