"""Classical gradient descent as a yardstick: norms along it, its cost, the measured truncation error."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.lattice_run import LatticeRun, lattice_run
from carlemanc.carleman.system import iterate_systems, linearize_sequence
from carlemanc.core.arrays import Vector
from carlemanc.core.rounding import without_noise
from carlemanc.model.light_cone.cone import light_cone
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import DenseWeights, Point, Weights, point_norm

MEASURED_SIZE = 10_000_000
"""Truncation errors are measured up to so many numbers (CONTRACT section 2)."""


def sizes_along(sequence: MapSequence, start: npt.ArrayLike | Point, *, kind: str = "2") -> Vector:
    """Return ||u(t)|| for t = 0..T from a start in any form; upper bounds from `steps_run` on.

    A sparse start on a lattice stays sparse, and only the sites reached are computed (`lattice_run`). A map known
    by its shape cannot be run: its sizes are `assumed_sizes`.
    """
    if sequence.maps[0].is_shaped:
        return assumed_sizes(sequence, start, kind)
    run = _lattice_run(sequence, start)
    if run is not None:
        return run.sizes[kind]
    if isinstance(start, Weights | DenseWeights):
        start = start.as_array()
    return sequence_sizes(sequence, start, kind=kind)


def assumed_sizes(sequence: MapSequence, start: npt.ArrayLike | Point, kind: str = "2") -> Vector:
    """Return ||u(0)|| g_1^t, t = 0..T, g_1 = ||I + F_1|| in that norm: an assumption, for maps without entries.

    The decay of the slowest linear mode of a map of that norm; a faster one lowers the share of the state that is read.
    """
    linear = sequence.maps[0].linear()
    rate = linear.norm2 if kind == "2" else linear.norm_inf
    with np.errstate(over="ignore"):
        return point_norm(start, kind) * np.float64(rate) ** np.arange(sequence.steps + 1)


def steps_run(sequence: MapSequence, start: npt.ArrayLike | Point) -> int:
    """Return up to which time `sizes_along` is the norm itself: T but for lattices of too many weights and shapes."""
    if sequence.maps[0].is_shaped:
        return 0
    run = _lattice_run(sequence, start)
    return sequence.steps if run is None else run.steps_run


def _lattice_run(sequence: MapSequence, start: npt.ArrayLike | Point) -> LatticeRun | None:
    """Return the run of a sequence whose maps are given by stencils; None where all are lists of entries."""
    if not isinstance(start, Weights | DenseWeights | np.ndarray):
        return None
    return None if all(item.is_listed for item in sequence.maps) else lattice_run(sequence, start)


def reached_sites(sequence: MapSequence, start: npt.ArrayLike | Point) -> int:
    """Return at how many sites u(T) or the truncated iterate can differ from zero, at most: their light cone."""
    point = start if isinstance(start, Weights | DenseWeights) else np.asarray(start, dtype=np.float64)
    return light_cone(sequence, point).support


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


def measured_orders(sequence: MapSequence, orders: Iterable[int]) -> tuple[int, ...]:
    """Return the orders whose truncation error is measured: those where T * sum n^j is at most `MEASURED_SIZE`."""
    return tuple(
        order
        for order in orders
        if sequence.steps * sum(sequence.n**level for level in range(1, order + 1)) <= MEASURED_SIZE
    )


def measured_sequence_errors(
    sequence: MapSequence,
    u_in: npt.ArrayLike,
    orders: tuple[int, ...],
    *,
    gamma: float = 1.0,
    corrections: int | None = None,
) -> dict[int, float]:
    """Return {N: ||u(T) - truncated iterate||_2}, run classically (nan or inf where they overflow; rounding is 0)."""
    errors = {}
    with np.errstate(over="ignore", invalid="ignore"):
        exact = sequence.iterate(np.asarray(u_in, dtype=np.float64))[-1]
        for order in orders:
            systems = linearize_sequence(sequence, order=order, gamma=gamma, corrections=corrections)
            iterate = iterate_systems(systems, sequence.schedule, u_in)
            distance = float(np.linalg.norm(iterate[-1] - exact))
            errors[order] = without_noise(distance, float(np.linalg.norm(exact)))
    return errors
