"""Truncated arithmetic on sparse polynomials with a coefficient for each data sample, many at a time.

One set of monomials serves all samples, and degrees above a cap are never formed. With the cap at the degree
of the result this is plain polynomial arithmetic; below it, it is the exact arithmetic of multivariate Taylor
polynomials (jets), that is automatic differentiation of any order. Equal monomials are added by a product
with a sparse matrix, a few hundred samples at a time, so that products of pairs are never stored whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.polynomials.batch_polynomial import (
    INDEX_LIMIT,
    SampleBlockTooLarge,
    merge_cols,
    pair_count,
    paired_rows,
    too_many,
)
from carlemanc.model.polynomials.grouping import group_rows
from carlemanc.model.polynomials.sample_polynomials import SamplePart, SamplePolynomials, constants

ENTRY_LIMIT = 10_000_000
"""The most coefficients (monomials times samples) of one degree held at once, 80 MB."""
CHUNK_ENTRIES = 2_000_000
"""Products of pairs are formed for as many samples at a time as make this many."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """Terms to be added up: `weights[k] * source.values[rows[k]]` for the monomial (member, cols)[k]."""

    member: IntArray
    cols: IntArray
    rows: IntArray
    weights: FloatArray
    source: FloatArray


def assemble(like: SamplePolynomials, terms: Mapping[int, Sequence[Terms]]) -> SamplePolynomials:
    """Return the sum of terms, degree by degree, equal monomials added."""
    parts = {degree: _added(like, found) for degree, found in terms.items() if found}
    return like.like({degree: part for degree, part in sorted(parts.items()) if part.count})


def multiply(left: SamplePolynomials, right: SamplePolynomials, cap: int) -> SamplePolynomials:
    """Return the products, member by member, up to degree `cap`."""
    pieces: dict[int, list[_Pairs]] = {}
    for first, one in left.parts.items():
        for second, other in right.capped(cap - first).parts.items():
            rows, columns = _pairs(one, other, left.size)
            weights = np.ones(len(rows))
            pieces.setdefault(first + second, []).append(_Pairs.of(one, other, rows, columns, weights))
    return _multiplied(left, pieces)


def square(inner: SamplePolynomials, cap: int) -> SamplePolynomials:
    """Return the squares up to degree `cap`, each pair of monomials met once."""
    pieces: dict[int, list[_Pairs]] = {}
    for first, one in inner.parts.items():
        for second, other in inner.capped(cap - first).parts.items():
            if second < first:
                continue
            rows, columns = _pairs(one, other, inner.size)
            if first == second:
                kept = rows <= columns
                rows, columns = rows[kept], columns[kept]
                weights = np.where(rows == columns, 1.0, 2.0)
            else:
                weights = np.full(len(rows), 2.0)
            pieces.setdefault(first + second, []).append(_Pairs.of(one, other, rows, columns, weights))
    return _multiplied(inner, pieces)


def add(polynomials: Sequence[SamplePolynomials]) -> SamplePolynomials:
    """Return the sum of polynomials of one shape."""
    terms: dict[int, list[Terms]] = {}
    for polynomial in polynomials:
        for degree, part in polynomial.parts.items():
            every = np.arange(part.count)
            ones = np.ones(part.count)
            terms.setdefault(degree, []).append(
                Terms(member=part.member, cols=part.cols, rows=every, weights=ones, source=part.values)
            )
    return assemble(polynomials[0], terms)


def compose(series: FloatArray, inner: SamplePolynomials, cap: int) -> SamplePolynomials:
    """Return sum_k series[k] inner^k up to degree `cap`.

    Args:
        series: (K + 1, size, samples) Taylor coefficients.
        inner: polynomials without constant terms, so that inner^k starts at degree k.
        cap: the largest degree kept.
    """
    last = min(len(series) - 1, cap)
    if last == 0:
        return constants(inner.n, series[0])
    if last == 2:
        terms = [inner.capped(cap).times(series[1]), square(inner, cap).times(series[2])]
        return add(terms).plus_constants(series[0])
    result = inner.capped(cap - last + 1).times(series[last])
    for k in reversed(range(1, last)):
        result = multiply(inner, result.plus_constants(series[k]), cap - k + 1)
    return result.plus_constants(series[0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairs:
    """Products of two parts: weights[k] left[rows[k]] right[columns[k]] for the monomial (member, cols)[k]."""

    member: IntArray
    cols: IntArray
    rows: IntArray
    columns: IntArray
    weights: FloatArray
    left: FloatArray
    right: FloatArray

    @classmethod
    def of(
        cls, left: SamplePart, right: SamplePart, rows: IntArray, columns: IntArray, weights: FloatArray
    ) -> _Pairs:
        return cls(
            member=left.member[rows],
            cols=merge_cols(left.cols[rows], right.cols[columns]),
            rows=rows,
            columns=columns,
            weights=weights,
            left=left.values,
            right=right.values,
        )


def _pairs(left: SamplePart, right: SamplePart, size: int) -> tuple[IntArray, IntArray]:
    """Return the rows of every pair of monomials of one member, ordered by member."""
    count, degree = pair_count(left.member, right.member, size), left.cols.shape[1] + right.cols.shape[1]
    if count * max(degree, 1) > INDEX_LIMIT:
        raise too_many(count, degree)
    return paired_rows(left.member, right.member, size)


def _multiplied(like: SamplePolynomials, pieces: Mapping[int, Sequence[_Pairs]]) -> SamplePolynomials:
    """Return the sums of products, degree by degree."""
    parts = {}
    for degree, found in sorted(pieces.items()):
        members = np.concatenate([piece.member for piece in found])
        cols = np.concatenate([piece.cols for piece in found])
        first, place = _places(like, members, cols)
        _check_entries(len(first), like.samples)
        values = np.zeros((len(first), like.samples))
        stop = 0
        for piece in found:
            start, stop = stop, stop + len(piece.member)
            matrix = _summing(place[start:stop], np.arange(stop - start), piece.weights, len(first))
            width = max(CHUNK_ENTRIES // max(stop - start, 1), 1)
            for low in range(0, like.samples, width):
                chunk = slice(low, low + width)
                values[:, chunk] += matrix @ (
                    piece.left[piece.rows, chunk] * piece.right[piece.columns, chunk]
                )
        part = _nonzero(SamplePart(member=members[first], cols=cols[first], values=values))
        if part.count:
            parts[degree] = part
    return like.like(parts)


def _added(like: SamplePolynomials, terms: Sequence[Terms]) -> SamplePart:
    members = np.concatenate([term.member for term in terms])
    cols = np.concatenate([term.cols for term in terms])
    first, place = _places(like, members, cols)
    _check_entries(len(first), like.samples)
    values = np.zeros((len(first), like.samples))
    stop = 0
    for term in terms:
        start, stop = stop, stop + len(term.member)
        values += (
            _summing(place[start:stop], term.rows, term.weights, len(first), len(term.source)) @ term.source
        )
    return _nonzero(SamplePart(member=members[first], cols=cols[first], values=values))


def _places(like: SamplePolynomials, members: IntArray, cols: IntArray) -> tuple[IntArray, IntArray]:
    """Return one row of each distinct (member, monomial), sorted, and for each row the place of its own."""
    groups = group_rows([members, *cols.T], [like.size, *[like.n] * cols.shape[1]])
    place = np.empty(len(members), dtype=np.int64)
    place[groups.order] = np.repeat(np.arange(groups.count), groups.sizes)
    return groups.first, place


def _summing(
    place: IntArray, rows: IntArray, weights: FloatArray, count: int, width: int | None = None
) -> sparse.csr_matrix:
    """Return the sparse matrix that adds weighted rows into their places."""
    shape = (count, len(rows) if width is None else width)
    return sparse.csr_matrix((weights, (place, rows)), shape=shape)


def _nonzero(part: SamplePart) -> SamplePart:
    live = part.values.any(axis=1)
    if live.all():
        return part
    return SamplePart(member=part.member[live], cols=part.cols[live], values=part.values[live])


def _check_entries(monomials: int, samples: int) -> None:
    if monomials * samples <= ENTRY_LIMIT:
        return
    if samples > 1:
        raise SampleBlockTooLarge
    raise too_many(monomials)
