r"""Candidates for the corner of a word: lattice points near the corner of the rotation, level after level.

A Clifford+T matrix near $R_z(\theta) = diag(e^{-i\theta/2}, e^{i\theta/2})$ has the upper left entry
$z = Z \sqrt{2}^{-k}$, Z of Z[omega], in the segment of the unit disk next to $e = e^{-i\theta/2}$ whose points are
within epsilon: Re(z e*) >= 1 - epsilon^2/2 (Ross and Selinger, arXiv:1403.2975, sections 4, 7 and 9). Its conjugate is
in the unit disk. Up to a global phase of e^{-i pi/8} the numbers Z = (1 + omega) Z' serve too, with one T gate less. So
level t, for words of t T gates, has

    t even: k = t/2 + 1,    |Z|^2 <= 2^k and conjugate;
    t odd:  k = (t + 3)/2,  (2 + sqrt 2) |Z'|^2 <= 2^k and conjugate.

Instead of upright grid operators the four coordinates of Z are searched as a lattice in a reduced basis
(`segment_points`), and what is found is tested exactly (derived here, tested against all short words). Candidates come
level by level, within one in an order that depends on the angle and epsilon alone: near a word of few gates a level may
hold a million of them, so it is not finished first.

The ellipse. With h = epsilon^2/2, a point of the segment at Re = 1 - h + h y has |Im|^2 <= 2 h (1 - y), y in 0..1. So
it lies in the ellipse about Re = 1 - 2h/3 with half axes 2h/3 and sqrt(8h/3), as 3 (1 - y)/4 + 9 (y - 1/3)^2/4 <= 1
(proved); in units of its half axes, u from the center and v, the segment is v^2 <= (1 - u)/2, u >= -1/2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ldexp, sqrt
from typing import Final

from carlemanc.programs.ross_selinger.fixed_point import cosine_sine, root
from carlemanc.programs.ross_selinger.lattice import Matrix, ReducedBasis, reduce_basis
from carlemanc.programs.ross_selinger.rings import (
    DELTA,
    Number,
    Real,
    is_doubly_positive,
    square,
    times,
)
from carlemanc.programs.ross_selinger.segment_points import Vector, points_inside

_GRAM_BITS: Final = 96
"""Bits of the Gram matrix behind the point: its rounding moves squared distances by 2^-60 at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A possible corner of a word.

    Args:
        corner: Z, or (1 + omega) Z'.
        exponent: k, the power of 1/sqrt 2 it carries.
        is_shifted: whether the word is that of R_z(theta) e^{-i pi/8}.
        missing: 2^k - |Z|^2, the absolute square that the entry below must have.
    """

    corner: Number
    exponent: int
    is_shifted: bool
    missing: Real


def candidates(angle: Fraction, epsilon: Fraction) -> Iterator[Candidate]:
    """Yield candidates for R_z(angle) within epsilon in operator norm, fewest T gates first.

    Args:
        angle: of at most 2 in size.
        epsilon: positive, below 1.
    """
    even, odd = _searches(angle, epsilon)
    yield from even.level(0)
    t = 0
    while True:
        yield from (odd.level((t + 3) // 2) if t % 2 else even.level(t // 2 + 1))
        t += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """What the even levels share, or the odd ones. Integers are over 2^bits.

    Args:
        is_shifted: whether the levels are odd.
        bits: of the fixed-point numbers.
        along: (4,) parts along e of 1, omega, omega^2 and omega^3.
        least: the least part along e of a point at k = 0, and at k = 1.
        center: (4,) coefficients of the ellipse's center in the reduced basis at k = 0, and at k = 1.
        basis: reduced for distances in the coordinates of `segment_points` at k = 0, where R = 1.
        embedded: its vectors in these coordinates.
    """

    is_shifted: bool
    bits: int
    along: list[int]
    least: tuple[int, int]
    center: tuple[list[int], list[int]]
    basis: ReducedBasis
    embedded: list[Vector]

    def level(self, k: int) -> Iterator[Candidate]:
        """Yield the candidates of one level."""
        center = [value << (k // 2) for value in self.center[k % 2]]
        whole = [value >> self.bits for value in center]
        part = [(value & ((1 << self.bits) - 1)) / (1 << self.bits) for value in center]
        columns = list(zip(*self.basis.rows, strict=True))
        for steps in points_inside(self.basis, self.embedded, part, sqrt(ldexp(1.0, k))):
            weights = [a + b for a, b in zip(whole, steps, strict=True)]
            p, q, r, s = (_dot(weights, column) for column in columns)
            yield from self._tested(k, (p, q, r, s))

    def _tested(self, k: int, point: Number) -> Iterator[Candidate]:
        """Yield the candidate of a point if it lies in segment and disk."""
        if _dot(point, self.along) < self.least[k % 2] << (k // 2):
            return
        corner = times(DELTA, point) if self.is_shifted else point
        a, b = square(corner)
        missing: Real = ((1 << k) - a, -b)
        if is_doubly_positive(missing):
            yield Candidate(corner=corner, exponent=k, is_shifted=self.is_shifted, missing=missing)


def _searches(angle: Fraction, epsilon: Fraction) -> tuple[_Search, _Search]:
    """Return the searches of even and odd levels."""
    bits = 6 * (epsilon.denominator // epsilon.numerator).bit_length() + 128
    one, half_root = 1 << bits, root(1 << (bits - 1), bits)  # 1 / sqrt 2
    c, s = cosine_sine((angle.numerator << bits) // (2 * angle.denominator), bits)
    x, y = (c - s) * half_root >> bits, (c + s) * half_root >> bits
    along, across = [c, x, -s, -y], [s, y, c, x]
    n, d = epsilon.numerator, epsilon.denominator
    height = n * n * one // (2 * d * d)
    tall, wide = 3 * d * d * one // (n * n), root(3 << bits, bits) * d // (2 * n)
    coordinates = [  # of 1, omega, omega^2 and omega^3 from the ellipse's center, each at most 1 in the ellipse or disk
        [part * tall >> bits for part in along],
        [part * wide >> bits for part in across],
        [one, -half_root, 0, half_root],
        [0, -half_root, one, -half_root],
    ]
    reach = one - 2 * height // 3
    p, r = c * reach >> (bits + 1), -s * reach >> (bits + 1)
    center = [p, (p + r) * half_root >> bits, r, (r - p) * half_root >> bits]  # its conjugate is 0

    def search(coordinates: Matrix, shrunk: int, start: ReducedBasis | None = None) -> _Search:
        """Return a search in coordinates of Z or Z', of which the second is smaller by a factor."""
        vectors = list(zip(*coordinates, strict=True))
        gram = [[_dot(a, b) >> (2 * bits - _GRAM_BITS) for a in vectors] for b in vectors]
        basis = reduce_basis(gram, 1 << _GRAM_BITS, start)
        sizes = (shrunk, 2 * shrunk * half_root >> bits)
        at = [
            [_dot(center, column) * size >> bits for column in zip(*basis.inverse, strict=True)]
            for size in sizes
        ]
        return _Search(
            is_shifted=start is not None,
            bits=bits,
            along=along,
            least=((one - height) * sizes[0] >> bits, (one - height) * sizes[1] >> bits),
            center=(at[0], at[1]),
            basis=basis,
            embedded=[_embedded(row, coordinates, one) for row in basis.rows],
        )

    even = search(coordinates, one)
    delta, bullet = (
        root(2 * one + 2 * half_root, bits),
        root(2 * one - 2 * half_root, bits),
    )  # |1 + omega|, |1 - omega|
    scaled = [
        [part * by >> bits for part in parts]
        for parts, by in zip(coordinates, (delta, delta, bullet, bullet), strict=True)
    ]
    return even, search(scaled, one * one // delta, even.basis)


def _embedded(row: list[int], coordinates: Matrix, one: int) -> Vector:
    u, v, c, d = (_dot(row, parts) / one for parts in coordinates)
    return u, v, c, d


def _dot(x: Sequence[int], y: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(x, y, strict=True))
