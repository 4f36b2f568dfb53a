"""Certified truncation error of the Carleman iterate at a finite time T, for any system (THEORY 3.3).

The error e_j(t) = y_j - (truncated y_j) obeys e(t+1) = B_N e(t) + r(t), where r collects the columns k > N
(and what `corrections` drops) applied to the true lift. Norms turn this into a scalar recursion with
non-negative terms,

    eps_j(t+1) = sum_{k<=N} b_jk eps_k(t) + sum_{k>N} b_jk v(t)^k,     ||u(t)|| <= v(t),    eps(0) = 0,

which equals v(T) - w_1(T) of THEORY 3.3 when v(t+1) = g(v(t)), but never subtracts, so that it keeps its
relative precision however small the error is. Every step is rounded up. v is either this majorant (a
priori) or the norms of a known trajectory (a posteriori, sharper where F_0 != 0). Two vector norms are
tried: the 2-norm with symmetrized maps, and the maximum norm, for which ||e||_2 <= sqrt(n) ||e||_inf (local
losses at large n, THEORY 6.1). Proved (derived in THEORY 3.3; errors below 1e-300 of ||u|| may underflow to
0); the a-posteriori form takes the computed trajectory as exact up to `ROUND_UP`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.majorant import Majorant, evaluate, majorant
from carlemanc.carleman.norms import ROUND_UP, MapNorms, maximum_norms, symmetrized_norms
from carlemanc.carleman.trajectory import trajectory_sizes
from carlemanc.model.polynomial_map import PolynomialMap

_OVERFLOW = 1e100
"""Norms of u beyond which nothing is computed; a bound there would say nothing."""
_ULP = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncationCertificate:
    """Upper bounds of ||u(T) - truncated iterate||_2 per order; inf where nothing finite is proved."""

    bounds: dict[int, float]
    norms: dict[int, str]
    """The vector norm, `2` or `inf`, that gave each bound."""
    steps: int
    a_posteriori: bool


def certify(
    map: PolynomialMap,
    *,
    u_in: npt.ArrayLike,
    steps: int,
    orders: Iterable[int],
    corrections: int | None = None,
    a_posteriori: bool = False,
) -> TruncationCertificate:
    """Return the 2-norm certificate of `map` after `steps` steps from `u_in` (about the center), per order.

    `a_posteriori` runs gradient descent (T nnz operations) and uses the norms it finds.
    """
    wanted = tuple(orders)
    bounds: dict[int, float] = {}
    kinds: dict[int, str] = {}
    for norms, factor in ((symmetrized_norms(map), 1.0), (maximum_norms(map), math.sqrt(map.n) * ROUND_UP)):
        if a_posteriori:
            sizes = (trajectory_sizes(map, u_in, steps, kind=norms.kind) * ROUND_UP).tolist()
        else:
            sizes = majorant_trajectory(norms.steps, norms.vector(u_in), steps)
        for order in wanted:
            found = factor * error_along(norms, sizes, order, corrections=corrections)
            if order not in bounds or found < bounds[order]:
                bounds[order], kinds[order] = found, norms.kind
    return TruncationCertificate(bounds=bounds, norms=kinds, steps=steps, a_posteriori=a_posteriori)


def truncation_bound(
    norms: Sequence[float],
    x0: float,
    steps: int,
    order: int,
    *,
    corrections: int | None = None,
    linear_factor: float | None = None,
) -> float:
    """Return E_N(T) in u units from g_l = ||G_l|| (l = 0..q) and x0 = ||u_in||; inf where it overflows.

    `corrections` needs `linear_factor` = ||F_1|| (default: the safe 1 + g_1).
    """
    given = MapNorms(
        kind="2",
        steps=tuple(float(g) for g in norms),
        linear_factor=1.0 + norms[1] if linear_factor is None else linear_factor,
    )
    sizes = majorant_trajectory(given.steps, x0, steps)
    return error_along(given, sizes, order, corrections=corrections)


def truncation_bounds(
    norms: Sequence[float], x0: float, steps: int, orders: Iterable[int]
) -> dict[int, float]:
    """Return {N: E_N(T)}; see `truncation_bound`."""
    return {order: truncation_bound(norms, x0, steps, order) for order in orders}


def majorant_trajectory(norms: Sequence[float], x0: float, steps: int) -> list[float]:
    """Return v(0..steps) with v(t+1) = g(v(t)) rounded up; inf from the first overflow on."""
    slack = 1.0 + 4 * len(norms) * _ULP
    sizes = [float(x0)]
    for _ in range(steps):
        sizes.append(evaluate(tuple(norms), sizes[-1]) * slack if sizes[-1] < _OVERFLOW else math.inf)
    return sizes


def error_along(
    norms: MapNorms, sizes: Sequence[float], order: int, *, corrections: int | None = None
) -> float:
    """Return the bound of the level-1 error after len(sizes) - 1 steps, given ||u(t)|| <= sizes[t]."""
    steps = len(sizes) - 1
    unit = float(np.max(sizes[:steps], initial=0.0))
    if unit == 0.0:  # u stays at the center (or leaves it in the one step there is): nothing is truncated
        return 0.0
    if not unit < _OVERFLOW:
        return math.inf
    unit = max(unit, 1.0 / _OVERFLOW)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        table = majorant(norms, order=order, unit=unit, corrections=corrections)
        error = _recursion(table, np.asarray(sizes[:steps]) / unit)
    bound = error * unit * (1.0 + 4 * _ULP)
    return bound if math.isfinite(bound) else math.inf


def _recursion(table: Majorant, sizes: npt.NDArray[np.float64]) -> float:
    """Run the recursion of the module docstring in scaled units and return eps_1 at the end."""
    columns = table.kept.shape[1]
    slack = 1.0 + 8 * (columns + table.order) * _ULP
    inside, outside = table.kept[:, 1 : table.order + 1], table.dropped.copy()
    outside[:, table.order + 1 :] += table.kept[:, table.order + 1 :]
    exponents = np.arange(columns)
    error = np.zeros(table.order)
    for size in sizes:
        error = (inside @ error + outside @ size**exponents) * slack
    return float(error[0])
