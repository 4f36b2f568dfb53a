"""Gaussian elimination of all entries, with row exchanges."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from carlemanc.classical.solvers.solver import Solver, SystemQuestion
from carlemanc.core.arrays import FloatArray
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import ClassicalProgram

_DOUBLE = 8
FLOPS = Formula(
    text="sum over m < n of m + 2 m^2 for the factors, n (n - 1) + n^2 for both triangles",
    status="published",
    sources=("golub2013",),
    where="3.2",
)


@final
class Elimination(Solver):
    """LU of a full matrix."""

    name: ClassVar[str] = "elimination"

    def cost(self, question: SystemQuestion) -> ClassicalProgram:
        """Return the exact flops; see `Solver.cost`."""
        n = question.n
        factors = n * (n - 1) // 2 + n * (n - 1) * (2 * n - 1) // 3
        return ClassicalProgram(
            name=self.name,
            flops=factors + n * (n - 1) + n * n,
            reason="all entries, whether zero or not",
            formula=FLOPS,
            memory=_DOUBLE * n * n,
        )

    def solve(self, question: SystemQuestion) -> FloatArray:
        """Solve by LAPACK; see `Solver.solve`."""
        return np.asarray(np.linalg.solve(question.matrix.toarray(), question.rhs))
