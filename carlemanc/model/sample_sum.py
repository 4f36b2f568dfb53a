"""Recognize F_l = sum_a w_a v_a (x) v_a^(x)l + a diagonal rest, the form of losses of one inner product a sample.

For L = sum_a g(v_a . theta) + sum_i r(theta_i), F_l = -(eta/l!) sum_a g^(l+1)(z_a) v_a (x) v_a^(x)l + diagonal
(derived here from THEORY section 1). The weights are fitted to the coefficients given the vectors and every
coefficient is then compared, so the result holds about any center and for any subset of the samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement, permutations

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.model.polynomials.grouping import group_rows, multiplicities
from carlemanc.model.sparse_tensor import SparseTensor

_LIMIT = 10_000_000
"""The most coefficients, and products of vector components, that are written out to be compared."""
_SPREAD_LIMIT = 2_000_000
"""The most entries that are stored in every order."""
_ROUNDING = 1e-12
"""Largest deviation accepted, relative to the sum of the moduli of the terms of a coefficient."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleSum:
    """A tensor as a sum over samples with a diagonal beside it.

    Attributes:
        weights: (A,), none zero.
        vectors: (A, n), no zero row.
        rest: entries (r; r, .., r).
        is_spread: whether the tensor stores every order of each index tuple, as the sum does.
    """

    weights: FloatArray
    vectors: FloatArray
    rest: SparseTensor
    is_spread: bool

    def alpha(self, degree: int) -> float:
        """Return sum_a |w_a| ||v_a||^(l+1)."""
        norms = np.linalg.norm(self.vectors, axis=1)
        return float(np.abs(self.weights) @ norms ** (degree + 1))


def sample_sum(tensor: SparseTensor, vectors: FloatArray) -> SampleSum | None:
    """Return the tensor as a sum over vectors, (A, n); None where it is none, or too large to compare.

    The order of the indices within an entry's tuple does not matter, except for `is_spread`.
    """
    n, degree = tensor.n, tensor.degree
    vectors = vectors[np.any(vectors != 0, axis=1)]
    count = math.comb(n + degree - 1, degree) if degree else 0
    if not (degree and tensor.nnz and len(vectors)) or max(n, len(vectors)) * count > _LIMIT:
        return None
    tuples = np.array(list(combinations_with_replacement(range(n), degree)))
    orders = multiplicities(tuples)
    place = np.searchsorted(_codes(tuples, n), _codes(np.sort(tensor.cols, axis=1), n))
    given = np.zeros((n, count))
    np.add.at(given, (tensor.rows, place), tensor.vals / orders[place])
    powers = np.prod(vectors[:, tuples], axis=2)
    diagonal = np.flatnonzero(tuples[:, 0] == tuples[:, -1])
    away = np.ones((n, count), dtype=bool)
    away[np.arange(n), diagonal] = False
    weights = _fit(given, vectors, powers, away)
    kept = np.flatnonzero(weights)
    weights, vectors, powers = weights[kept], vectors[kept], powers[kept]
    difference = given - (vectors * weights[:, None]).T @ powers
    size = np.abs(given).max() + ((np.abs(vectors) * np.abs(weights)[:, None]).T @ np.abs(powers)).max()
    if not len(kept) or np.abs(difference[away]).max(initial=0.0) > _ROUNDING * size:
        return None
    beside = difference[np.arange(n), diagonal]
    rows = np.flatnonzero(np.abs(beside) > _ROUNDING * size)
    rest = SparseTensor.build(
        n=n, degree=degree, rows=rows, cols=np.repeat(rows[:, None], degree, axis=1), vals=beside[rows]
    )
    off = np.abs(tensor.vals - given[tensor.rows, place]).max()
    return SampleSum(weights=weights, vectors=vectors, rest=rest, is_spread=bool(off <= _ROUNDING * size))


def spread(tensor: SparseTensor) -> SparseTensor:
    """Return the tensor with every order of each index tuple, its value divided among them."""
    turns = list(permutations(range(tensor.degree)))
    rows = np.tile(tensor.rows, len(turns))
    cols = np.concatenate([tensor.cols[:, turn] for turn in turns])
    groups = group_rows([rows, *cols.T], [tensor.n] * (tensor.degree + 1))
    vals = np.tile(tensor.vals / len(turns), len(turns))
    return replace(
        tensor,
        rows=rows[groups.first],
        cols=cols[groups.first],
        vals=np.add.reduceat(vals[groups.order], groups.starts),
        exact=None,
    )


def spread_where_samples_win(tensor: SparseTensor, vectors: FloatArray) -> SparseTensor | None:
    """Return the tensor spread where a sum over samples should cost less than its entries; None elsewhere.

    Compared: alpha times the number of amplitudes to load, (l + 1) A n against 2 nnz. A rough rule: the leaves
    are priced when the circuit is made.
    """
    degree, most = tensor.degree, tensor.nnz * math.factorial(tensor.degree)
    if degree < 2 or not (degree + 1) * vectors.size <= 2 * most <= 2 * _SPREAD_LIMIT:
        return None
    found = sample_sum(tensor, vectors)
    if found is None:
        return None
    if found.alpha(degree) * (degree + 1) * found.vectors.size >= tensor.norm2_bound * 2 * tensor.nnz:
        return None
    return spread(tensor)


def _fit(given: FloatArray, vectors: FloatArray, powers: FloatArray, away: np.ndarray) -> FloatArray:
    """Return weights by least squares on a sample of the coefficients off the diagonal."""
    rows, places = np.nonzero(away)
    wanted = min(len(rows), max(8 * len(vectors), 1000))
    chosen = np.random.default_rng(0).choice(len(rows), wanted, replace=False)
    rows, places = rows[chosen], places[chosen]
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(powers, axis=1)
    scale = np.where(norms > 0, norms, 1.0)
    design = (vectors[:, rows] * powers[:, places] / scale[:, None]).T
    found = np.linalg.lstsq(design, given[rows, places], rcond=None)[0]
    found[np.abs(found) <= _ROUNDING * np.abs(found).max(initial=0.0)] = 0.0
    return np.asarray(found / scale, dtype=np.float64)


def _codes(tuples: np.ndarray, n: int) -> np.ndarray:
    """Number index tuples in lexicographic order."""
    found = np.zeros(len(tuples), dtype=np.int64)
    for slot in range(tuples.shape[1]):
        found = found * n + tuples[:, slot]
    return found
