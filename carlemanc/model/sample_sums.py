"""Sums over data samples of a function of one polynomial, as moments: the work that grows with the samples is
in matrix products.

The loss of one output is sum_a phi_a(f_a), phi_a known by its Taylor coefficients at the constant term of f_a.
With d = f - f(center), sum_k phi_k d^k splits as low + d^h (phi_h + phi_(h+1) d + ...): only half of the
degree is formed for each sample, and the product is summed over the samples by one matrix product for each
pair of degrees (plain algebra, derived here). A sum below its own rounding error counts as zero.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from carlemanc.model.batch_polynomial import (
    INDEX_LIMIT,
    MONOMIAL_LIMIT,
    BatchPolynomial,
    Monomials,
    add,
    merge_cols,
    too_many,
)
from carlemanc.model.coefficients import ROUNDING, Coefficients
from carlemanc.model.grouping import IntArray
from carlemanc.model.truncated import capped, compose, multiply

FloatArray = npt.NDArray[np.float64]


def sum_of_function(series: FloatArray, inner: BatchPolynomial, cap: int) -> BatchPolynomial:
    """Return sum_a sum_k series[k, a] inner_a^k for k >= 1 up to degree `cap`, with a second axis (sum, size).

    Args:
        series: (K + 1, samples).
        inner: one polynomial (a batch of size 1) without a constant term.
        cap: the largest degree kept.
    """
    series = series[: cap + 1]
    if len(series) <= 3:
        pieces = [_total(_times(series[1], inner))]
        if len(series) == 3:
            pieces.append(_weighted_square(inner, series[2], cap))
        return add(pieces)
    half = (len(series) - 1) // 2
    power, pieces = inner, []
    for k in range(1, half):
        pieces.append(_total(_times(series[k], power)))
        power = multiply(inner, power, cap)
    rest = compose(series[half:, None, :], inner, cap - half)
    return add([*pieces, _product(power, rest, cap, series.shape[1])])


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


def without_rounding(polynomial: BatchPolynomial) -> BatchPolynomial:
    """Return the sums alone, without those below the rounding error of their own additions."""
    parts = {}
    for degree, part in polynomial.parts.items():
        sums, sizes = part.coefficients.values.T
        live = np.flatnonzero(~(np.abs(sums) <= ROUNDING * sizes))
        if len(live):
            kept = Coefficients(values=sums[live])
            parts[degree] = Monomials(batch=part.batch[live], cols=part.cols[live], coefficients=kept)
    return BatchPolynomial(n=polynomial.n, size=polynomial.size, parts=parts)


def _times(factor: FloatArray, inner: BatchPolynomial) -> BatchPolynomial:
    """Return the polynomial of each sample times the factor of that sample, shape (samples,)."""
    return inner.scaled(Coefficients(values=factor[None, :]))


def _total(polynomial: BatchPolynomial) -> BatchPolynomial:
    """Return the sum over samples, as (sum, sum of absolute values)."""
    parts = {}
    for degree, part in polynomial.parts.items():
        values = part.coefficients.floats()
        sums = np.stack((values.sum(axis=1), np.abs(values).sum(axis=1)), axis=1)
        parts[degree] = Monomials(batch=part.batch, cols=part.cols, coefficients=Coefficients(values=sums))
    return BatchPolynomial(n=polynomial.n, size=polynomial.size, parts=parts)


def _weighted_square(inner: BatchPolynomial, weights: FloatArray, cap: int) -> BatchPolynomial:
    """Return sum_a weights[a] inner_a^2, each pair of monomials met once."""
    pieces: dict[int, list[Monomials]] = {}
    degrees = sorted(inner.parts)
    for place, first in enumerate(degrees):
        for second in degrees[place:]:
            if first + second > cap:
                continue
            left, right = inner.parts[first], inner.parts[second]
            sums, sizes = _inner_products(left, right, weights)
            if first == second:
                rows, columns = np.triu_indices(left.count)
                factor = np.where(rows == columns, 1.0, 2.0)
            else:
                rows, columns = _all_pairs(left.count, right.count)
                factor = np.full(len(rows), 2.0)
            values = np.stack((sums[rows, columns] * factor, sizes[rows, columns] * factor), axis=1)
            pieces.setdefault(first + second, []).append(_pair(left, right, rows, columns, values))
    return _assembled(inner, pieces)


def _product(left: BatchPolynomial, right: BatchPolynomial, cap: int, samples: int) -> BatchPolynomial:
    """Return sum_a left_a right_a."""
    pieces: dict[int, list[Monomials]] = {}
    weights = np.ones(samples)
    for first, one in left.parts.items():
        for second, other in capped(right, cap - first).parts.items():
            sums, sizes = _inner_products(one, other, weights)
            rows, columns = _all_pairs(one.count, other.count)
            values = np.stack((sums.ravel(), sizes.ravel()), axis=1)
            pieces.setdefault(first + second, []).append(_pair(one, other, rows, columns, values))
    return _assembled(left, pieces)


def _inner_products(left: Monomials, right: Monomials, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return sum_a weights[a] left[i, a] right[j, a] for all i, j, and the same of absolute values."""
    count, degree = left.count * right.count, left.cols.shape[1] + right.cols.shape[1]
    if count * degree > INDEX_LIMIT:
        raise too_many(count, degree)
    first, second = _per_sample(left, weights) * weights, _per_sample(right, weights)
    return first @ second.T, np.abs(first) @ np.abs(second).T


def _per_sample(part: Monomials, weights: FloatArray) -> FloatArray:
    values = part.coefficients.floats()
    return values if values.ndim == 2 else np.broadcast_to(values[:, None], (part.count, len(weights)))


def _all_pairs(left: int, right: int) -> tuple[IntArray, IntArray]:
    return np.repeat(np.arange(left), right), np.tile(np.arange(right), left)


def _pair(
    left: Monomials, right: Monomials, rows: IntArray, columns: IntArray, values: FloatArray
) -> Monomials:
    return Monomials(
        batch=np.zeros(len(rows), dtype=np.int64),
        cols=merge_cols(left.cols[rows], right.cols[columns]),
        coefficients=Coefficients(values=values),
    )


def _assembled(like: BatchPolynomial, pieces: dict[int, list[Monomials]]) -> BatchPolynomial:
    """Return the pieces as one polynomial, equal monomials added."""
    polynomials = [
        BatchPolynomial(n=like.n, size=1, parts={degree: piece})
        for degree, found in pieces.items()
        for piece in found
    ]
    return add([BatchPolynomial(n=like.n, size=1, parts={}), *polynomials]).collected()
