"""Tensor trains over bits: a function of 2^m sites as m small matrices a bit value, most significant bit first.

f(x) = A_1[x_1] A_2[x_2] ... A_m[x_m], A_k[x] of shape (r_{k-1}, r_k), r_0 = r_m = 1. Sums add the ranks r_k, products
multiply them, and `rounded` brings them down to what the function needs. Work O(m r^3); nothing of size n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray

TOLERANCE = 2e-13
"""Singular values below this share of the norm are cut: above what rounding leaves of zeros (7e-14 was seen)."""
_CLOSE = 1e-6
"""Numbers this close in ratio count as equal when a basis is chosen, so that the last bits choose none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Train:
    """`cores[k]` has shape (r_k, 2, r_{k+1}) and holds A_{k+1}."""

    cores: tuple[FloatArray, ...]

    @property
    def bits(self) -> int:
        """m."""
        return len(self.cores)

    @property
    def ranks(self) -> tuple[int, ...]:
        """r_1..r_{m-1}."""
        return tuple(core.shape[2] for core in self.cores[:-1])

    @property
    def rank(self) -> int:
        """The largest of them."""
        return max(self.ranks, default=1)

    def at(self, sites: IntArray) -> FloatArray:
        """Return the values at sites, (k,)."""
        rows = np.ones((len(sites), 1))
        for position, core in enumerate(self.cores):
            bit = np.asarray(sites) >> (self.bits - 1 - position) & 1
            rows = np.einsum("ka,kab->kb", rows, core.transpose(1, 0, 2)[bit])
        return np.asarray(rows[:, 0])

    def norm(self) -> float:
        """Return the 2-norm over all 2^m sites; squares are not formed, so it overflows no earlier than itself."""
        rest, scale = np.ones((1, 1)), 1.0
        for core in self.cores[::-1]:
            matrix = np.einsum("axb,bc->axc", core, rest).reshape(core.shape[0], -1)
            rest = np.asarray(np.linalg.qr(matrix.T, mode="r")).T
            size = float(np.abs(rest).max(initial=0.0))
            if not size:
                return 0.0
            rest, scale = rest / size, scale * size
        return scale * float(abs(rest[0, 0]))

    def inner(self, other: Train) -> float:
        """Return the sum over all sites of the product with another train."""
        rest = np.ones((1, 1))
        for a, b in zip(self.cores, other.cores, strict=True):
            rest = np.einsum("ac,axb,cxd->bd", rest, a, b, optimize=True)
        return float(rest[0, 0])

    def scaled(self, factor: float) -> Train:
        """Return the train times a number."""
        return Train(cores=(self.cores[0] * factor, *self.cores[1:]))

    def plus(self, other: Train) -> Train:
        """Return the sum, ranks added."""
        if self.bits == 1:
            return Train(cores=(self.cores[0] + other.cores[0],))
        cores = []
        for position, (a, b) in enumerate(zip(self.cores, other.cores, strict=True)):
            if position == 0:
                cores.append(np.concatenate([a, b], axis=2))
            elif position == self.bits - 1:
                cores.append(np.concatenate([a, b], axis=0))
            else:
                core = np.zeros((a.shape[0] + b.shape[0], 2, a.shape[2] + b.shape[2]))
                core[: a.shape[0], :, : a.shape[2]] = a
                core[a.shape[0] :, :, a.shape[2] :] = b
                cores.append(core)
        return Train(cores=tuple(cores))

    def times(self, other: Train) -> Train:
        """Return the product site by site, ranks multiplied."""
        cores = [
            np.einsum("axb,cxd->acxbd", a, b).reshape(a.shape[0] * b.shape[0], 2, a.shape[2] * b.shape[2])
            for a, b in zip(self.cores, other.cores, strict=True)
        ]
        return Train(cores=tuple(cores))

    def rounded(self, tolerance: float = TOLERANCE) -> Train:
        """Return the train with the least ranks to a share of its norm, its rows orthonormal but for the first core.

        A basis is chosen by rounded comparisons alone, so that it is the same, to rounding, on every machine. Raises
        OverflowError where a number is not finite.
        """
        cores = list(self.cores)
        for position in range(self.bits - 1):
            rows, _, columns = cores[position].shape
            basis, rest = np.linalg.qr(cores[position].reshape(2 * rows, columns))
            cores[position] = basis.reshape(rows, 2, -1)
            cores[position + 1] = np.einsum("ab,bxc->axc", rest, cores[position + 1])
        for position in range(self.bits - 1, 0, -1):
            rows, _, columns = cores[position].shape
            matrix = cores[position].reshape(rows, 2 * columns)
            basis = row_basis(matrix, tolerance)
            cores[position] = basis.reshape(-1, 2, columns)
            cores[position - 1] = np.einsum("axb,bc->axc", cores[position - 1], matrix @ basis.T)
        return Train(cores=tuple(cores))


def row_basis(matrix: FloatArray, tolerance: float) -> FloatArray:
    """Return an orthonormal basis of the rows, in the order of their singular values, (r, columns); r >= 1.

    Directions below `tolerance` times the norm are left out. Within a group of equal singular values, where a singular
    vector is any of a space, the basis is the one that pivoting on the first large coordinate gives; so are signs.
    Raises OverflowError where a number is not finite.
    """
    if not np.all(np.isfinite(matrix)):
        raise OverflowError("a train with numbers beyond the range of doubles")
    with np.errstate(under="ignore"):
        _, values, rows = np.linalg.svd(matrix, full_matrices=False)
    shares = values / values[0] if values[0] else values  # their squares would overflow before they do
    kept = max(1, int(np.count_nonzero(shares > tolerance * np.linalg.norm(shares))))
    found, start = [], 0
    for stop in range(1, kept + 1):
        if stop == kept or values[stop] < (1 - _CLOSE) * values[start]:
            found.append(settled(rows[start:stop]))
            start = stop
    return np.concatenate(found)


def settled(rows: FloatArray) -> FloatArray:
    """Return the orthonormal basis of a space, given by any, that pivoting gives: its own, not that of the rows."""
    left, found = rows, []
    for _ in range(len(rows)):
        sizes = np.linalg.norm(left, axis=0)
        pivot = int(np.flatnonzero(sizes >= (1 - _CLOSE) * sizes.max())[0])
        weights = left[:, pivot] / sizes[pivot]
        found.append(weights @ left)
        _, _, others = np.linalg.svd(weights[None, :])
        left = others[1:] @ left
    return np.array(found)


def product_train(factors: Sequence[tuple[float, float]]) -> Train:
    """Return the train of rank 1 of a product over bits, `factors[k][x]` of bit value x, highest bit first."""
    return Train(cores=tuple(np.array(pair, dtype=np.float64).reshape(1, 2, 1) for pair in factors))


def constant_train(value: float, bits: int) -> Train:
    """Return the same value at every site."""
    return product_train([(value, value), *[(1.0, 1.0)] * (bits - 1)])
