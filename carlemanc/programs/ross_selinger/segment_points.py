r"""Points of a lattice of four dimensions in the product of a segment and a disk: where candidates may lie.

Comes in: a reduced basis embedded in coordinates (u, v, c, d), and the radius R of the body

    -R/2 <= u,  v^2 <= R (R - u) / 2   (the segment, in the disk u^2 + v^2 <= R^2),    c^2 + d^2 <= R^2.

Goes out: integer coefficients, all that lie in the body and some just outside: doubles with a margin bound the search,
an exact test follows. The order is the same everywhere: doubles are added, multiplied, divided and their square roots
taken, one operation after the other, which IEEE 754 fixes to the last bit (so no `sum`, no powers).

The two far coefficients run through the ball of radius sqrt(2) R around the body (U. Fincke, M. Pohst). Near a rotation
of few gates the lattice is so uneven that the plane of the other two may hold a billion points in the ball and none in
the body: the cuts of the plane with segment and disk are therefore bounded by strips, the basis of the plane is reduced
anew for them (Gauss), and each line of it is cut with the body itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, copysign, floor, inf, sqrt
from typing import Final

from carlemanc.programs.ross_selinger.lattice import ReducedBasis

Vector = tuple[float, float, float, float]
Pair = tuple[float, float]
Interval = Pair
_MARGIN: Final = 1e-6
"""Relative widening of everything that bounds the search, far above the rounding of doubles."""
_NOWHERE: Final[Interval] = (1.0, 0.0)


def points_inside(
    basis: ReducedBasis, embedded: list[Vector], part: list[float], radius: float
) -> Iterator[tuple[int, int, int, int]]:
    """Yield coefficients of the points of a lattice in the body.

    Args:
        basis: reduced for u^2 + v^2 + c^2 + d^2.
        embedded: (4,) vectors of the basis as (u, v, c, d).
        part: (4,) coefficients of the origin of the coordinates.
        radius: R.
    """
    lengths, slopes = basis.lengths, basis.slopes
    whole = 2 * radius * radius * (1 + _MARGIN)
    for x3 in _integers(part[3], sqrt(whole / lengths[3])):
        y3 = x3 - part[3]
        in_space = whole - y3 * y3 * lengths[3]
        middle = part[2] - slopes[3][2] * y3
        for x2 in _integers(middle, sqrt(max(0.0, in_space) / lengths[2])):
            y2 = x2 - part[2]
            in_plane = in_space - (x2 - middle) * (x2 - middle) * lengths[2]
            if in_plane < 0:
                continue
            foot_1 = -slopes[3][1] * y3 - slopes[2][1] * y2
            foot_0 = -slopes[3][0] * y3 - slopes[2][0] * y2 - slopes[1][0] * foot_1
            foot = _combined((foot_0, foot_1, y2, y3), embedded)
            at = (part[0] + foot_0, part[1] + foot_1)
            for x0, x1 in _in_plane(basis, embedded, foot, at, in_plane, radius):
                yield x0, x1, x2, x3


def _in_plane(
    basis: ReducedBasis, embedded: list[Vector], foot: Vector, at: Pair, left: float, radius: float
) -> Iterator[tuple[int, int]]:
    """Yield the coefficients (x0, x1) of points of a plane in the body.

    Args:
        basis: see `points_inside`.
        embedded: see `points_inside`.
        foot: the point of the plane nearest to the origin.
        at: its coefficients.
        left: squared radius of the ball's cut of the plane.
        radius: R.
    """
    plane = _Plane(basis=basis, vectors=(embedded[0], embedded[1]), foot=foot, left=left, radius=radius)
    segment, disk = plane.strip(0, _in_segment), plane.strip(2, _in_disk)
    if segment is None or disk is None:
        return
    flat = [(*segment.scaled(vector[:2]), *disk.scaled(vector[2:])) for vector in plane.vectors]
    center = (*segment.from_middle(foot[:2]), *disk.from_middle(foot[2:]))
    short, long = _gauss(flat)  # each as coefficients of the plane's two vectors
    determinant = short[0] * long[1] - short[1] * long[0]
    a, b = (_combined(pair, flat) for pair in (short, long))
    across = _combined((1.0, -_dot(a, b) / _dot(a, a)), (b, a))
    height = _dot(across, across)
    place = (at[1] * short[0] - at[0] * short[1]) / determinant  # of the foot, along `long`
    line = _combined(short, plane.vectors)
    for n in _integers(place - _dot(center, across) / height, sqrt(4 * (1 + _MARGIN) / height)):
        x = (n * long[0], n * long[1])
        start = _combined((1.0, x[0] - at[0], x[1] - at[1]), (foot, *plane.vectors))
        low, high = _both(
            _in_segment(start[:2], line[:2], radius, 0.0), _in_disk(start[2:], line[2:], radius, 0.0)
        )
        for m in range(ceil(low - _MARGIN), floor(high + _MARGIN) + 1):
            yield x[0] + m * short[0], x[1] + m * short[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strip:
    """A strip in two of the coordinates that holds the cut of a plane of points with segment or disk.

    Args:
        along: unit vector of the direction in which the plane's points move most.
        middle: of the strip, along it.
        half_width: of the strip.
        reach: how far points of the ball's cut move the other way.
    """

    along: Pair
    middle: float
    half_width: float
    reach: float

    def scaled(self, pair: Pair) -> Pair:
        """Return the parts of a vector along and across, each in units of its size."""
        x, y = self.along
        return (x * pair[0] + y * pair[1]) / self.half_width, (x * pair[1] - y * pair[0]) / self.reach

    def from_middle(self, foot: Pair) -> Pair:
        """Return the plane's foot from the middle of the cut."""
        return self.scaled(foot)[0] - self.middle / self.half_width, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plane:
    """A plane of lattice points and the ball's cut of it: see `_in_plane`."""

    basis: ReducedBasis
    vectors: tuple[Vector, Vector]
    foot: Vector
    left: float
    radius: float

    def strip(self, start: int, cut: Callable[[Pair, Pair, float, float], Interval]) -> _Strip | None:
        """Return the strip of two coordinates for segment or disk, or None where the plane misses it.

        Points of the ball's cut are within `reach` of the line through the foot along the strip, so this line meets
        the body widened by as much wherever one of them lies in the body.

        Args:
            start: 0 for (u, v), 2 for (c, d).
            cut: (point, step, R, widening) -> the t for which point + t step lies in segment or disk.
        """
        (a, b), (c, d), at = ((vector[start], vector[start + 1]) for vector in (*self.vectors, self.foot))
        size = sqrt(max(a * a + b * b, c * c + d * d))
        x, y = (a / size, b / size) if a * a + b * b >= c * c + d * d else (c / size, d / size)
        first, second = x * b - y * a, x * d - y * c
        second -= self.basis.slopes[1][0] * first
        moved = first * first / self.basis.lengths[0] + second * second / self.basis.lengths[1]
        least = self.radius * _MARGIN * _MARGIN
        reach = sqrt(self.left * moved) + least
        base = x * at[0] + y * at[1]
        low, high = cut((at[0] - base * x, at[1] - base * y), (x, y), self.radius, reach)
        low, high = max(low, base - sqrt(self.left)), min(high, base + sqrt(self.left))
        if low > high:
            return None
        return _Strip(along=(x, y), middle=(low + high) / 2, half_width=(high - low) / 2 + least, reach=reach)


def _in_segment(at: Pair, step: Pair, radius: float, wider: float) -> Interval:
    """Return the t for which at + t step lies in the segment, widened on all sides."""
    (u, v), (du, dv) = at, step
    edge = radius * (0.5 + _MARGIN) + wider
    slack = radius * (radius * (0.5 + _MARGIN) + 2.5 * wider) + wider * wider
    arch = _below(dv * dv, 2 * v * dv + radius * du / 2, v * v + radius * u / 2 - slack)
    return _both(_below(0.0, -du, -u - edge), arch)


def _in_disk(at: Pair, step: Pair, radius: float, wider: float) -> Interval:
    """Return the t for which at + t step lies in the disk, widened on all sides."""
    (c, d), (dc, dd) = at, step
    reach = radius * (1 + _MARGIN) + wider
    return _below(dc * dc + dd * dd, 2 * (c * dc + d * dd), c * c + d * d - reach * reach)


def _below(a: float, b: float, c: float) -> Interval:
    """Return the interval of t with a t^2 + b t + c <= 0, for a that is not negative."""
    if a == 0.0:
        if b == 0.0:
            return (-inf, inf) if c <= 0 else _NOWHERE
        return (-inf, -c / b) if b > 0 else (-c / b, inf)
    square = b * b - 4 * a * c
    if square < 0:
        return _NOWHERE
    half = -(b + copysign(sqrt(square), b)) / 2
    ends = (half / a, c / half if half else 0.0)
    return min(ends), max(ends)


def _both(x: Interval, y: Interval) -> Interval:
    return max(x[0], y[0]), min(x[1], y[1])


def _gauss(vectors: Sequence[Vector]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return coefficients of a reduced basis of a plane lattice, the shorter vector first."""
    (x, a), (y, b) = ((1, 0), vectors[0]), ((0, 1), vectors[1])
    if _dot(a, a) > _dot(b, b):
        x, a, y, b = y, b, x, a
    while True:
        times = round(_dot(a, b) / _dot(a, a))
        y = (y[0] - times * x[0], y[1] - times * x[1])
        b = _combined(y, vectors)
        if not times or _dot(b, b) >= _dot(a, a):
            return x, y
        x, a, y, b = y, b, x, a


def _integers(middle: float, radius: float) -> range:
    """Return the integers within a radius, and perhaps one beyond on each side."""
    return range(ceil(middle - radius - _MARGIN), floor(middle + radius + _MARGIN) + 1)


def _combined(coefficients: Sequence[float], vectors: Sequence[Vector]) -> Vector:
    total: Vector = (0.0, 0.0, 0.0, 0.0)
    for t, (u, v, c, d) in zip(coefficients, vectors, strict=True):
        total = (total[0] + t * u, total[1] + t * v, total[2] + t * c, total[3] + t * d)
    return total


def _dot(x: Vector, y: Vector) -> float:
    return x[0] * y[0] + x[1] * y[1] + x[2] * y[2] + x[3] * y[3]
