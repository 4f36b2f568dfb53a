"""Gradient descent on a lattice as far as it can be run: norms along it, bounds for the rest.

From a sparse start only the sites that the steps reach are computed; a dense start is run as it is, or where it is a
function of many sites as a tensor train, with the sum of what its roundings leave out added to the norms. Where the
work would pass `WORK` (`DENSE_WORK`), or where the iterate is neither, majorants go on from the last norms, so that
`sizes` are upper bounds of ||u(t)|| at every t, equal to it, or to rounding above it, up to `steps_run`:

    w(t+1) = g_inf(w(t)),   v(t+1) = ||F_0||_2 + (||I + F_1||_2 + sum_l min(||F_l||_2 v^(l-1), m_l w^(l-1))) v,

v of the 2-norm, w of the maximum norm, and both at most each other's bound (w <= v). m_l bounds F_l with the 2-norm
in its first slot and the maximum norm in the others: a start of many small weights has a large 2-norm, and only the
second form knows that it is small everywhere. Proved (THEORY 3.2, and the triangle inequality slot by slot).
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from carlemanc.carleman.majorant import OVERFLOW, evaluate
from carlemanc.carleman.map_norms import ROUND_UP, maximum_norms, norms_of_each, symmetrized_norms
from carlemanc.core.arrays import Vector
from carlemanc.core.progress import task
from carlemanc.model.last_pairs import KEPT, last_pairs
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.starts.train_step import (
    TrainWeights,
    has_trains,
    train_step,
    train_weights,
    train_work,
)
from carlemanc.model.weights import ARRAY_LIMIT, DenseWeights, Point, Weights, as_array, point_norm

WORK = 200_000_000
"""The most products of an entry with a weight from a sparse start, one or two seconds."""
DENSE_WORK = 10_000_000_000
"""The same from a dense start, whose products are of whole arrays: ten to thirty seconds."""
TRAIN_FROM = 1 << 18
"""From so many sites on a start that is a function is followed as a tensor train, not as an array."""
_KINDS = ("2", "inf")
_ULP = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LatticeRun:
    """Norms of u(0..T) by kind."""

    sizes: dict[str, Vector]
    steps_run: int
    """sizes[kind][t] is ||u(t)|| for t up to here, an upper bound beyond."""
    end: Point | None
    """u(T), where the run ended there."""


_walks: dict[Hashable, _Descent] = {}
"""The last few walks of one map from sparse weights, by content: a longer run goes on from a shorter one."""


@last_pairs
def lattice_run(sequence: MapSequence, start: Point) -> LatticeRun:
    """Return the run of a sequence from a start; the last few are remembered."""
    key = _content(sequence, start)
    walk = _walks.pop(key, None) if key is not None else None
    if walk is None:
        walk = _Descent(_followed(sequence, start))
    walk.go_on(sequence)
    if key is not None:
        _walks[key] = walk
        for old in list(_walks)[:-KEPT]:
            del _walks[old]
    return walk.run(sequence)


@last_pairs
def end_point(sequence: MapSequence, start: Point) -> Point | None:
    """Return u(T) of the polynomial maps: sparse where the run stays so, None where following it took too long."""
    is_listed = all(item.is_listed for item in sequence.maps)
    if not is_listed:
        found = lattice_run(sequence, start)
        end = found.end
        if end is None and found.steps_run == sequence.steps:  # a longer run has gone past it
            again = _Descent(_followed(sequence, start))
            again.go_on(sequence)
            end = again.run(sequence).end
        if end is not None or not isinstance(start, Weights) or start.n > ARRAY_LIMIT:
            return end
    u, work = as_array(start), 0.0
    for time in range(sequence.steps):
        work += _work(sequence, time, u)
        if work > DENSE_WORK and not is_listed:
            return None
        u = sequence.at(time).step(u)
    return u


class _Descent:
    """The steps taken so far from a start, at which work, and norms after each."""

    def __init__(self, start: Point) -> None:
        self._u = start
        self._sizes: dict[str, list[float]] = {kind: [point_norm(self._u, kind)] for kind in _KINDS}
        self._taken = 0
        self._work = 0.0
        self._is_over = False

    def go_on(self, sequence: MapSequence) -> None:
        """Take the steps up to the last of the sequence that are not taken yet, as far as `WORK` allows."""
        left = sequence.steps - self._taken
        if left <= 0 or self._is_over:
            return
        with task("gradient descent", left) as progress:
            while self._taken < sequence.steps and not self._is_over:
                self._go(sequence)
                progress.advance()

    def _go(self, sequence: MapSequence) -> None:
        limit = WORK if isinstance(self._u, Weights) else DENSE_WORK
        self._work += _work(sequence, self._taken, self._u)
        after = _step(sequence, self._taken, self._u) if self._work <= limit else None
        if after is None:
            self._is_over = True
            return
        self._u = after
        self._taken += 1
        for kind, sizes in self._sizes.items():
            sizes.append(point_norm(after, kind))

    def run(self, sequence: MapSequence) -> LatticeRun:
        """Return the part up to the last step of the sequence."""
        taken = min(self._taken, sequence.steps)
        return LatticeRun(
            sizes=_continued(sequence, {kind: sizes[: taken + 1] for kind, sizes in self._sizes.items()}),
            steps_run=taken,
            end=self._u if self._taken == sequence.steps else None,
        )


def _followed(sequence: MapSequence, start: Point) -> Point:
    """Return a start as it is followed: a function of many sites as a train, where the maps have that."""
    if not isinstance(start, FunctionWeights) or start.n <= TRAIN_FROM or start.sparse() is not None:
        return _runnable(start)
    return train_weights(start) if all(map(has_trains, sequence.maps)) else _runnable(start)


def _runnable(start: Point) -> Point:
    """Return a start as the steps take it: a rule by its few sites, or written out where that fits."""
    if not isinstance(start, DenseWeights):
        return start
    few = start.sparse()
    if few is not None:
        return few
    return as_array(start) if start.n <= ARRAY_LIMIT else start


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
        key.append(operator.entries.content)
    return tuple(key)


def _step(sequence: MapSequence, time: int, u: Point) -> Point | None:
    if isinstance(u, Weights):
        return sequence.at(time).step_sparse(u)
    if isinstance(u, TrainWeights):
        rule = _rules(sequence)[sequence.schedule[time]]
        sizes = u.norm(), u.norm("inf")
        return train_step(sequence.at(time), u, rule.step(*sizes)[1], rule.stretch(sizes[1]))
    return None if isinstance(u, DenseWeights) else sequence.at(time).step(u)


def _work(sequence: MapSequence, time: int, u: Point) -> float:
    """Return about how many products the next step takes."""
    if isinstance(u, TrainWeights):
        return train_work(sequence.at(time), u)
    if isinstance(u, DenseWeights):
        return math.inf
    if not isinstance(u, Weights):
        return float(sequence.at(time).flops_per_step)
    columns = 0
    for operator in sequence.at(time).operators.values():
        terms = len(operator.stencils) if isinstance(operator, LatticeTensor) else 1
        columns += terms * (operator.degree + 1)
    return 3.0 * (len(u.sites) + 1) * columns  # sorting sites and looking them up costs as much again


def _continued(sequence: MapSequence, sizes: dict[str, list[float]]) -> dict[str, Vector]:
    """Return the norms of all times: those given, then the majorants of the module docstring from the last of them."""
    two, largest = list(sizes["2"]), list(sizes["inf"])
    rest = sequence.schedule[len(two) - 1 :]
    if rest:
        rules = _rules(sequence)
        for index in rest:
            after = rules[index].step(two[-1], largest[-1])
            two.append(after[0])
            largest.append(after[1])
    return {"2": np.array(two), "inf": np.array(largest)}


def _rules(sequence: MapSequence) -> list[_Majorants]:
    """Return the majorants of every map."""
    norms = norms_of_each(sequence.maps, symmetrized_norms), norms_of_each(sequence.maps, maximum_norms)
    return [
        _Majorants(two=two.steps, largest=sup.steps, slots=slot_norms(item))
        for item, two, sup in zip(sequence.maps, *norms, strict=True)
    ]


def slot_norms(map: PolynomialMap) -> tuple[float, ...]:
    """Return m_l for l = 0..q; inf where it has no meaning (l < 2) or is not known."""
    found = [math.inf] * (map.degree + 1)
    for degree, operator in map.operators.items():
        if degree >= 2 and not isinstance(operator, ShapedTensor):
            found[degree] = operator.slot_norm * ROUND_UP
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Majorants:
    """One step of both majorants of one map, rounded up."""

    two: tuple[float, ...]
    """g_l in the 2-norm, l = 0..q."""
    largest: tuple[float, ...]
    """g_l in the maximum norm."""
    slots: tuple[float, ...]

    def step(self, two: float, largest: float) -> tuple[float, float]:
        """Return bounds of both norms after the step; inf from the first overflow on."""
        factor = self.two[1]
        for degree in range(2, len(self.two)):
            if self.two[degree]:
                alone = self.two[degree] * _power(two, degree - 1)
                factor += min(alone, self.slots[degree] * _power(largest, degree - 1))
        slack = 1.0 + 8 * len(self.two) * _ULP
        after = (self.two[0] + factor * two) * slack if two < OVERFLOW and factor < OVERFLOW else math.inf
        sup = evaluate(self.largest, largest) * slack if largest < OVERFLOW else math.inf
        return after, min(sup, after)

    def stretch(self, largest: float) -> float:
        """Return a bound of ||step(u) - step(v)|| / ||u - v|| where no weight of u or v is larger than so much."""
        more = [
            degree * self.slots[degree] * _power(largest, degree - 1)
            for degree in range(2, len(self.two))
            if self.two[degree]
        ]
        return self.two[1] + math.fsum(more)


def _power(base: float, exponent: int) -> float:
    return base**exponent if base < OVERFLOW ** (1.0 / exponent) else math.inf
