"""Certified truncation error of the Carleman iterate at a finite time T, for any system (THEORY 3.3).

The error e_j(t) = y_j - (truncated y_j) obeys e(t+1) = B_N e(t) + r(t), where r collects the columns k > N
(and what `corrections` drops) applied to the true lift. Norms turn this into a scalar recursion with
non-negative terms,

    eps_j(t+1) = sum_{k<=N} b_jk eps_k(t) + sum_{k>N} b_jk v(t)^k,     ||u(t)|| <= v(t),    eps(0) = 0,

which equals v(T) - w_1(T) of THEORY 3.3 when v(t+1) = g(v(t)), but never subtracts, so that it keeps its
relative precision however small the error is. Every step is rounded up. v is either this majorant (a
priori) or the norms of a known trajectory (a posteriori, sharper where F_0 != 0). Two vector norms are
tried: the 2-norm with symmetrized maps, and the maximum norm, for which ||e||_2 <= sqrt(n) ||e||_inf (local
losses at large n, THEORY 6.1); from a sparse start, with the number of sites that T steps can reach for n.
Proved (derived in THEORY 3.3; errors below 1e-300 of ||u|| may underflow to 0); the a-posteriori form takes
the computed trajectory as exact up to `ROUND_UP`. For a sequence of maps b is that of the map of each step
(the same proof, line by line).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.majorant import OVERFLOW, Majorant, majorant, sequence_majorant
from carlemanc.carleman.map_norms import ROUND_UP, MapNorms, maximum_norms, norms_of_each, symmetrized_norms
from carlemanc.carleman.trajectory import reached_sites, sizes_along
from carlemanc.core.arrays import FloatArray
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Point

_ULP = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncationCertificate:
    """Upper bounds of ||u(T) - truncated iterate||_2 per order; inf where nothing finite is proved."""

    bounds: dict[int, float]
    norms: dict[int, str]
    """The vector norm, `2` or `inf`, that gave each bound."""


def certify_sequence(
    sequence: MapSequence,
    *,
    u_in: npt.ArrayLike | Point,
    orders: Iterable[int],
    corrections: int | None = None,
    a_posteriori: bool = False,
) -> TruncationCertificate:
    """Return the 2-norm certificate after all T steps from `u_in` (about the center), per order.

    `a_posteriori` runs gradient descent (T nnz operations, or the reached sites of a lattice) and uses the
    norms it finds, as far as it can be run.
    """
    wanted = tuple(orders)
    bounds: dict[int, float] = {}
    kinds: dict[int, str] = {}
    reach = math.sqrt(reached_sites(sequence, u_in)) * ROUND_UP
    for measure, factor in ((symmetrized_norms, 1.0), (maximum_norms, reach)):
        norms = norms_of_each(sequence.maps, measure)
        kind = norms[0].kind
        if a_posteriori:
            sizes = (sizes_along(sequence, u_in, kind=kind) * ROUND_UP).tolist()
        else:
            steps = [norms[index].steps for index in sequence.schedule]
            sizes = sequence_majorant(steps, norms[0].vector(u_in))
        for order in wanted:
            found = factor * sequence_error(norms, sequence.schedule, sizes, order, corrections=corrections)
            if order not in bounds or found < bounds[order]:
                bounds[order], kinds[order] = found, kind
    return TruncationCertificate(bounds=bounds, norms=kinds)


def sequence_error(
    norms: Sequence[MapNorms],
    schedule: Sequence[int],
    sizes: Sequence[float],
    order: int,
    *,
    corrections: int | None = None,
) -> float:
    """Return the bound of the level-1 error after the steps `schedule`, given ||u(t)|| <= sizes[t]."""
    return float(level_errors(norms, schedule, sizes, order, corrections=corrections)[0])


def level_errors(
    norms: Sequence[MapNorms],
    schedule: Sequence[int],
    sizes: Sequence[float],
    order: int,
    *,
    corrections: int | None = None,
) -> FloatArray:
    """Return the bounds eps_j of the errors of levels j = 1..order, in units of u^j, given ||u(t)|| <= sizes[t]."""
    steps = len(schedule)
    unit = float(np.max(sizes[:steps], initial=0.0))
    if unit == 0.0:  # u stays at the center, or leaves it in the last step: only its products can be left out
        levels = np.arange(1, order + 1)
        drive = norms[schedule[-1]].steps[0] if steps else 0.0
        return np.where(levels > (corrections or order), drive**levels * (1.0 + 4 * _ULP), 0.0)
    if not unit < OVERFLOW:
        return np.full(order, np.inf)
    unit = max(unit, 1.0 / OVERFLOW)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        rules = [
            _ErrorStep.of(majorant(item, order=order, unit=unit, corrections=corrections)) for item in norms
        ]
        error = np.zeros(order)
        for index, size in zip(schedule, (np.asarray(sizes[:steps]) / unit).tolist(), strict=True):
            error = rules[index].step(error, size)
        powers = unit ** np.arange(1, order + 1, dtype=np.float64)
        bounds = error * powers * (1.0 + 4 * _ULP)
    return np.where(np.isfinite(bounds), bounds, np.inf)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ErrorStep:
    """One step of the recursion of the module docstring, in scaled units."""

    inside: FloatArray
    """(N, N): acts on the errors of the levels."""
    outside: FloatArray
    """(N, columns): acts on the powers of ||u||."""
    slack: float

    @classmethod
    def of(cls, table: Majorant) -> _ErrorStep:
        columns = table.kept.shape[1]
        outside = table.dropped.copy()
        outside[:, table.order + 1 :] += table.kept[:, table.order + 1 :]
        return cls(
            inside=table.kept[:, 1 : table.order + 1],
            outside=outside,
            slack=1.0 + 8 * (columns + table.order) * _ULP,
        )

    def step(self, error: FloatArray, size: float) -> FloatArray:
        """Return the errors after the step, ||u|| <= `size` before it."""
        powers = size ** np.arange(self.outside.shape[1])
        return (self.inside @ error + self.outside @ powers) * self.slack
