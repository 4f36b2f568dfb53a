"""Gaussian elimination of the entries that are not zero, with the columns in an order that fills in few."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import SuperLU, splu

from carlemanc.classical.solvers.solver import Solver, SystemQuestion
from carlemanc.core.arrays import FloatArray
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_up
from carlemanc.costs.classical_baseline import ClassicalProgram

_ENTRY = 12
"""Bytes of a stored entry, its index included."""
_ORDERS = ("COLAMD", "NATURAL", "MMD_AT_PLUS_A", "MMD_ATA")
"""Orders of the columns that SuperLU knows, of which none is always the best."""
_TRIED = 2_000
"""Unknowns up to which all of them are tried; the first alone beyond, where another may fill in all entries."""
FLOPS = Formula(
    text="sum over columns k of l_k + 2 l_k u_k for the factors, l_k entries of L below the diagonal and u_k of U "
    "right of it, and two flops an entry of either triangle; rounded up to 4 digits",
    status="derived here",
    sources=("golub2013",),
    where="11.1",
)


@final
class SparseElimination(Solver):
    """Sparse LU."""

    name: ClassVar[str] = "sparse-elimination"

    def cost(self, question: SystemQuestion) -> ClassicalProgram:
        """Return the flops of the factors as they fill in, in the best of the orders; see `Solver.cost`."""
        flops, entries, order = _best(question)
        return ClassicalProgram(
            name=self.name,
            flops=int(rounded_up(flops)),
            reason=f"{entries} entries of both factors, from {question.matrix.nnz} of the matrix (order {order})",
            formula=FLOPS,
            memory=_ENTRY * entries,
        )

    def solve(self, question: SystemQuestion) -> FloatArray:
        """Solve by SuperLU; see `Solver.solve`."""
        *_, order = _best(question)
        return np.asarray(_factors(question, order).solve(question.rhs))


def _best(question: SystemQuestion) -> tuple[int, int, str]:
    """Return flops, entries and order of the cheapest."""
    orders = _ORDERS if question.n <= _TRIED else _ORDERS[:1]
    return min(_filled(question, order) for order in orders)


def _filled(question: SystemQuestion, order: str) -> tuple[int, int, str]:
    """Return the flops and the entries of both factors with the columns in one order."""
    factors = _factors(question, order)
    below = np.diff(sp.csc_array(factors.L).indptr).astype(np.int64) - 1
    right = np.diff(sp.csr_array(factors.U).indptr).astype(np.int64) - 1
    beside = int(below.sum() + right.sum())
    return int((below + 2 * below * right).sum()) + 2 * beside + question.n, beside + question.n, order


def _factors(question: SystemQuestion, order: str) -> SuperLU:
    return splu(sp.csc_matrix(question.matrix), permc_spec=order)
