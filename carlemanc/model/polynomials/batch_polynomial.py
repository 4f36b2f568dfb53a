"""Sparse polynomials in the weights, a whole batch at a time: one for each value of the Sum indices.

A Sum over n sites is one batch of n polynomials of a few monomials each, worked on by whole-array
operations; closing the Sum adds the batch up. Coefficients may carry a second axis, one value for each
data sample, so that a loss over samples keeps one set of monomials however many samples there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.core.errors import TooLarge
from carlemanc.model.polynomials.coefficients import Coefficients, concatenate, without_sizes
from carlemanc.model.polynomials.grouping import concatenated_ranges, group_rows

MONOMIAL_LIMIT = 5_000_000
ENTRY_LIMIT = 10_000_000
"""The most coefficients (monomials times samples) held at once."""
INDEX_LIMIT = 60_000_000
"""The most indices of products (pairs of monomials times degree) held at once, about 1.5 GB with copies."""


class SampleBlockTooLarge(Exception):
    """The coefficients of a block of samples exceed ENTRY_LIMIT: take fewer samples at a time."""


Found = TypeVar("Found")


def in_blocks(samples: int, compute: Callable[[int], Found]) -> Found:
    """Return `compute(block)`, for all samples at once or, while a block is too large, for half as many at a time."""
    block = samples
    while True:
        try:
            return compute(block)
        except SampleBlockTooLarge:
            block = (block + 1) // 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Monomials:
    """The monomials of one degree, sorted by batch member and distinct within it.

    Attributes:
        batch: (t,) the member each belongs to, ascending.
        cols: (t, degree) ascending weight indices.
        coefficients: t rows.
    """

    batch: IntArray
    cols: IntArray
    coefficients: Coefficients

    @property
    def count(self) -> int:
        """The number of monomials t, over the whole batch."""
        return len(self.batch)

    @property
    def samples(self) -> int:
        """The length of the sample axis, 1 where there is none."""
        values = self.coefficients.values
        return int(values.shape[1]) if values.ndim == 2 else 1

    def take(self, rows: IntArray) -> Monomials:
        """Return the chosen rows, in that order."""
        chosen = self.coefficients.take(rows)
        return Monomials(batch=self.batch[rows], cols=self.cols[rows], coefficients=chosen)

    def nonzero(self) -> Monomials:
        """Drop zero coefficients."""
        live = self.coefficients.nonzero_rows()
        return self if len(live) == self.count else self.take(live)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchPolynomial:
    """`size` polynomials in n weights; `parts` maps a degree to its monomials (absent: none)."""

    n: int
    size: int
    parts: Mapping[int, Monomials]

    @classmethod
    def scalar(cls, n: int, coefficients: Coefficients) -> BatchPolynomial:
        """Return polynomials of degree 0, one for each row of the coefficients."""
        size = coefficients.rows
        cols = np.zeros((size, 0), dtype=np.int64)
        part = Monomials(batch=np.arange(size), cols=cols, coefficients=coefficients).nonzero()
        return cls(n=n, size=size, parts={0: part} if part.count else {})

    def scaled(self, factor: Coefficients) -> BatchPolynomial:
        """Return each polynomial times its row of `factor` (`size` rows)."""
        return self._with(lambda part: part.coefficients * factor.take(part.batch))

    def negated(self) -> BatchPolynomial:
        """Return minus each polynomial."""
        return self._with(lambda part: part.coefficients.negated())

    def without_sizes(self) -> BatchPolynomial:
        """Return the sums alone, where coefficients are (sum, sum of absolute values), negligible ones zero."""
        return self._with(lambda part: without_sizes(part.coefficients))

    def _with(self, coefficients: Callable[[Monomials], Coefficients]) -> BatchPolynomial:
        """Return the same monomials with other coefficients, but for those that are zero."""
        parts = {
            degree: replace(part, coefficients=coefficients(part)).nonzero()
            for degree, part in self.parts.items()
        }
        return replace(self, parts=_present(parts))

    def __mul__(self, other: BatchPolynomial) -> BatchPolynomial:
        products: dict[int, list[tuple[Monomials, bool]]] = {}
        for left_degree, left in self.parts.items():
            for right_degree, right in other.parts.items():
                product = _product(left, right, self.size)
                products.setdefault(left_degree + right_degree, []).append(product)
        parts = {
            degree: pieces[0][0]
            if len(pieces) == 1 and pieces[0][1]
            else self._collect([p for p, _ in pieces])
            for degree, pieces in products.items()
        }
        return replace(self, parts=_present(parts))

    def power(self, exponent: int) -> BatchPolynomial:
        """Return each polynomial to a non-negative integer power."""
        result = BatchPolynomial.scalar(self.n, Coefficients.integers(np.ones(self.size, dtype=np.int64)))
        for _ in range(exponent):
            result = result * self
        return result

    def gathered(self, parent: IntArray, size: int) -> BatchPolynomial:
        """Add members up: member b goes to `parent[b]` of a batch of `size` (parents ascending)."""
        parts = {
            degree: _gather(replace(part, batch=parent[part.batch]), self.n, size)
            for degree, part in self.parts.items()
        }
        return BatchPolynomial(n=self.n, size=size, parts=_present(parts))

    def collected(self) -> BatchPolynomial:
        """Return the same polynomials with equal monomials added, for parts that may repeat some."""
        return self.gathered(np.arange(self.size), self.size)

    def _collect(self, pieces: Sequence[Monomials]) -> Monomials:
        merged = Monomials(
            batch=np.concatenate([piece.batch for piece in pieces]),
            cols=np.concatenate([piece.cols for piece in pieces]),
            coefficients=concatenate([piece.coefficients for piece in pieces]),
        )
        return _gather(merged, self.n, self.size)


def add(polynomials: Sequence[BatchPolynomial]) -> BatchPolynomial:
    """Return the sum of polynomials over one batch."""
    first = polynomials[0]
    pieces: dict[int, list[Monomials]] = {}
    for polynomial in polynomials:
        for degree, part in polynomial.parts.items():
            pieces.setdefault(degree, []).append(part)
    parts = {
        degree: found[0] if len(found) == 1 else first._collect(found) for degree, found in pieces.items()
    }
    return BatchPolynomial(n=first.n, size=first.size, parts=_present(parts))


def pairs(left: Monomials, right: Monomials, size: int) -> tuple[IntArray, IntArray]:
    """Return the rows of every pair of monomials of one member, ordered by member."""
    degree = left.cols.shape[1] + right.cols.shape[1]
    count = pair_count(left.batch, right.batch, size)
    if count * degree > INDEX_LIMIT:
        raise too_many(count, degree)
    check_size(count, 1)
    return paired_rows(left.batch, right.batch, size)


def pair_count(left: IntArray, right: IntArray, size: int) -> int:
    """Return how many pairs of one member there are, given the members of both."""
    return int(np.bincount(left, minlength=size) @ np.bincount(right, minlength=size))


def paired_rows(left: IntArray, right: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Return the rows of every pair of one member, given the ascending members of both."""
    counts = np.bincount(right, minlength=size)
    repeats, starts = counts[left], (np.cumsum(counts) - counts)[left]
    return np.repeat(np.arange(len(left)), repeats), concatenated_ranges(starts, repeats)


def check_size(monomials: int, samples: int) -> None:
    """Refuse what would not fit: too many monomials for good, too many samples for this block."""
    if monomials > 4 * MONOMIAL_LIMIT:
        raise too_many(monomials)
    if monomials * samples > ENTRY_LIMIT and samples > 1:
        raise SampleBlockTooLarge


def rows_at_once(samples: int) -> int:
    """Return how many rows of values at all samples are multiplied at a time, one at least."""
    return max(ENTRY_LIMIT // (4 * max(samples, 1)), 1)


def too_many(monomials: int, degree: int | None = None) -> TooLarge:
    """Return the error for a loss of too many monomials, or index values of a Sum."""
    what = "monomials or index values" if degree is None else f"monomials of degree {degree}"
    return TooLarge(
        "the loss",
        size=f"on the way it has {monomials:,} {what}",
        limit=f"{MONOMIAL_LIMIT:,}, and {4 * MONOMIAL_LIMIT:,} monomials or {INDEX_LIMIT:,} indices in them "
        "before equal ones are added",
        instead="Use fewer weights or features, or a lower degree; sums with every theta at a fixed offset from "
        "the Sum index have no limit.",
    )


def merge_cols(left: IntArray, right: IntArray) -> IntArray:
    """Return the ascending index tuples of products of monomials, (t, d1) and (t, d2) -> (t, d1 + d2)."""
    if not left.shape[1] or not right.shape[1]:
        return left if left.shape[1] else right
    return np.sort(np.concatenate((left, right), axis=1), axis=1)


def _product(left: Monomials, right: Monomials, size: int) -> tuple[Monomials, bool]:
    """Return the products of all pairs, and whether they are distinct already."""
    left_rows, right_rows = pairs(left, right, size)
    check_size(len(left_rows), max(left.samples, right.samples))
    product = Monomials(
        batch=left.batch[left_rows],
        cols=merge_cols(left.cols[left_rows], right.cols[right_rows]),
        coefficients=left.coefficients.take(left_rows) * right.coefficients.take(right_rows),
    )
    distinct = _at_most_one(left.batch) or _at_most_one(right.batch)
    return product, distinct


def _at_most_one(batch: IntArray) -> bool:
    return bool(np.all(batch[1:] != batch[:-1]))


def _gather(monomials: Monomials, n: int, size: int) -> Monomials:
    """Sort by member and monomial, adding equal ones."""
    if not monomials.count:
        return monomials
    columns = [monomials.batch, *monomials.cols.T]
    groups = group_rows(columns, [size, *[n] * monomials.cols.shape[1]])
    if groups.count > MONOMIAL_LIMIT:
        raise too_many(groups.count)
    first = groups.first
    return Monomials(
        batch=monomials.batch[first],
        cols=monomials.cols[first],
        coefficients=monomials.coefficients.sum_groups(groups),
    ).nonzero()


def _present(parts: Mapping[int, Monomials]) -> dict[int, Monomials]:
    return {degree: part for degree, part in parts.items() if part.count}
