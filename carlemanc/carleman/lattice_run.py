"""Gradient descent on a lattice as far as it can be run: norms along it, bounds for the rest.

From a sparse start only the sites that the steps reach are computed; a dense start is run as it is. Where
the work would pass `WORK`, or where the iterate is neither, the majorant v(t+1) = g(v(t)) of THEORY 3.2
goes on from the last norm, so that `sizes` are upper bounds of ||u(t)|| at every t, equal to it up to
`steps_run`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.majorant import sequence_majorant
from carlemanc.carleman.norms import maximum_norms, norms_of_each, symmetrized_norms
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import ARRAY_LIMIT, NormalWeights, Point, Weights, as_array, point_norm

Vector = npt.NDArray[np.float64]
WORK = 200_000_000
"""The most products of an entry with a weight, one or two seconds."""
_MEASURES = {"2": symmetrized_norms, "inf": maximum_norms}
_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LatticeRun:
    """Norms of u(0..T) by kind, and what is known of the sites."""

    sizes: dict[str, Vector]
    steps_run: int
    """sizes[kind][t] is ||u(t)|| for t up to here, an upper bound beyond."""
    reached: int | None
    """At how many sites u(T), or a truncated iterate, can differ from zero; None where that is not known."""


_known: list[tuple[MapSequence, Point, LatticeRun]] = []


def lattice_run(sequence: MapSequence, start: Point) -> LatticeRun:
    """Return the run of a sequence from a start; the last few are remembered."""
    for known, point, run in _known:
        if known is sequence and point is start:
            return run
    found = _follow(sequence, start)
    _known.insert(0, (sequence, start, found))
    del _known[_KEPT:]
    return found


def _follow(sequence: MapSequence, start: Point) -> LatticeRun:
    u: Point = start
    if isinstance(start, NormalWeights) and start.n <= ARRAY_LIMIT:
        u = as_array(start)
    found: dict[str, list[float]] = {kind: [point_norm(u, kind)] for kind in _MEASURES}
    work, time = 0.0, 0
    sparse = isinstance(u, Weights) and u.fill == 0.0
    while time < sequence.steps:
        work += _work(sequence, time, u)
        after = _step(sequence, time, u) if work <= WORK else None
        if after is None:
            break
        u, time = after, time + 1
        sparse = sparse and isinstance(u, Weights) and u.fill == 0.0
        for kind, sizes in found.items():
            sizes.append(point_norm(u, kind))
    complete = time == sequence.steps and isinstance(u, Weights)
    return LatticeRun(
        sizes={kind: _continued(sequence, kind, sizes) for kind, sizes in found.items()},
        steps_run=time,
        reached=len(u.sites) if complete and sparse and isinstance(u, Weights) else None,
    )


def _step(sequence: MapSequence, time: int, u: Point) -> Point | None:
    if isinstance(u, Weights):
        return sequence.at(time).step_sparse(u)
    return None if isinstance(u, NormalWeights) else sequence.at(time).step(u)


def _work(sequence: MapSequence, time: int, u: Point) -> float:
    """Return about how many products the next step takes."""
    if isinstance(u, NormalWeights):
        return math.inf
    if not isinstance(u, Weights):
        return float(sequence.at(time).flops_per_step)
    columns = 0
    for operator in sequence.at(time).operators.values():
        terms = len(operator.stencils) if isinstance(operator, LatticeTensor) else 1
        columns += terms * (operator.degree + 1)
    return 3.0 * (len(u.sites) + 1) * columns  # sorting sites and looking them up costs as much again


def _continued(sequence: MapSequence, kind: str, sizes: list[float]) -> Vector:
    """Return the norms of all times: those given, then the majorant from the last of them."""
    rest = sequence.schedule[len(sizes) - 1 :]
    if rest:
        norms = norms_of_each(sequence.maps, _MEASURES[kind])
        sizes = sizes[:-1] + sequence_majorant([norms[index].steps for index in rest], sizes[-1])
    return np.array(sizes)
