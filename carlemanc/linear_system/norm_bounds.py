"""Rigorous bounds of ||L^-1|| and kappa(L) from norms alone, at any n (THEORY 5.2, 5.3).

With beta_t an upper bound of ||B_N^t||, the blocks of L^-1 on its d-th diagonal are B^t with t in d-p..d
(times up to T, then copies), so ||L^-1|| <= sum_{d=0}^{T+p} max_{d-p <= t <= min(d, T)} beta_t, where
beta_0 = 1. Bounds used, all in units of gamma and for the flattening that is encoded, the least is reported
by name:

- `majorant history`: the matrix of block norms is at most b_N, the scalar majorant, so ||L^-1|| is at most
the norm of
  the N(T+p+1) scalar system with b_N in place of B; its norm is bounded by Collatz-Wielandt: for a positive
  vector v, lambda_max(M) <= max_i (M v)_i / v_i with M = K^T K, K = (I - S (x) b_N)^-1 >= 0. Any F_0, any
  corrections.
- `majorant powers`: beta_t = ||b_N^t||_2. Any F_0, any corrections.
- `contraction powers`: beta_t = min(max(Gamma_t, Gamma_t^N), sqrt(sum_j Gamma_t^2j)), F_0 = 0, exact blocks.
- `contraction`: T-free, (p+1) + min(1/(1-Gamma) - 1, pi/(2 ln 1/Gamma)), F_0 = 0 and Gamma < 1, exact blocks.

||L|| <= 1 + max(1 if p > 0, beta_1). Proved (THEORY 5.2; `majorant history` and the diagonal sum derived
here).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh, splu

from carlemanc.carleman.majorant import evaluate, majorant
from carlemanc.carleman.norms import encoded_norms
from carlemanc.carleman.system import CarlemanSystem
from carlemanc.linear_system.history import HistorySystem, time_shift

Vector = npt.NDArray[np.float64]
_ROUND_UP = 1.0 + 1e-10
_MAX_HISTORY = 60_000
"""Largest scalar history N (T + p + 1) for which the first bound is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A proved upper bound of kappa(L) = ||L|| ||L^-1||; inf where nothing finite is proved."""

    value: float
    inverse_norm: float
    """Upper bound of ||L^-1||."""
    norm: float
    """Upper bound of ||L||."""
    formula: str
    """Which bound of ||L^-1|| was the least."""
    proved: bool
    alternatives: dict[str, float]
    """Every bound of ||L^-1|| that applies, by name."""


def kappa_bound(system: HistorySystem) -> Bound:
    """Return the least proved bound of kappa(L) on the used subspace, from scalars alone (O(T N^2) work)."""
    carleman, steps, padding = system.carleman, system.steps, system.padding
    found: dict[str, float] = {}
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        table = majorant_step(carleman)
        powers = _power_norms(table, steps)
        found["majorant powers"] = sum_of_diagonals(powers, padding)
        if table.shape[0] * system.times <= _MAX_HISTORY and math.isfinite(found["majorant powers"]):
            found["majorant history"] = history_norm(table, steps, padding)
        step_norms = [powers[1] if steps else 0.0]
        if not carleman.is_driven and carleman.corrections is None:
            contraction = _contractions(carleman, steps)
            beta = [1.0, *(_contraction_norm(x, carleman) for x in contraction[1:])]
            found["contraction powers"] = sum_of_diagonals(beta, padding)
            found.update(_time_free(contraction, padding))
            step_norms += beta[1:2]
    named = {name: _finite(value * _ROUND_UP) for name, value in found.items()}
    formula = min(named, key=lambda name: (named[name], name))
    norm = 1.0 + max(min(step_norms), 1.0 if padding else 0.0) * _ROUND_UP
    inverse = max(1.0, named[formula])
    return Bound(
        value=_finite(norm * inverse),
        inverse_norm=inverse,
        norm=_finite(norm),
        formula=formula,
        proved=True,
        alternatives=named,
    )


def majorant_step(carleman: CarlemanSystem) -> Vector:
    """Return b_N on the kept levels: bounds of the block norms of B in gamma units, (levels, levels)."""
    norms = encoded_norms(carleman.step_tensors, carleman.factor_tensors, carleman.order)
    table = majorant(norms, order=carleman.order, corrections=carleman.corrections).kept
    rows = np.array(carleman.levels) - 1
    return np.asarray(table[np.ix_(rows, rows + 1)])


def sum_of_diagonals(beta: list[float], padding: int) -> float:
    """Return sum_{d=0}^{T+p} max of beta_t over d - p <= t <= min(d, T), the bound of ||L^-1||."""
    steps = len(beta) - 1
    return float(sum(max(beta[max(0, d - padding) : min(d, steps) + 1]) for d in range(steps + padding + 1)))


def _power_norms(table: Vector, steps: int) -> list[float]:
    """Return ||b_N^t||_2 for t = 0..steps; inf from the first overflow on."""
    norms, power = [1.0], np.eye(len(table))
    for _ in range(steps):
        power = power @ table
        finite = math.isfinite(norms[-1]) and bool(np.all(power < 1e150))
        norms.append(float(np.linalg.norm(power, 2)) if finite else math.inf)
    return norms


def history_norm(table: Vector, steps: int, padding: int) -> float:
    """Bound ||(I - S (x) b_N)^-1||_2, p copies at the end, by a Collatz-Wielandt quotient; inf on overflow.

    The quotient is a proved bound for any positive vector; Lanczos and two power steps make it a sharp one.
    """
    times, size = steps + padding + 1, len(table)
    moves = sp.kron(time_shift(times, 0, steps), sp.csr_matrix(table)) + sp.kron(
        time_shift(times, steps, times - 1), sp.identity(size)
    )
    matrix = sp.csc_matrix(sp.identity(times * size) - moves)
    factors: Any = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0)
    vector = _perron_start(factors, times * size)
    least = math.inf
    for _ in range(3):
        image = factors.solve(factors.solve(vector), trans="T")
        if not np.all(np.isfinite(image)):
            return math.inf
        least = min(least, float(np.max(image / vector)))
        vector = np.maximum(image / image.max(), 1e-100)
    return math.sqrt(least)


def _perron_start(factors: Any, size: int) -> Vector:
    """Return a positive vector near the leading eigenvector of K^T K, K = (I - S (x) b_N)^-1."""
    ones = np.ones(size)
    image = factors.solve(factors.solve(ones), trans="T")
    if size < 3 or not np.all(np.isfinite(image)):
        return ones
    operator = LinearOperator(
        (size, size), matvec=lambda x: factors.solve(factors.solve(x), trans="T"), dtype=np.float64
    )
    try:
        _, vectors = eigsh(operator, k=1, which="LA", v0=image, tol=1e-8, maxiter=200)
    except ArpackNoConvergence:
        return np.asarray(np.maximum(image / image.max(), 1e-100))
    vector = np.abs(vectors[:, 0])
    return np.asarray(np.maximum(vector / vector.max(), 1e-12))


def _contractions(carleman: CarlemanSystem, steps: int) -> list[float]:
    """Return Gamma_t = g^{(t)}(1) in gamma units, t = 0..steps (inf once it overflows)."""
    g = encoded_norms(carleman.step_tensors, carleman.factor_tensors, carleman.order).steps
    values = [1.0]
    for _ in range(steps):
        values.append(evaluate(g, values[-1]) if values[-1] < 1e100 else math.inf)
    return values


def _contraction_norm(contraction: float, carleman: CarlemanSystem) -> float:
    """Return min(max(Gamma_t, Gamma_t^N), sqrt(sum over levels Gamma_t^2j)), F_0 = 0."""
    if not contraction < 1e10:
        return math.inf
    injective = max(contraction, contraction**carleman.order)
    stacked = math.sqrt(sum(contraction ** (2 * level) for level in carleman.levels))
    return min(injective, stacked)


def _time_free(contraction: list[float], padding: int) -> dict[str, float]:
    """Return the bound that holds for every T, where Gamma < 1."""
    gamma = contraction[1] if len(contraction) > 1 else 0.0
    if not 0.0 < gamma < 1.0:
        return {}
    return {
        "contraction": padding + 1.0 + min(gamma / (1.0 - gamma), math.pi / (2.0 * math.log(1.0 / gamma)))
    }


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.inf
