"""The condition number of L on the used subspace: computed, beside the proved bound of `norm_bounds`.

1/sigma_min^2 is the largest eigenvalue of (L^T L)^-1 = L^-1 L^-T, found by Lanczos with block substitution
(no factorization, no matrix); sigma_max^2 that of L^T L. Each Ritz pair is checked by its residual: an
eigenvalue lies within `residual` of it. Lanczos converges to the outer end from inside, so the value is an
estimate that the residual supports, not a proof; both norms are reported with the residual added. Where
eigenvalues crowd at the end, as on long lattices, a residual of 1e-4 is taken. Systems of at most
`DENSE_SIZE` unknowns are solved by a dense SVD instead. Method: Golub and Van Loan, Matrix Computations,
chapter 10 (measured).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh, splu

from carlemanc.core.errors import CheckFailed, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.norm_bounds import Bound as Bound
from carlemanc.linear_system.norm_bounds import kappa_bound as kappa_bound

Vector = npt.NDArray[np.float64]
_Operator = Callable[[Vector], Vector]
_STORED_ENTRIES = 4_000_000
DENSE_SIZE = 600
MAX_UNKNOWNS = 4_000_000
"""Largest (T + p + 1) * dimension: 20 Lanczos vectors of that length are kept (640 MB)."""
COMPUTED = Formula(
    text="||L^-1|| = 1/sigma_min and ||L|| = sigma_max by Lanczos or a dense SVD, residuals added",
    status="measured",
    sources=("golub2013",),
    where="chapter 10",
)
_TOLERANCE = 1e-10
_LARGEST_RESIDUAL = 1e-6
_RESTARTS, _RESTARTED_UNKNOWNS = 60, 20_000_000
"""Restarts within which Lanczos meets that tolerance unless eigenvalues crowd at the end, as on long lattices:
so many at least, and as many as these unknowns allow."""
_CROWDED_TOLERANCE, _LARGEST_CROWDED_RESIDUAL = 1e-4, 1e-3
"""What is asked, and accepted, there: the residual is added to the norm, so it costs that much of kappa."""
_SINGULAR = 100 * float(np.finfo(np.float64).eps)
"""sigma_min / (size sigma_max) below which a dense SVD says nothing (about 1 % error at the limit)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditioning:
    """Extreme singular values of L on the used subspace (unused register states have singular value 1)."""

    norm: float
    """||L||."""
    inverse_norm: float
    """||L^-1|| = 1/sigma_min."""
    sigma_min: float
    kappa: float
    residual: float
    """Largest relative residual of the two eigenpairs (0 for the dense SVD)."""
    method: Literal["dense SVD", "Lanczos"]
    source: str = "computed"

    @property
    def is_crowded(self) -> bool:
        """Whether eigenvalues crowd at an end of the spectrum and the residual that is added shows."""
        return self.residual > _LARGEST_RESIDUAL


def computed_conditioning(system: HistorySystem) -> Conditioning:
    """Return the computed conditioning of L.

    Raises TooLarge above `MAX_UNKNOWNS`, CheckFailed where Lanczos misses its tolerance or L^-1 overflows.
    """
    size = system.times * system.dimension
    if size > MAX_UNKNOWNS:
        raise TooLarge(
            "the computed condition number",
            size=f"{size:.3g} unknowns",
            limit=f"{MAX_UNKNOWNS:.1e}",
            instead="Use the bound (kappa source = bound).",
        )
    if size <= DENSE_SIZE:
        return _dense(system)
    products = _products(system)
    largest, residual = _largest_eigenvalue(size, products[0])
    inverse, inverse_residual = _largest_eigenvalue(size, products[1])
    return _conditioning(
        norm=math.sqrt(largest * (1.0 + residual)),
        inverse_norm=math.sqrt(inverse * (1.0 + inverse_residual)),
        residual=max(residual, inverse_residual),
        method="Lanczos",
    )


def _conditioning(
    *, norm: float, inverse_norm: float, residual: float, method: Literal["dense SVD", "Lanczos"]
) -> Conditioning:
    return Conditioning(
        norm=norm,
        inverse_norm=inverse_norm,
        sigma_min=1.0 / inverse_norm,
        kappa=norm * inverse_norm,
        residual=residual,
        method=method,
    )


def _dense(system: HistorySystem) -> Conditioning:
    matrix = system.packed_matrix().toarray()
    if not np.all(np.isfinite(matrix)):
        raise CheckFailed("the matrix L has entries that overflow: choose a smaller gamma or learning rate")
    values = np.linalg.svd(matrix, compute_uv=False)
    if values[-1] <= _SINGULAR * len(values) * values[0]:
        raise CheckFailed(
            "the matrix L is singular to working precision: its smallest singular value is noise"
        )
    return _conditioning(
        norm=float(values[0]), inverse_norm=float(1.0 / values[-1]), residual=0.0, method="dense SVD"
    )


def _products(system: HistorySystem) -> tuple[_Operator, _Operator]:
    """Return x -> L^T L x and x -> L^-1 L^-T x on flat packed histories.

    With the stored matrix where it is small (L is unit lower triangular, so its LU factors are L and I), else
    block by block.
    """
    if system.entries_bound + system.times * system.dimension <= _STORED_ENTRIES:
        matrix = system.packed_matrix().tocsc()
        transposed = matrix.T.tocsr()
        factors: Any = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0)
        return lambda x: transposed @ (matrix @ x), lambda x: factors.solve(factors.solve(x, trans="T"))
    shape = (system.times, system.dimension)
    return (
        lambda x: system.apply_transposed(system.apply(x.reshape(shape))).reshape(-1),
        lambda x: system.substitute(system.substitute_transposed(x.reshape(shape))).reshape(-1),
    )


def _largest_eigenvalue(size: int, matvec: _Operator) -> tuple[float, float]:
    """Return the largest eigenvalue of a positive operator, and the relative residual of its eigenpair."""
    start = np.random.default_rng(0).normal(size=size)
    if not np.all(np.isfinite(matvec(start))):
        raise CheckFailed("L^-1 overflows: the system diverges within T steps; use fewer steps")
    linear = LinearOperator((size, size), matvec=matvec, dtype=np.float64)
    most, restarts = _LARGEST_RESIDUAL, max(_RESTARTS, _RESTARTED_UNKNOWNS // size)
    try:
        values, vectors = eigsh(linear, k=1, which="LA", v0=start, tol=_TOLERANCE, ncv=20, maxiter=restarts)
    except ArpackError:
        most = _LARGEST_CROWDED_RESIDUAL
        try:
            values, vectors = eigsh(linear, k=1, which="LA", v0=start, tol=_CROWDED_TOLERANCE, ncv=20)
        except ArpackError as error:
            raise CheckFailed(f"Lanczos did not converge for this L: {error}") from error
    value, vector = float(values[0]), vectors[:, 0]
    residual = float(np.linalg.norm(matvec(vector) - value * vector)) / value
    if not residual < most:
        raise CheckFailed(f"Lanczos missed its tolerance for this L: relative residual {residual:.1e}")
    return value, residual
