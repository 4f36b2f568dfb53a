"""Single columns of one G_l, at any n: the rows and values where an index tuple stands.

In: an operator (listed entries, or stencils with explicit entries beside them) and a tuple (i_1..i_l). Out: the
pairs (row, value) of that column of the flattening, without a list of n of anything. A stencil (c; o_1..o_l)
has its columns at (r + o_1, ..., r + o_l), the slots filled in the order of `model.lattice.slot_order`, and so have
the entries beside it: the flattening that `CarlemanSystem` writes out. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.slot_order import by_distance, in_slot_order
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, written_out
from carlemanc.model.sparse_tensor import SparseTensor

Entries = list[tuple[int, float]]
"""(row, value) pairs; a row may occur more than once, its values are then added."""
ColumnOf = Callable[[Sequence[int]], Entries]


def column_lookup(operator: Operator) -> ColumnOf:
    """Return the function from an index tuple, each index in 0..n-1, to its column."""
    if isinstance(operator, LatticeTensor):
        return _lattice_lookup(operator)
    return _listed_lookup(written_out(operator))


def _listed_lookup(tensor: SparseTensor) -> ColumnOf:
    """Sort the entries by index tuple once (O(nnz log nnz)); a column is then found by bisection."""
    order = np.lexsort((tensor.rows, *tensor.cols.T[::-1]))
    rows, cols, vals = tensor.rows[order], tensor.cols[order], tensor.vals[order]

    def column(indices: Sequence[int]) -> Entries:
        first, last = 0, len(rows)
        for slot, index in enumerate(indices):
            part = cols[first:last, slot]
            first, last = (
                first + int(np.searchsorted(part, index, side="left")),
                first + int(np.searchsorted(part, index, side="right")),
            )
        return list(zip(rows[first:last].tolist(), vals[first:last].tolist(), strict=True))

    return column


def _lattice_lookup(tensor: LatticeTensor) -> ColumnOf:
    beside = _listed_lookup(in_slot_order(tensor.entries, tensor.lattice))
    stencils = [replace(stencil, offsets=by_distance(stencil.offsets)) for stencil in tensor.stencils]

    def column(indices: Sequence[int]) -> Entries:
        found = beside(indices)
        for stencil in stencils:
            found += _stencil_column(tensor.lattice, stencil, indices)
        return found

    return column


def _stencil_column(lattice: Lattice, stencil: Stencil, indices: Sequence[int]) -> Entries:
    """Return the entries of one stencil: at most one row holds the tuple, but all of its box where l = 0."""
    if not stencil.offsets:
        rows = lattice.sites(stencil.box)
        return [(int(row), _value(stencil, int(row))) for row in rows]
    sites = np.stack(lattice.coordinates(np.array(indices, dtype=np.int64)), axis=1)
    offsets, dims = np.array(stencil.offsets), np.array(lattice.dims)
    row = sites[0] - offsets[0]
    row = row % dims if lattice.periodic else row
    columns = row + offsets
    columns = columns % dims if lattice.periodic else columns
    low, high = np.array(stencil.box).T
    if not np.all((low <= row) & (row <= high)) or not np.array_equal(columns, sites):
        return []
    number = int(lattice.index(row))
    return [(number, _value(stencil, number))]


def _value(stencil: Stencil, row: int) -> float:
    value = float(stencil.coefficient)
    if stencil.profile is None:
        return value
    return value * float(stencil.profile.take(np.array([row])).floats()[0])
