"""The weights that a value depends on, where they are few."""

from __future__ import annotations

import numpy as np

from carlemanc.classical.question import Question
from carlemanc.core.arrays import IntArray
from carlemanc.model.lattice.sites import size_of
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator
from carlemanc.model.sparse_tensor import SparseTensor

FEW = 1 << 16
"""Entries of a value up to which its weights are listed."""


def asked_sites(question: Question) -> IntArray | None:
    """Return the weights that the values depend on, ascending; None where they are many, or theta(T) is asked for."""
    if not question.values:
        return None
    found = [
        _sites(operator) for value in question.values for operator in value.polynomial.map.operators.values()
    ]
    known = [sites for sites in found if sites is not None]
    if len(known) < len(found):
        return None
    return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *known]))


def _sites(operator: Operator) -> IntArray | None:
    if isinstance(operator, SparseTensor):
        return _listed(operator)
    if not isinstance(operator, LatticeTensor):
        return None
    parts = [_listed(operator.entries)]
    for item in operator.stencils:
        if item.profile is not None or size_of(item.box) > FEW:
            return None
        rows = operator.lattice.sites(item.box)
        parts += [rows, *(operator.lattice.neighbors(rows, offset) for offset in item.offsets)]
    listed = [part for part in parts if part is not None]
    return None if len(listed) < len(parts) else np.concatenate(listed)


def _listed(entries: SparseTensor) -> IntArray | None:
    if entries.nnz > FEW:
        return None
    return np.concatenate([entries.rows, entries.cols.reshape(-1)])
