"""Sums over data samples of a function of one polynomial, as moments: the work that grows with the samples is
in matrix products.

The loss of one output is sum_a phi_a(f_a), phi_a known by its Taylor coefficients at the constant term of f_a.
With d = f - f(center), sum_k phi_k d^k splits as low + d^h (phi_h + phi_(h+1) d + ...): only half of the
degree is formed for each sample, and the product is summed over the samples by one matrix product for each
pair of degrees (plain algebra, derived here). A negligible sum counts as zero (`coefficients`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.polynomials.batch_polynomial import (
    INDEX_LIMIT,
    MONOMIAL_LIMIT,
    BatchPolynomial,
    Monomials,
    add,
    merge_cols,
    too_many,
)
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.sample_polynomials import SamplePart, SamplePolynomials
from carlemanc.model.polynomials.truncated import compose, multiply


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Sums over samples of products of coefficients: one for each pair of a left and a right monomial.

    Attributes:
        left, right: (p, d1) and (q, d2) ascending indices.
        sums: (p, q).
        sizes: (p, q) the same sums of absolute values.
        symmetric: the lists are one list, and a pair stands for both of its orders.
    """

    left: IntArray
    right: IntArray
    sums: FloatArray
    sizes: FloatArray
    symmetric: bool = False

    def plus(self, other: Moments) -> Moments | None:
        """Return the sum with moments of other samples, None where the monomials differ."""
        same = self.symmetric == other.symmetric and np.array_equal(self.left, other.left)
        if not (same and np.array_equal(self.right, other.right)):
            return None
        return Moments(
            left=self.left,
            right=self.right,
            sums=self.sums + other.sums,
            sizes=self.sizes + other.sizes,
            symmetric=self.symmetric,
        )

    def monomials(self) -> Monomials:
        """Return the products with coefficients (sum, size); equal ones are not added yet."""
        if self.symmetric:
            rows, columns = np.triu_indices(len(self.left))
            factor = np.where(rows == columns, 1.0, 2.0)
        else:
            rows = np.repeat(np.arange(len(self.left)), len(self.right))
            columns = np.tile(np.arange(len(self.right)), len(self.left))
            factor = np.ones(len(rows))
        values = np.stack((self.sums[rows, columns] * factor, self.sizes[rows, columns] * factor), axis=1)
        return Monomials(
            batch=np.zeros(len(rows), dtype=np.int64),
            cols=merge_cols(self.left[rows], self.right[columns]),
            coefficients=Coefficients(values=values),
        )


def moments_of_function(series: FloatArray, inner: SamplePolynomials, cap: int) -> list[Moments]:
    """Return what adds up to sum_a sum_k series[k, a] inner_a^k for k >= 1, up to degree `cap`.

    Args:
        series: (K + 1, samples).
        inner: one polynomial (size 1) without a constant term.
        cap: the largest degree kept.
    """
    series = series[: cap + 1]
    if len(series) <= 3:
        pieces = _totals(inner.capped(cap), series[1])
        return pieces if len(series) < 3 else [*pieces, *_squares(inner, series[2], cap)]
    half = (len(series) - 1) // 2
    power, pieces = inner, []
    for k in range(1, half):
        pieces.extend(_totals(power, series[k]))
        power = multiply(inner, power, cap)
    rest = compose(series[half:, None, :], inner, cap - half)
    return [*pieces, *_products(power, rest, cap)]


def expanded(n: int, moments: Iterable[Moments]) -> BatchPolynomial:
    """Return the polynomial that moments stand for, with coefficients (sum, size), equal monomials added."""
    pieces = []
    for moment in moments:
        part = moment.monomials()
        parts = {part.cols.shape[1]: part} if part.count else {}
        pieces.append(BatchPolynomial(n=n, size=1, parts=parts))
    return add([BatchPolynomial(n=n, size=1, parts={}), *pieces]).collected()


def merge(pieces: Iterable[BatchPolynomial]) -> BatchPolynomial:
    """Return the sum of polynomials, adding up on the way whenever they have grown long."""
    waiting: list[BatchPolynomial] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += sum(part.count for part in piece.parts.values())
        if length > MONOMIAL_LIMIT and len(waiting) > 1:
            waiting = [add(waiting).collected()]
            length = sum(part.count for part in waiting[0].parts.values())
    return add(waiting).collected()


def _totals(polynomial: SamplePolynomials, weights: FloatArray) -> list[Moments]:
    """Return sum_a weights[a] polynomial_a."""
    nothing = np.zeros((1, 0), dtype=np.int64)
    return [
        Moments(
            left=part.cols,
            right=nothing,
            sums=(part.values @ weights)[:, None],
            sizes=(np.abs(part.values) @ np.abs(weights))[:, None],
        )
        for part in polynomial.parts.values()
    ]


def _squares(inner: SamplePolynomials, weights: FloatArray, cap: int) -> list[Moments]:
    """Return sum_a weights[a] inner_a^2, each pair of degrees met once."""
    result = []
    for first, left in inner.parts.items():
        for second, right in inner.capped(cap - first).parts.items():
            if second >= first:
                factor = weights if first == second else 2 * weights
                result.append(_inner_products(left, right, factor, symmetric=first == second))
    return result


def _products(left: SamplePolynomials, right: SamplePolynomials, cap: int) -> list[Moments]:
    """Return sum_a left_a right_a."""
    weights = np.ones(left.samples)
    return [
        _inner_products(one, other, weights, symmetric=False)
        for first, one in left.parts.items()
        for other in right.capped(cap - first).parts.values()
    ]


def _inner_products(left: SamplePart, right: SamplePart, weights: FloatArray, *, symmetric: bool) -> Moments:
    """Return sum_a weights[a] left[i, a] right[j, a] for all i, j."""
    count, degree = left.count * right.count, left.cols.shape[1] + right.cols.shape[1]
    if count * degree > INDEX_LIMIT:
        raise too_many(count, degree)
    weighted = left.values * weights
    return Moments(
        left=left.cols,
        right=right.cols,
        sums=weighted @ right.values.T,
        sizes=np.abs(weighted) @ np.abs(right.values).T,
        symmetric=symmetric,
    )
