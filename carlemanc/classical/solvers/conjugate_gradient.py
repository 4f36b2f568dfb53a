"""Conjugate gradients: of L itself where it is symmetric and positive definite, else of the normal equations.

With r_0 = b the residual of the normal equations' iteration falls as 2 rho^k ||b||, rho = (kappa - 1)/(kappa + 1), so
that x is within 2 kappa rho^k of itself; of a positive definite L it is 2 sqrt(kappa) rho^k, with sqrt(kappa) in place
of kappa in rho (Golub and Van Loan, Matrix Computations, 11.3: proved for exact arithmetic).
"""

from __future__ import annotations

import math
from typing import ClassVar, final

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from carlemanc.classical.solvers.solver import Solver, SystemQuestion
from carlemanc.core.arrays import FloatArray
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import ceiling
from carlemanc.costs.classical_baseline import ClassicalProgram

_VECTORS = 6
_BYTES = 12
FLOPS = Formula(
    text="k (2 nnz + 10 n) with k = ln(2 sqrt(kappa)/epsilon)/ln((sqrt(kappa) + 1)/(sqrt(kappa) - 1)) of a positive "
    "definite L; k (4 nnz + 10 n) + 2 nnz with kappa in place of its root by the normal equations",
    status="published",
    sources=("golub2013",),
    where="11.3, its flops derived here",
)


@final
class ConjugateGradient(Solver):
    """CG, or CGNR."""

    name: ClassVar[str] = "conjugate-gradient"

    def cost(self, question: SystemQuestion) -> ClassicalProgram:
        """Return the flops of as many iterations as epsilon asks for; see `Solver.cost`."""
        n, nnz = question.n, int(question.matrix.nnz)
        is_definite = is_positive_definite(question.matrix)
        steps = iterations(question, is_definite=is_definite)
        flops = steps * (2 * nnz + 10 * n) if is_definite else steps * (4 * nnz + 10 * n) + 2 * nnz
        way = "L is symmetric and positive definite" if is_definite else "by the normal equations"
        return ClassicalProgram(
            name=self.name,
            flops=flops,
            reason=f"at most {steps} iterations from kappa = {question.kappa:.4g} ({way})",
            formula=FLOPS,
            memory=_BYTES * nnz + 8 * _VECTORS * n,
        )

    def solve(self, question: SystemQuestion) -> FloatArray:
        """Iterate as often as is paid for; see `Solver.solve`."""
        matrix, rhs = question.matrix, question.rhs
        is_definite = is_positive_definite(matrix)
        transposed = sp.csr_array(matrix.T)
        x = np.zeros(question.n)
        residual = rhs.copy()
        gradient = residual if is_definite else transposed @ residual
        direction, size = gradient.copy(), float(gradient @ gradient)
        for _ in range(iterations(question, is_definite=is_definite)):
            image = matrix @ direction
            along = float(direction @ image) if is_definite else float(image @ image)
            if not along:
                break
            x += size / along * direction
            residual = residual - size / along * image
            gradient = residual if is_definite else transposed @ residual
            size, before = float(gradient @ gradient), size
            direction = gradient + size / before * direction
        return x


def iterations(question: SystemQuestion, *, is_definite: bool) -> int:
    """Return how many iterations bring x to epsilon in exact arithmetic, of L itself where it is positive definite."""
    base = math.sqrt(question.kappa) if is_definite else question.kappa
    if base <= 1.0:
        return 1
    asked = ceiling(math.log(2.0 * base / question.epsilon) / math.log((base + 1.0) / (base - 1.0)))
    return max(1, asked)


def is_positive_definite(matrix: sp.csr_array) -> bool:
    """Whether a matrix is symmetric, entry by entry, and all its pivots without exchanges are positive."""
    if (matrix != matrix.T).nnz or not np.all(matrix.diagonal() > 0.0):
        return False
    try:
        factors = splu(
            sp.csc_matrix(matrix),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
    except RuntimeError:  # a pivot is zero
        return False
    return bool(np.array_equal(factors.perm_r, factors.perm_c) and np.all(factors.U.diagonal() > 0.0))
