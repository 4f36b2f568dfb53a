"""Gradient descent on a lattice as far as it can be run: norms along it, bounds for the rest.

From a sparse start only the sites that the steps reach are computed; a dense start is run as it is. Where
the work would pass `WORK`, or where the iterate is neither, the majorant v(t+1) = g(v(t)) of THEORY 3.2
goes on from the last norm, so that `sizes` are upper bounds of ||u(t)|| at every t, equal to it up to
`steps_run`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
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
_walks: dict[Hashable, _Walk] = {}
"""The last few walks of one map from sparse weights, by content: a longer run goes on from a shorter one."""


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
    key = _content(sequence, start)
    walk = _walks.pop(key, None) if key is not None else None
    if walk is None:
        walk = _Walk(start)
    walk.go_on(sequence)
    if key is not None:
        _walks[key] = walk
        for old in list(_walks)[:-_KEPT]:
            del _walks[old]
    return walk.run(sequence)


class _Walk:
    """The steps taken so far from a start, at which work, and norms after each."""

    def __init__(self, start: Point) -> None:
        self._u: Point = start
        if isinstance(start, NormalWeights) and start.n <= ARRAY_LIMIT:
            self._u = as_array(start)
        self._sizes: dict[str, list[float]] = {kind: [point_norm(self._u, kind)] for kind in _MEASURES}
        self._reached = [_sparse_sites(self._u)]
        self._work = 0.0
        self._is_over = False

    def go_on(self, sequence: MapSequence) -> None:
        """Take the steps up to the last of the sequence that are not taken yet, as far as `WORK` allows."""
        while len(self._reached) <= sequence.steps and not self._is_over:
            time = len(self._reached) - 1
            self._work += _work(sequence, time, self._u)
            after = _step(sequence, time, self._u) if self._work <= WORK else None
            if after is None:
                self._is_over = True
                return
            self._u = after
            sites = _sparse_sites(after)
            self._reached.append(None if self._reached[-1] is None else sites)
            for kind, sizes in self._sizes.items():
                sizes.append(point_norm(after, kind))

    def run(self, sequence: MapSequence) -> LatticeRun:
        """Return the part up to the last step of the sequence."""
        taken = min(len(self._reached) - 1, sequence.steps)
        return LatticeRun(
            sizes={
                kind: _continued(sequence, kind, sizes[: taken + 1]) for kind, sizes in self._sizes.items()
            },
            steps_run=taken,
            reached=self._reached[taken] if taken == sequence.steps else None,
        )


def _sparse_sites(u: Point) -> int | None:
    """Return how many sites of a sparse iterate are listed; None where it has another form."""
    return len(u.sites) if isinstance(u, Weights) and u.fill == 0.0 else None


def _content(sequence: MapSequence, start: Point) -> Hashable:
    """Return what a walk depends on, where that is a few stencils and sites of one map; None elsewhere."""
    operators = sequence.maps[0].operators.values()
    if len(sequence.maps) > 1 or not isinstance(start, Weights):
        return None
    key: list[Hashable] = [start.n, start.fill, start.sites.tobytes(), start.values.tobytes()]
    for operator in operators:
        if not isinstance(operator, LatticeTensor) or any(
            item.profile is not None for item in operator.stencils
        ):
            return None
        key += [operator.lattice.dims, operator.lattice.periodic, operator.degree]
        key += [(item.offsets, item.box, item.coefficient) for item in operator.stencils]
        key += [
            array.tobytes() for array in (operator.entries.rows, operator.entries.cols, operator.entries.vals)
        ]
    return tuple(key)


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
