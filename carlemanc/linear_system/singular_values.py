"""||L|| and ||L^-1|| on the used subspace: computed, where `norm_bounds` has proved bounds.

1/sigma_min^2 is the largest eigenvalue of (L^T L)^-1 = L^-1 L^-T, found by Lanczos with block substitution
(no factorization, no matrix); sigma_max^2 that of L^T L. An eigenvalue lies within the residual of each Ritz
value. Lanczos converges to the outer end from inside, so the value is an estimate that the residual supports,
not a proof; both norms are reported with the residual added. Where eigenvalues crowd at the end, as on long
lattices, a residual of 1e-4 is taken, and where a Ritz value comes within 1 % of a proved bound, that bound.
Systems of at most `DENSE_SIZE` unknowns are solved by a dense SVD instead.
Method: Golub and Van Loan, Matrix Computations, chapter 10 (measured).

Whether it is computed is decided before it starts, by counting: `workload` gives unknowns and operations of a
step, and `MAX_WORK` limits the operations of `EXPECTED_STEPS` steps at either end. No clock is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse.linalg import splu

from carlemanc.core.errors import CheckFailed, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.lanczos import Operator, largest_eigenvalue
from carlemanc.linear_system.norm_bounds import Bound

_STORED_ENTRIES = 4_000_000
DENSE_SIZE = 600
MAX_UNKNOWNS = 20_000_000
"""Largest (T + p + 1) * dimension: about six vectors of that length are held (1 GB)."""
MAX_WORK = 100_000_000_000
"""Most operations (a product and a sum each) that are foreseen and still done: about a minute of one core."""
EXPECTED_STEPS = 100
"""Steps at an end of the spectrum that a workload reckons with; 30 to 120 were measured on trained networks."""
_PATIENCE, _PATIENT_WORK = 200, 2_000_000_000
"""Steps that are tried for the full tolerance before eigenvalues count as crowded, more where they are cheap: those
of so many operations, a second or two."""
_VECTOR_OPERATIONS = 30
"""What the vectors of a step cost an unknown, in operations: they pass through memory about a dozen times."""
_CALL = 200_000
"""What a step costs however small its vectors are, in operations."""
COMPUTED = Formula(
    text="||L^-1|| = 1/sigma_min and ||L|| = sigma_max by Lanczos or a dense SVD, residuals added; the proved bound "
    "where Lanczos comes within 1 % of it",
    status="measured",
    sources=("golub2013",),
    where="chapter 10",
)
_SINGULAR = 100 * float(np.finfo(np.float64).eps)
"""sigma_min / (size sigma_max) below which a dense SVD says nothing (about 1 % error at the limit)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What computing kappa takes, counted before it starts."""

    unknowns: int
    """(T + p + 1) * dimension."""
    step: float
    """Operations of one Lanczos step: two products with every B_t, and the vectors."""

    @property
    def work(self) -> float:
        """Operations of `EXPECTED_STEPS` steps at both ends."""
        return 2.0 * EXPECTED_STEPS * self.step

    @property
    def fits(self) -> bool:
        """Whether it is computed."""
        return self.unknowns <= MAX_UNKNOWNS and (self.unknowns <= DENSE_SIZE or self.work <= MAX_WORK)

    @property
    def most_steps(self) -> int:
        """Steps allowed at each end: those whose operations stay within `MAX_WORK` together."""
        return max(EXPECTED_STEPS, int(MAX_WORK / (2.0 * (self.step + _CALL))))

    @property
    def patience(self) -> int:
        """Steps that are tried for the full tolerance."""
        return max(_PATIENCE, int(_PATIENT_WORK / (self.step + _CALL)))

    @property
    def size(self) -> str:
        """In words."""
        if self.unknowns > MAX_UNKNOWNS:  # the operations are not counted
            return f"{self.unknowns:.3g} unknowns"
        return f"{self.unknowns:.3g} unknowns, about {self.work:.1e} operations"

    @property
    def limit(self) -> str:
        """What is done, in words."""
        return f"{MAX_UNKNOWNS:.1e} unknowns and {MAX_WORK:.1e} operations"


def workload(system: HistorySystem) -> Workload:
    """Return what computing the condition number of L takes; cheap at any size."""
    size = system.times * system.dimension
    if size > MAX_UNKNOWNS:
        return Workload(unknowns=size, step=math.inf)
    return Workload(unknowns=size, step=2.0 * system.work + _VECTOR_OPERATIONS * size)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedNorms:
    """||L|| and ||L^-1|| = 1/sigma_min on the used subspace (unused register states have singular value 1)."""

    norm: float
    inverse_norm: float
    residual: float
    """Largest relative residual of the two eigenpairs (0 for the dense SVD)."""
    method: Literal["dense SVD", "Lanczos"]

    @property
    def kappa(self) -> float:
        """||L|| ||L^-1||."""
        return self.norm * self.inverse_norm


def computed_norms(system: HistorySystem, bound: Bound | None = None) -> ComputedNorms:
    """Return ||L|| and ||L^-1||, computed; a proved bound spares work where it is near the truth.

    Raises TooLarge where its `workload` does not fit, CheckFailed where Lanczos misses its tolerance or L^-1
    overflows.
    """
    ahead = workload(system)
    if not ahead.fits:
        raise TooLarge(
            "the computed condition number",
            size=ahead.size,
            limit=ahead.limit,
            instead="Use the bound (kappa source = bound).",
        )
    if ahead.unknowns <= DENSE_SIZE:
        return _dense(system)
    forward, backward = _products(system)
    inverse, largest = (
        largest_eigenvalue(
            product,
            ahead.unknowns,
            patience=ahead.patience,
            most_steps=ahead.most_steps,
            label=f"{name} by Lanczos",
            bound=proved**2,
        )
        for name, product, proved in (
            ("||L^-1||", backward, bound.inverse_norm if bound else math.inf),
            ("||L||", forward, bound.norm if bound else math.inf),
        )
    )
    return ComputedNorms(
        norm=math.sqrt(largest.upper),
        inverse_norm=math.sqrt(inverse.upper),
        residual=max(largest.residual, inverse.residual),
        method="Lanczos",
    )


def _dense(system: HistorySystem) -> ComputedNorms:
    matrix = system.packed_matrix().toarray()
    if not np.all(np.isfinite(matrix)):
        raise CheckFailed("the matrix L has entries that overflow: choose a smaller gamma or learning rate")
    values = np.linalg.svd(matrix, compute_uv=False)
    if values[-1] <= _SINGULAR * len(values) * values[0]:
        raise CheckFailed(
            "the matrix L is singular to working precision: its smallest singular value is noise"
        )
    return ComputedNorms(
        norm=float(values[0]), inverse_norm=float(1.0 / values[-1]), residual=0.0, method="dense SVD"
    )


def _products(system: HistorySystem) -> tuple[Operator, Operator]:
    """Return x -> L^T L x and x -> L^-1 L^-T x on flat packed histories.

    With the stored matrix where it is small (L is unit lower triangular, so its LU factors are L and I), else
    block by block.
    """
    if system.entries_bound + system.times * system.dimension <= _STORED_ENTRIES:
        matrix = system.packed_matrix().tocsc()
        transposed = matrix.T.tocsr()
        factors = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0)
        return lambda x: transposed @ (matrix @ x), lambda x: factors.solve(factors.solve(x, trans="T"))
    shape = (system.times, system.dimension)
    return (
        lambda x: system.apply_transposed(system.apply(x.reshape(shape))).reshape(-1),
        lambda x: system.substitute(system.substitute_transposed(x.reshape(shape))).reshape(-1),
    )
