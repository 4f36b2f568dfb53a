"""Classical gradient descent as a yardstick: norms along it, its cost, the measured truncation error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.system import iterate_systems, linearize_sequence
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import ARRAY_LIMIT, NormalWeights, Point, Weights

Vector = npt.NDArray[np.float64]
MAX_SITES = 1_000_000
"""The most sites on which gradient descent from a sparse start is run."""


def trajectory_sizes(map: PolynomialMap, u_in: npt.ArrayLike, steps: int, *, kind: str = "2") -> Vector:
    """Return ||u(t)|| for t = 0..steps of one map; see `sequence_sizes`."""
    return sequence_sizes(MapSequence.constant(map, steps), u_in, kind=kind)


def sizes_along(sequence: MapSequence, start: npt.ArrayLike | Point, *, kind: str = "2") -> Vector | None:
    """Return ||u(t)|| for t = 0..T from a start in any form; None where the weights are too many to run.

    A sparse start stays sparse: the iterate of a local map reaches a few more sites at every step, and only
    these are computed.
    """
    if isinstance(start, Weights):
        run = sparse_run(sequence, start)
        return None if run is None else run.sizes[kind]
    if isinstance(start, NormalWeights):
        return sequence_sizes(sequence, start.as_array(), kind=kind) if start.n <= ARRAY_LIMIT else None
    return sequence_sizes(sequence, start, kind=kind)


def reached_sites(sequence: MapSequence, start: npt.ArrayLike | Point) -> int:
    """Return at how many sites u(T) or the truncated iterate can differ from zero; n where that is not known.

    Both are sums of products of entries of u(0) and F_0 along paths of the map, so both vanish where no path
    of T steps leads from a nonzero of either (derived here).
    """
    run = sparse_run(sequence, start) if isinstance(start, Weights) else None
    return sequence.n if run is None or run.fills else min(run.reached, sequence.n)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SparseRun:
    """Gradient descent from a sparse start: norms by kind, sites reached, whether all others are nonzero."""

    sizes: dict[str, Vector]
    reached: int
    fills: bool


@lru_cache(maxsize=8)
def sparse_run(sequence: MapSequence, start: Weights) -> SparseRun | None:
    """Run the sequence on the sites it reaches; None above `MAX_SITES` or where no sparse form exists."""
    sizes = {kind: np.empty(sequence.steps + 1) for kind in ("2", "inf")}
    u, fills = start, start.fill != 0.0
    for time in range(sequence.steps + 1):
        for kind, found in sizes.items():
            found[time] = u.norm(kind)
        if time < sequence.steps:
            after = sequence.at(time).step_sparse(u)
            if after is None or len(after.sites) > MAX_SITES:
                return None
            u, fills = after, fills or after.fill != 0.0
    return SparseRun(sizes=sizes, reached=len(u.sites), fills=fills)


def sequence_sizes(sequence: MapSequence, u_in: npt.ArrayLike, *, kind: str = "2") -> Vector:
    """Return ||u(t)|| for t = 0..T (2-norm, or `kind` = "inf"), keeping one iterate at a time.

    Overflow becomes inf (or nan) without a warning.
    """
    u = np.array(u_in, dtype=np.float64)
    sizes = np.empty(sequence.steps + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        for time in range(sequence.steps + 1):
            sizes[time] = np.linalg.norm(u, 2 if kind == "2" else np.inf)
            if time < sequence.steps:
                u = sequence.at(time).step(u)
    return sizes


def gradient_descent_flops(map: PolynomialMap, steps: int) -> int:
    """Return the flops of `steps` classical steps: l products and one sum per entry of F_l.

    This is the classical baseline T nnz(F) that every quantum cost is printed beside (THEORY 6.3).
    """
    return steps * map.flops_per_step


def measured_truncation_errors(
    map: PolynomialMap,
    u_in: npt.ArrayLike,
    steps: int,
    orders: tuple[int, ...],
    *,
    gamma: float = 1.0,
    corrections: int | None = None,
) -> dict[int, float]:
    """Return the measured errors of one map; see `measured_sequence_errors`."""
    sequence = MapSequence.constant(map, steps)
    return measured_sequence_errors(sequence, u_in, orders, gamma=gamma, corrections=corrections)


def measured_sequence_errors(
    sequence: MapSequence,
    u_in: npt.ArrayLike,
    orders: tuple[int, ...],
    *,
    gamma: float = 1.0,
    corrections: int | None = None,
) -> dict[int, float]:
    """Return {N: ||u(T) - truncated iterate||_2}, run classically (nan or inf where they overflow)."""
    errors = {}
    with np.errstate(over="ignore", invalid="ignore"):
        exact = sequence.iterate(np.asarray(u_in, dtype=np.float64))[-1]
        for order in orders:
            systems = linearize_sequence(sequence, order=order, gamma=gamma, corrections=corrections)
            iterate = iterate_systems(systems, sequence.schedule, u_in)
            errors[order] = float(np.linalg.norm(iterate[-1] - exact))
    return errors
