"""Choose, for each monomial of F_l, the index that comes first, so that the flattening is cheap to encode.

Only F_l applied to symmetric vectors acts on the dynamics (THEORY 1), so the index tuple of every entry may
be permuted freely. The block encoding colors the bipartite multigraph (row, first index); its number of
colors is the largest degree, its subnormalization follows the largest row and column weight. A monomial
stored with its smallest index first (the canonical form) piles the columns up on low indices; here each
entry is given to the lightest of its own indices. Greedy in order of decreasing weight, then moved while
that helps: derived here, no optimality claimed. Weights count in steps of 1/256 and loads as integers, so that the last
bits of an entry move nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.magnitude import ranks, whole_sizes
from carlemanc.model.sparse_tensor import SparseTensor

_SWEEPS = 4
"""Improvement passes over all entries; two are enough in every case tried."""


def balance(tensor: SparseTensor) -> SparseTensor:
    """Return `tensor` with the same monomials and values, each index tuple reordered (not canonical).

    The tail of each tuple stays ascending. Degrees 0 and 1 have no freedom and are returned as they are.
    """
    if tensor.degree < 2 or tensor.vals.size == 0 or _is_balanced(tensor.n, tensor.rows, tensor.cols):
        return tensor
    position = _choose_first(tensor.n, tensor.cols, tensor.vals)
    return replace(tensor, cols=_bring_to_front(tensor.cols, position))


def _is_balanced(n: int, rows: IntArray, cols: IntArray) -> bool:
    """Say whether no column of the flattening as it stands is fuller than the fullest row."""
    column_degree = np.bincount(cols[:, 0], minlength=1).max()
    return bool(column_degree <= np.bincount(rows, minlength=1).max())


def _choose_first(n: int, cols: IntArray, values: FloatArray) -> IntArray:
    """Return, per entry, the position in its tuple whose index has the least (count, weight) load."""
    count = [0] * n
    load = [0] * n
    tuples = cols.tolist()
    weight = whole_sizes(values)
    chosen = [0] * len(tuples)
    for entry in np.argsort(-ranks(values), kind="stable").tolist():
        first = min(set(tuples[entry]), key=lambda index: (count[index], load[index], index))
        chosen[entry] = first
        count[first] += 1
        load[first] += weight[entry]
    for _ in range(_SWEEPS):
        moved = False
        for entry, current in enumerate(chosen):
            best = min(set(tuples[entry]), key=lambda index: (count[index], load[index], index))
            if count[best] + 1 < count[current]:
                count[current] -= 1
                load[current] -= weight[entry]
                count[best] += 1
                load[best] += weight[entry]
                chosen[entry] = best
                moved = True
        if not moved:
            break
    return np.asarray(np.argmax(cols == np.asarray(chosen)[:, None], axis=1), dtype=np.int64)


def _bring_to_front(cols: IntArray, position: IntArray) -> IntArray:
    """Move column `position[e]` of every row e to the front, keeping the order of the others."""
    key = np.broadcast_to(np.arange(1, cols.shape[1] + 1), cols.shape).copy()
    key[np.arange(len(cols)), position] = 0
    return np.take_along_axis(cols, np.argsort(key, axis=1, kind="stable"), axis=1)
