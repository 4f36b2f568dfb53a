"""A lattice on which weights are equal, as a small one with one site for each set of equal weights.

Two kinds, both proved from the stencils. On a periodic lattice whose every stencil stands on every row, a start with
periods p_a keeps them: the small lattice has p_a sites along axis a and goes around. On an open one a uniform start
keeps the weights equal that are further than K sites from both ends of an axis: after t steps u_i depends on the
distances of i from the ends up to m + r t alone (m: how far from an end the last stencil begins, r: the longest offset;
by induction over the steps), so that an axis of 2 K + 1 sites with K = m + r T + R holds every value there is, its
middle site standing for all of them; R leaves room for the stencils of a value about that site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.lattice.sites import Box, Interval, Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotient:
    """A lattice and the small one that stands for it.

    Args:
        whole: the lattice.
        small: one site for each set of equal weights.
    """

    whole: Lattice
    small: Lattice

    def sites(self, sites: IntArray) -> IntArray:
        """Return the small lattice's site of each site."""
        parts = self.whole.coordinates(np.asarray(sites, dtype=np.int64))
        return self.small.index([self._along(axis, part) for axis, part in enumerate(parts)])

    def representatives(self) -> IntArray:
        """Return a site of the lattice for each small site, in their order."""
        parts = self.small.coordinates(np.arange(self.small.n, dtype=np.int64))
        return self.whole.index([self._first(axis, part) for axis, part in enumerate(parts)])

    def counts(self, box: Box) -> FloatArray:
        """Return how many sites of a box each small site stands for, (small.n,); exact below 2^53."""
        along = [self._counted(axis, interval) for axis, interval in enumerate(box)]
        total = np.ones((), dtype=np.float64)
        for part in along:
            total = np.multiply.outer(total, part.astype(np.float64))
        return np.asarray(total).reshape(-1)

    def map(self, found: PolynomialMap) -> PolynomialMap:
        """Return the map of the small lattice; `found` is `is_even`."""
        tensors = {
            degree: LatticeTensor.build(
                self.small, degree, [self._stencil(item) for item in operator.stencils]
            )
            for degree, operator in found.operators.items()
            if isinstance(operator, LatticeTensor)
        }
        return PolynomialMap(
            n=self.small.n,
            center=np.full(self.small.n, found.point.fill),
            tensors=tensors,
            learning_rate=found.learning_rate,
            source=found.source,
        )

    def _stencil(self, stencil: Stencil) -> Stencil:
        box = tuple(self._interval(axis, interval) for axis, interval in enumerate(stencil.box))
        return replace(stencil, box=box)

    def _interval(self, axis: int, interval: Interval) -> Interval:
        """Return the rows of the small axis that stand for those of an interval, which begins and ends near an end."""
        size, small = self.whole.dims[axis], self.small.dims[axis]
        if self.whole.periodic:
            return 0, small - 1
        low, high = interval
        return (
            low if low <= small // 2 else low - size + small,
            high if high < small // 2 else high - size + small,
        )

    def _along(self, axis: int, part: IntArray) -> IntArray:
        size, small = self.whole.dims[axis], self.small.dims[axis]
        if self.whole.periodic or small == size:
            return part % small
        return np.asarray(np.where(part < small // 2, part, np.maximum(part - size + small, small // 2)))

    def _first(self, axis: int, part: IntArray) -> IntArray:
        size, small = self.whole.dims[axis], self.small.dims[axis]
        if self.whole.periodic or small == size:
            return part
        return np.asarray(np.where(part <= small // 2, part, part + size - small))

    def _counted(self, axis: int, interval: Interval) -> IntArray:
        """Return how many sites of an interval each small site stands for."""
        size, small = self.whole.dims[axis], self.small.dims[axis]
        low, high = interval
        places = np.arange(small, dtype=np.int64)
        if self.whole.periodic:
            return _up_to(high, places, small) - _up_to(low - 1, places, small)
        if small == size:
            return np.asarray((places >= low) & (places <= high), dtype=np.int64)
        first = self._first(axis, places)
        last = np.where(places == small // 2, size - 1 - small // 2, first)
        return np.asarray(np.maximum(np.minimum(last, high) - np.maximum(first, low) + 1, 0))


def _up_to(high: int, places: IntArray, period: int) -> IntArray:
    """Return how many of 0..high leave each remainder."""
    return np.asarray(np.maximum((high - places) // period + 1, 0))


def is_even(found: PolynomialMap) -> bool:
    """Whether no row is told from another: on an open lattice, but by its distances from the ends.

    Explicit entries, profiles of coefficients, boxes on a periodic lattice and a center that is not the same everywhere
    tell rows apart; boxes on an open one are distances from its ends (`reach_of` says how large).
    """
    lattice = found.lattice
    if lattice is None or not found.point.is_constant:
        return False
    for operator in found.operators.values():
        if not isinstance(operator, LatticeTensor) or operator.entries.nnz:
            return False
        if any(stencil.profile is not None for stencil in operator.stencils):
            return False
        if lattice.periodic and any(stencil.box != lattice.full for stencil in operator.stencils):
            return False
    return True


def end_of(interval: Interval, size: int) -> int:
    """Return how far from the nearer end an interval begins or ends: distances cut off there tell its sites."""
    low, high = interval
    return max(min(low, size - low), min(high + 1, size - 1 - high))


def reach_of(found: PolynomialMap, axis: int) -> tuple[int, int]:
    """Return (m, r) of one axis: how far from its ends stencils begin or end, and the longest offset."""
    lattice = found.lattice
    assert lattice is not None
    stencils = [
        stencil
        for item in found.operators.values()
        if isinstance(item, LatticeTensor)
        for stencil in item.stencils
    ]
    ends: Iterable[int] = (end_of(stencil.box[axis], lattice.dims[axis]) for stencil in stencils)
    offsets = (abs(offset[axis]) for stencil in stencils for offset in stencil.offsets)
    return max(ends, default=0), max(offsets, default=0)
