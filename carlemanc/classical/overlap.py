"""What a cone costs from a sparse start: entries in rows that a value depends on, with no column that is still zero.

Both cones are followed together: the value's, backward from T, and the start's, forward from 0. At time t only rows of
B_(T - t - 1) are computed, and of their entries only those whose columns can all be nonzero.
"""

from __future__ import annotations

import numpy as np

from carlemanc.classical.local_descent import layers_of
from carlemanc.core.arrays import IntArray, Mask
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap

MOST_SITES = 100_000
WORK = 40_000_000
"""The most columns that are looked at in all steps together: a second or less."""


def overlap_flops(sequence: MapSequence, start: IntArray, asked: IntArray) -> int | None:
    """Return the flops of T steps, exact; None where following both cones takes too long.

    Args:
        sequence: one lattice map in all steps.
        start: nonzeros of u(0).
        asked: weights that are read at time T.
    """
    layers = layers_of(sequence, asked, MOST_SITES)
    if layers is None:
        return None
    entries = _local_entries(sequence.map, layers.sites, layers.within(sequence.steps - 1))
    if sum(columns.size + len(rows) for rows, columns in entries) * sequence.steps > WORK:
        return None
    reached: Mask = np.isin(layers.sites, start)
    flops = 0
    for step in range(sequence.steps):
        is_needed = layers.depth <= sequence.steps - 1 - step
        written = [np.zeros(0, dtype=np.int64)]
        for rows, columns in entries:
            writes = is_needed[rows] & np.all(reached[columns], axis=1)
            flops += (columns.shape[1] + 1) * int(writes.sum())
            written.append(rows[writes])
        reached[np.concatenate(written)] = True
    return flops


def _local_entries(found: PolynomialMap, sites: IntArray, rows: IntArray) -> list[tuple[IntArray, IntArray]]:
    """Return the entries of some rows, (k,) and (k, l), by their places among the sites."""
    entries: list[tuple[IntArray, IntArray]] = []
    for operator in found.lattice_operators():
        known = _written(operator, rows)
        entries += [(sites.searchsorted(own), sites.searchsorted(columns)) for own, columns in known]
    return entries


def _written(operator: LatticeTensor, rows: IntArray) -> list[tuple[IntArray, IntArray]]:
    beside = operator.entries
    known = np.isin(beside.rows, rows)
    entries = [(beside.rows[known], beside.cols[known])]
    for stencil in operator.stencils:
        own = rows[operator.lattice.holds(stencil.box, rows)]
        if stencil.profile is not None:
            own = own[stencil.profile.take(own).nonzero_rows()]
        columns = [operator.lattice.neighbors(own, offset) for offset in stencil.offsets]
        entries.append(
            (own, np.stack(columns, axis=1) if columns else np.zeros((len(own), 0), dtype=np.int64))
        )
    return entries
