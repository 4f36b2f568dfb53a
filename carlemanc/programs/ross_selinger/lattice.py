"""Lattices in exact integers: a reduced basis.

Comes in: the Gram matrix of a basis, scaled to integers. Goes out: an LLL-reduced basis (A. K. Lenstra, H. W. Lenstra,
L. Lovász 1982, in the integral form of Cohen's Algorithm 2.6.7). Integers decide, so the basis is the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

Matrix = list[list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducedBasis:
    """An LLL-reduced basis.

    Args:
        rows: basis vectors in the coordinates of the given basis.
        inverse: the inverse matrix, in integers.
        lengths: squared lengths of the orthogonalized vectors, in units of the Gram matrix.
        slopes: coefficients of the orthogonalization, slopes[i][j] for j < i.
    """

    rows: Matrix
    inverse: Matrix
    lengths: list[float]
    slopes: list[list[float]]


def reduce_basis(gram: Matrix, scale: int, start: ReducedBasis | None = None) -> ReducedBasis:
    """Return a reduced basis for a positive definite Gram matrix of integers, of which `scale` is the unit.

    The work is little where `start` is reduced for a similar matrix.
    """
    size = len(gram)
    unit = [[int(i == j) for j in range(size)] for i in range(size)]
    rows, inverse = (
        [row[:] for row in of] for of in ((start.rows, start.inverse) if start else (unit, unit))
    )
    minors = [1] * (size + 1)
    slopes = [[0] * size for _ in range(size)]
    half = [[_dot(row, line) for line in gram] for row in rows]
    products = [[_dot(line, row) for row in rows] for line in half]

    def orthogonalize(i: int) -> None:
        for j in range(i + 1):
            value = products[i][j]
            for k in range(j):
                value = (minors[k + 1] * value - slopes[i][k] * slopes[j][k]) // minors[k]
            if j < i:
                slopes[i][j] = value
            else:
                minors[i + 1] = value

    def subtract(i: int, j: int) -> None:
        """Take the nearest multiple of vector j from vector i."""
        times = (2 * slopes[i][j] + minors[j + 1]) // (2 * minors[j + 1])
        if not times:
            return
        for k in range(size):
            rows[i][k] -= times * rows[j][k]
            inverse[k][j] += times * inverse[k][i]
        for k in range(size):
            products[i][k] -= times * products[j][k]
        for k in range(size):
            products[k][i] -= times * products[k][j]
        slopes[i][j] -= times * minors[j + 1]
        for k in range(j):
            slopes[i][k] -= times * slopes[j][k]

    def swap(i: int) -> None:
        """Exchange vectors i - 1 and i."""
        rows[i], rows[i - 1] = rows[i - 1], rows[i]
        products[i], products[i - 1] = products[i - 1], products[i]
        for k in range(size):
            line = inverse[k]
            line[i], line[i - 1] = line[i - 1], line[i]
            line = products[k]
            line[i], line[i - 1] = line[i - 1], line[i]
        for k in range(i - 1):
            slopes[i][k], slopes[i - 1][k] = slopes[i - 1][k], slopes[i][k]
        slope, before, here, after = slopes[i][i - 1], minors[i - 1], minors[i], minors[i + 1]
        new = (before * after + slope * slope) // here
        for k in range(i + 1, reached + 1):
            old = slopes[k][i]
            slopes[k][i] = (after * slopes[k][i - 1] - slope * old) // here
            slopes[k][i - 1] = (new * old + slope * slopes[k][i]) // after
        minors[i] = new

    orthogonalize(0)
    i, reached = 1, 0
    while i < size:
        if i > reached:
            reached = i
            orthogonalize(i)
        subtract(i, i - 1)
        if 4 * (minors[i + 1] * minors[i - 1] + slopes[i][i - 1] ** 2) < 3 * minors[i] ** 2:
            swap(i)
            i = max(1, i - 1)
        else:
            for j in range(i - 2, -1, -1):
                subtract(i, j)
            i += 1
    return ReducedBasis(
        rows=rows,
        inverse=inverse,
        lengths=[minors[i + 1] / (minors[i] * scale) for i in range(size)],
        slopes=[[slopes[i][j] / minors[j + 1] for j in range(size)] for i in range(size)],
    )


def _dot(x: list[int], y: list[int]) -> int:
    return sum(a * b for a, b in zip(x, y, strict=True))
