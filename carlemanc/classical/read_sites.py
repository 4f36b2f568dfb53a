"""Which weights a question reads, where they are few."""

from __future__ import annotations

import numpy as np

from carlemanc.classical.question import Question, Value
from carlemanc.core.arrays import IntArray
from carlemanc.model.lattice.sites import size_of
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.stencil_sum import StencilSum
from carlemanc.model.polynomial_map import Operator, written_out

FEW = 4_096
"""Up to so many weights that a value reads are listed."""


def read_sites(question: Question) -> IntArray | None:
    """Return the weights that all values read together, ascending; None where one reads more than a few.

    What is read is what occurs in a monomial: the norm of a gradient reads every weight, and so does theta(T) itself.
    """
    if not question.values or any(value.is_root for value in question.values):
        return None
    found = [_of_value(value) for value in question.values]
    known = [sites for sites in found if sites is not None]
    if len(known) < len(found):
        return None
    together = np.unique(np.concatenate(known))
    return together if len(together) <= FEW else None


def _of_value(value: Value) -> IntArray | None:
    parts = [_of_operator(operator) for operator in value.polynomial.map.operators.values()]
    known = [sites for sites in parts if sites is not None]
    if len(known) < len(parts):
        return None
    return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *known]))


def _of_operator(operator: Operator) -> IntArray | None:
    if not isinstance(operator, StencilSum):
        tensor = written_out(operator)
        return np.unique(np.concatenate([tensor.rows, tensor.cols.reshape(-1)]))
    parts = [_of_stencil(operator, stencil) for stencil in operator.stencils]
    known = [sites for sites in parts if sites is not None]
    if len(known) < len(parts):
        return None
    return np.concatenate([operator.entries.rows, operator.entries.cols.reshape(-1), *known])


def _of_stencil(operator: StencilSum, stencil: Stencil) -> IntArray | None:
    if size_of(stencil.box) > FEW:
        return None
    rows = operator.lattice.sites(stencil.box)
    return np.concatenate([rows, *(operator.lattice.neighbors(rows, offset) for offset in stencil.offsets)])
