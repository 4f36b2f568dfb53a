"""Rigorous bounds of ||L^-1|| and kappa(L) from norms alone, at any n (THEORY 5.2, 5.3).

With beta_t an upper bound of ||B_N^t||, the blocks of L^-1 on its d-th diagonal are B^t with t in d-p..d
(times up to T, then copies), so ||L^-1|| <= sum_{d=0}^{T+p} max_{d-p <= t <= min(d, T)} beta_t, where
beta_0 = 1. These bounds are used, all in units of gamma and for the flattening that is encoded; the least is
reported by name:

- `majorant history`: the matrix of block norms is at most b_N, the scalar majorant, so ||L^-1|| is at most the
  norm of the scalar system of N(T+p+1) unknowns with b_N in place of B (`history_norm`). It holds for any F_0 and
  any corrections.
- `majorant powers`: beta_t = ||b_N^t||_2. It holds for any F_0 and any corrections.
- `contraction powers`: beta_t = min(max(Gamma_t, Gamma_t^N), sqrt(sum_j Gamma_t^2j)). It needs F_0 = 0 and exact
  blocks.
- `contraction`: (p+1) + min(1/(1-Gamma) - 1, pi/(2 ln 1/Gamma)) for every T. It needs F_0 = 0, Gamma < 1 and exact
  blocks.

||L|| <= 1 + max(1 if p > 0, beta_1). Proved (THEORY 5.2; `majorant history` and the diagonal sum derived
here).

Where the steps differ, d steps from time t have the majorant product b_(t+d-1) ... b_t in place of b_N^d, and
the composition of their g in place of Gamma_d (the proofs are the same, factor by factor); beta_d is the largest
over the starts t. A schedule of period P has P starts; beyond `_MAX_PRODUCTS` products all steps are replaced by
one that is entrywise at least every one of them.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.carleman.majorant import majorant
from carlemanc.carleman.map_norms import encoded_norms
from carlemanc.carleman.system import CarlemanSystem
from carlemanc.core.arrays import IntArray, Vector
from carlemanc.core.formula import Formula
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.history_norm import history_norm

_ROUND_UP = 1.0 + 1e-10
_DIAGONALS = "||L^-1|| <= sum_d max beta_t over d - p <= t <= min(d, T)"
FORMULAS = {
    "majorant history": Formula(
        text="||L^-1|| <= the norm of the history matrix of the scalar majorant b_N, by Collatz-Wielandt",
        status="proved",
    ),
    "majorant powers": Formula(
        text=f"{_DIAGONALS}, beta_t = ||b_N^t||, b_N the scalar majorant", status="proved"
    ),
    "contraction powers": Formula(
        text=f"{_DIAGONALS}, beta_t = min(max(Gamma_t, Gamma_t^N), sqrt(sum_j Gamma_t^2j)), Gamma_t that of t steps",
        status="proved",
    ),
    "contraction": Formula(
        text="||L^-1|| <= p + 1 + min(Gamma/(1 - Gamma), pi/(2 ln(1/Gamma))), Gamma < 1 the contraction of a step",
        status="proved",
    ),
}
"""The bounds of ||L^-1|| by name; shown in the docstring of this module."""
_MAX_PRODUCTS = 200_000
"""Largest number of starts times steps whose majorant products are formed one by one."""
_MAX_HISTORY = 60_000
"""Largest scalar history N (T + p + 1) for which the first bound is computed."""
_MAX_HISTORIES = 300_000
"""The same, all paddings together."""


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
    alternatives: dict[str, float]
    """Every bound of ||L^-1|| that applies, by name."""


def kappa_bound(system: HistorySystem) -> Bound:
    """Return the least proved bound of kappa(L) on the used subspace, from scalars alone (O(T N^2) work)."""
    return kappa_bounds(system, (system.padding,))[0]


def kappa_bounds(system: HistorySystem, paddings: Sequence[int]) -> list[Bound]:
    """Return `kappa_bound` for other numbers of copies of the last step; what does not depend on them once.

    All are found by the same formulas: `majorant history` only where it is affordable for all.
    """
    steps = system.steps
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        run = _StepProducts.of(system)
        tables = np.array([majorant_step(item) for item in run.systems])
        if run.is_merged:
            tables = tables.max(axis=0, keepdims=True)
        powers = run.power_norms(tables)
        step_norms, beta, contraction = [powers[1] if steps else 0.0], [], []
        if not system.is_driven and system.corrections is None:
            contraction = run.contractions()
            beta = [1.0, *(_contraction_norm(x, system) for x in contraction[1:])]
            step_norms += beta[1:2]
        sizes = [tables.shape[1] * (steps + padding + 1) for padding in paddings]
        is_short = max(sizes) <= _MAX_HISTORY and sum(sizes) <= _MAX_HISTORIES and math.isfinite(sum(powers))
        bounds = []
        for padding in paddings:
            found = {"majorant powers": sum_of_diagonals(powers, padding)}
            if is_short:
                found["majorant history"] = history_norm(tables, run.schedule.tolist(), padding)
            if beta:
                found["contraction powers"] = sum_of_diagonals(beta, padding)
                found.update(_time_free(contraction, padding))
            bounds.append(_least(found, min(step_norms), padding))
    return bounds


def step_norm_bound(system: HistorySystem) -> float:
    """Return an upper bound of the norm of every step B, in units of gamma; infinite where it overflows."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        found = max(float(np.linalg.norm(majorant_step(item), 2)) for item in system.systems)
        if not system.is_driven and system.corrections is None:
            g = _coefficients(system.systems)
            contraction = float(_evaluate_each(g, np.ones(len(g))).max())
            found = min(found, _contraction_norm(contraction, system))
    return _finite(found * _ROUND_UP)


def _least(found: dict[str, float], step_norm: float, padding: int) -> Bound:
    named = {name: _finite(value * _ROUND_UP) for name, value in found.items()}
    formula = min(named, key=lambda name: (named[name], name))
    norm = 1.0 + max(step_norm, 1.0 if padding else 0.0) * _ROUND_UP
    inverse = max(1.0, named[formula])
    return Bound(
        value=_finite(norm * inverse),
        inverse_norm=inverse,
        norm=_finite(norm),
        formula=formula,
        alternatives=named,
    )


def majorant_step(carleman: CarlemanSystem) -> Vector:
    """Return b_N on the kept levels: bounds of the block norms of B in gamma units, (levels, levels)."""
    norms = encoded_norms(carleman.step_operators, carleman.factor_operators, carleman.order)
    table = majorant(norms, order=carleman.order, corrections=carleman.corrections).kept
    rows = np.array(carleman.levels) - 1
    return np.asarray(table[np.ix_(rows, rows + 1)])


def sum_of_diagonals(beta: list[float], padding: int) -> float:
    """Return sum_{d=0}^{T+p} max of beta_t over d - p <= t <= min(d, T), the bound of ||L^-1||."""
    steps, largest = len(beta) - 1, deque[int]()  # falling values of the window, by their place
    total = 0.0
    for d in range(steps + padding + 1):
        if d <= steps:
            while largest and not beta[largest[-1]] > beta[d]:
                largest.pop()
            largest.append(d)
        while largest[0] < d - padding:
            largest.popleft()
        total += beta[largest[0]]
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class _StepProducts:
    """The steps of a history: which systems, in which order, and from which starts products are taken."""

    systems: tuple[CarlemanSystem, ...]
    schedule: IntArray
    """(T,)."""
    starts: int
    """Products from the times 0..starts - 1 are all there are."""
    is_merged: bool
    """Whether one step that dominates all systems stands for every step."""

    @classmethod
    def of(cls, history: HistorySystem) -> _StepProducts:
        starts = min(period(history.schedule), max(history.steps, 1))
        is_merged = starts * history.steps > _MAX_PRODUCTS and not history.is_uniform
        return cls(
            systems=history.systems,
            schedule=np.array((0,) * history.steps if is_merged else history.schedule, dtype=np.int64),
            starts=1 if is_merged else starts,
            is_merged=is_merged,
        )

    def _next(self, length: int) -> IntArray:
        """Return the systems that extend the products of `length` steps, for the starts that have room."""
        return self.schedule[length : length + self.starts]

    def power_norms(self, tables: Vector) -> list[float]:
        """Return for d = 0..T the largest 2-norm of the products of d steps; inf from the first overflow on.

        `tables`: (systems, levels, levels).
        """
        norms, power = [1.0], np.broadcast_to(np.eye(tables.shape[1]), (self.starts, *tables.shape[1:]))
        for length in range(len(self.schedule)):
            chosen = self._next(length)
            power = tables[chosen] @ power[: len(chosen)]
            finite = math.isfinite(norms[-1]) and bool(np.all(power < 1e150))
            norms.append(float(np.linalg.norm(power, 2, axis=(1, 2)).max()) if finite else math.inf)
        return norms

    def contractions(self) -> list[float]:
        """Return for d = 0..T the largest composition of d of the g at 1, in gamma units (inf on overflow)."""
        g = _coefficients(self.systems)
        if self.is_merged:
            g = g.max(axis=0, keepdims=True)
        values, found = np.ones(self.starts), [1.0]
        for length in range(len(self.schedule)):
            chosen = self._next(length)
            values = _evaluate_each(g[chosen], values[: len(chosen)])
            found.append(float(values.max()))
        return found


def period(schedule: Sequence[int]) -> int:
    """Return the least P >= 1 with schedule[t + P] = schedule[t] wherever both exist.

    >>> period((0, 1, 2, 0, 1, 2, 0)), period((0, 0, 0)), period((0, 1, 2)), period(())
    (3, 1, 3, 1)
    """
    border = [0] * len(schedule)  # Knuth, Morris and Pratt: the longest proper border of every prefix
    for place in range(1, len(schedule)):
        length = border[place - 1]
        while length and schedule[length] != schedule[place]:
            length = border[length - 1]
        border[place] = length + (schedule[length] == schedule[place])
    return len(schedule) - border[-1] if schedule else 1


def _coefficients(systems: Sequence[CarlemanSystem]) -> Vector:
    """Return g_l in gamma units, (systems, N + 1)."""
    return np.array(
        [encoded_norms(item.step_operators, item.factor_operators, item.order).steps for item in systems]
    )


def _evaluate_each(g: Vector, x: Vector) -> Vector:
    """Return row i of g, a polynomial, at x[i]; inf from x = 1e100 on."""
    value = np.zeros(len(x))
    for column in g.T[::-1]:
        value = np.where(value == 0.0, column, value * x + column)
    return np.where(x < 1e100, value, math.inf)


def _contraction_norm(contraction: float, system: HistorySystem) -> float:
    """Return min(max(Gamma_t, Gamma_t^N), sqrt(sum over levels Gamma_t^2j)), F_0 = 0."""
    if not contraction < 1e10:
        return math.inf
    injective = max(contraction, contraction**system.order)
    stacked = math.sqrt(sum(contraction ** (2 * level) for level in system.levels))
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
