r"""The light cone of a lattice whose sites are reached axis by axis, in closed form at any size and any T.

Where every stencil that spreads reads one neighbor along one axis, from all rows of an interval of that axis, the
sites reached from p within t steps are those with $\sum_a d_a(x_a) \le t$, $d_a$ being the number of steps from
$p_a$ to $x_a$ on the axis alone: the graph of the sites is the product of those of its axes, and distances in a
product of graphs add. So the number of sites at each distance is the convolution of what the axes have at each
distance, and the rows of a box on which a stencil writes are counted the same way with $\max_k d_a(x_a + o_k)$ on
the axis that its columns lie along.
On one axis any number of starts may be given; on several axes one. All counts are exact integers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.model.lattice.sites import Box, Interval, Offset, covers
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.light_cone.growth import LightCone, Rules, cost_of

_LARGEST = 2**62
"""Counts beyond it are added up as Python integers."""
_MAX_STARTS = 100_000
_MAX_SINGLE = 64
"""The most sites that cost something of their own."""

Histogram = IntArray
"""[s] -> number of points at distance s, of int64 or of Python integers."""


def axis_growth(rules: Rules, start: IntArray, steps: int) -> LightCone | None:
    """Return the growth; None where the sites are not reached axis by axis."""
    dims = len(rules.lattice.dims)
    if any(item.degree for item in rules.entries) or not len(start) + len(rules.driven):
        return None
    if rules.site_costs is not None and len(rules.site_costs.sites) > _MAX_SINGLE:
        return None
    if not all(_is_along_an_axis(rules, stencil) for stencil in rules.stencils) or not _is_implied(rules):
        return None
    sources = dict.fromkeys(rules.driven.tolist(), 1) | dict.fromkeys(start.tolist(), 0)
    if len(sources) > (_MAX_STARTS if dims == 1 else 1):
        return None
    delay = min(sources.values())
    places = np.array(list(sources), dtype=np.int64)
    coordinates = [part.tolist() for part in rules.lattice.coordinates(places)]
    begins = [time - delay for time in sources.values()]
    length = steps - delay
    if length < 0:
        return LightCone(support=0, flops=0, is_exact=True, sites=None, source=_SOURCE)
    along = [
        _ReachedAxis.reached(rules, axis, dict(zip(coordinates[axis], begins, strict=True)), length)
        for axis in range(dims)
    ]
    shells = _convolved([axis.histogram(axis.distances) for axis in along])
    flops = rules.drive_flops * steps
    for stencil in rules.stencils if rules.site_costs is None else ():
        own = [axis.histogram(axis.written(stencil, number)) for number, axis in enumerate(along)]
        flops += cost_of(stencil) * _summed(_convolved(own), length)
    for box, cost in _boxes(rules):
        own = [axis.histogram(axis.within(box[number])) for number, axis in enumerate(along)]
        flops += cost * _summed(_convolved(own), length)
    support = sum(shells[: length + 1].tolist())
    return LightCone(support=support, flops=flops, is_exact=True, sites=None, source=_SOURCE)


_SOURCE = "counted axis by axis"


def _boxes(rules: Rules) -> list[tuple[Box, int]]:
    """Return the boxes, single sites among them, in which a site costs something by being reached."""
    if rules.site_costs is None:
        return []
    places = np.stack(rules.lattice.coordinates(rules.site_costs.sites), axis=-1).tolist()
    single = [tuple((index, index) for index in place) for place in places]
    return [*rules.site_costs.boxes, *zip(single, rules.site_costs.flops.tolist(), strict=True)]


def _is_along_an_axis(rules: Rules, stencil: Stencil) -> bool:
    """Whether the columns of a stencil lie along one axis, and one that spreads has rows everywhere across it."""
    lattice = rules.lattice
    if stencil.profile is not None and len(stencil.profile.nonzero_rows()) < lattice.n:
        return False
    moved = {axis for offset in stencil.offsets for axis, step in enumerate(offset) if step}
    cut = {axis for axis, size in enumerate(lattice.dims) if stencil.box[axis] != (0, size - 1)}
    return len(moved) < 2 and (not moved or len(set(stencil.offsets)) > 1 or cut <= moved)


def _is_implied(rules: Rules) -> bool:
    """Whether every row that products write to is written to by a stencil that reads one neighbor, or was reached."""
    single: dict[Offset, list[Stencil]] = {}
    for stencil in rules.stencils:
        if len(set(stencil.offsets)) == 1:
            single.setdefault(stencil.offsets[0], []).append(stencil)
    return all(
        any(
            not any(offset) or any(covers(other.box, stencil.box) for other in single.get(offset, ()))
            for offset in stencil.offsets
        )
        for stencil in rules.stencils
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ReachedAxis:
    """The points of one axis that are reached, ascending, and their distances up to `length`."""

    size: int
    is_periodic: bool
    length: int
    points: IntArray
    distances: IntArray

    @classmethod
    def reached(cls, rules: Rules, axis: int, begins: dict[int, int], length: int) -> _ReachedAxis:
        """Follow the steps along an axis from points that are reached at given times."""
        size, is_periodic = rules.lattice.dims[axis], rules.lattice.periodic
        moves = {
            (stencil.offsets[0][axis], stencil.box[axis])
            for stencil in rules.stencils
            if len(set(stencil.offsets)) == 1 and stencil.offsets[0][axis]
        }
        found = {point: 0 for point, begin in begins.items() if not begin}
        later = {point for point, begin in begins.items() if begin}
        frontier = list(found)
        time: int = 0
        while time < length and (frontier or (later and time == 0)):
            time += 1
            rows = [*_moved(frontier, moves, size, is_periodic), *(later if time == 1 else ())]
            frontier = []
            for row in rows:
                if row not in found:
                    found[row] = time
                    frontier.append(row)
        points = np.array(sorted(found), dtype=np.int64)
        return cls(
            size=size,
            is_periodic=is_periodic,
            length=length,
            points=points,
            distances=np.array([found[point] for point in points.tolist()], dtype=np.int64),
        )

    def written(self, stencil: Stencil, axis: int) -> IntArray:
        """Return when each row of the axis that a stencil writes to begins to be written to, those within `length`."""
        steps = [offset[axis] for offset in stencil.offsets]
        rows = self.points - steps[0]
        rows = rows % self.size if self.is_periodic else rows
        low, high = stencil.box[axis]
        rows = rows[(rows >= low) & (rows <= high)]
        latest = np.zeros(len(rows), dtype=np.int64)
        for step in set(steps):
            column = rows + step
            column = column % self.size if self.is_periodic else column
            place = np.minimum(np.searchsorted(self.points, column), len(self.points) - 1)
            is_known = self.points[place] == column
            latest = np.maximum(latest, np.where(is_known, self.distances[place], self.length + 1))
        return latest[latest <= self.length]

    def within(self, interval: Interval) -> IntArray:
        """Return the distances of the points of an interval."""
        low, high = interval
        return self.distances[(self.points >= low) & (self.points <= high)]

    def histogram(self, distances: IntArray) -> Histogram:
        """Return how many points there are at each distance 0..length."""
        return np.bincount(distances, minlength=self.length + 1).astype(np.int64)


def _moved(
    frontier: Iterable[int], moves: Iterable[tuple[int, Interval]], size: int, is_periodic: bool
) -> list[int]:
    """Return the rows that read a point of the frontier."""
    rows = []
    for step, (low, high) in moves:
        for point in frontier:
            row = (point - step) % size if is_periodic else point - step
            if low <= row <= high:
                rows.append(row)
    return rows


def _convolved(histograms: Sequence[Histogram]) -> Histogram:
    """Return the number of tuples of points, one of each axis, at each sum of distances up to the length.

    The histogram of an axis is constant but at a few distances, so that a convolution with it is a few shifted sums.
    """
    total = histograms[0]
    if math.prod(int(item.sum()) for item in histograms) > _LARGEST:
        total = total.astype(object)
    for other in histograms[1:]:
        if np.count_nonzero(np.diff(other)) > np.count_nonzero(np.diff(total)):
            total, other = other.astype(total.dtype), total
        summed = np.cumsum(total)
        changes = np.diff(other, prepend=0)
        result = np.zeros_like(total)
        for place in np.flatnonzero(changes).tolist():
            result[place:] += changes[place] * summed[: len(summed) - place]
        total = result
    return total


def _summed(shells: Histogram, length: int) -> int:
    """Return the number of points within t, summed over t = 0..length - 1."""
    return sum(count * (length - distance) for distance, count in enumerate(shells[:length].tolist()))
