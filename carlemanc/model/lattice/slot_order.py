"""Which slot of F_l holds which column on a lattice: columns near the row first, whatever the site.

Only F_l applied to symmetric vectors acts on the dynamics (THEORY 1), so each index tuple may be permuted.
Ordered by distance from the row, a term has the same slots at every site and on both sides of an end, and
mirror images of each other have mirrored slots: what a circuit that shifts registers needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.model.lattice.sites import Lattice, Offset
from carlemanc.model.sparse_tensor import SparseTensor


def by_distance(offsets: Iterable[Offset]) -> tuple[Offset, ...]:
    """Return offsets in the order of their slots.

    >>> by_distance([(-1,), (0,), (0,)])
    ((0,), (0,), (-1,))
    """
    return tuple(sorted(offsets, key=lambda offset: (tuple(map(abs, offset)), offset)))


def in_slot_order(tensor: SparseTensor, lattice: Lattice) -> SparseTensor:
    """Return `tensor` with the same monomials and values, each index tuple ordered by distance from its row."""
    if tensor.degree < 2 or not tensor.nnz:
        return tensor
    near = np.zeros(tensor.cols.shape, dtype=np.int64)
    signed = np.zeros(tensor.cols.shape, dtype=np.int64)
    rows, cols = lattice.coordinates(tensor.rows), lattice.coordinates(tensor.cols)
    for row, col, size in zip(rows, cols, lattice.dims, strict=True):
        step = _shortest(col - row[:, None], size) if lattice.periodic else col - row[:, None]
        near = near * size + np.abs(step)
        signed = signed * (2 * size) + step + size
    order = np.lexsort((signed, near), axis=1)
    return replace(tensor, cols=np.take_along_axis(tensor.cols, order, axis=1))


def _shortest(step: IntArray, size: int) -> IntArray:
    reduced = step % size
    return np.where(2 * reduced > size, reduced - size, reduced)
