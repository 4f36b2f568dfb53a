"""Sites of a lattice of any size: boxes of sites, offsets between them, and the two boundaries.

Site (i_1, ..., i_D) of a lattice `dims` has the weight index i_1 n_2 ... n_D + ... + i_D (row-major). A box
is an interval of sites per axis. Nothing here has a cost that grows with n.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from carlemanc.core.arrays import IntArray, Mask

Offset = tuple[int, ...]
"""A step per axis."""
Interval = tuple[int, int]
"""Both ends included."""
Box = tuple[Interval, ...]
"""One interval per axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """A lattice of `dims` sites per axis; beyond its ends it goes on at the other end, or stops."""

    dims: tuple[int, ...]
    periodic: bool

    @property
    def n(self) -> int:
        """The number of sites."""
        return math.prod(self.dims)

    @property
    def full(self) -> Box:
        """All sites."""
        return tuple((0, size - 1) for size in self.dims)

    def wrap(self, offset: Offset) -> Offset:
        """Return the shortest equal offset: modulo the dims where the lattice is periodic, -1 before n - 1."""
        if not self.periodic:
            return offset
        reduced = (step % size for step, size in zip(offset, self.dims, strict=True))
        return tuple(
            step - size if 2 * step > size else step for step, size in zip(reduced, self.dims, strict=True)
        )

    def inside(self, offsets: Iterable[Offset]) -> Box | None:
        """Return the sites from which all offsets stay on an open lattice (None: no site); else all sites."""
        return clip(self.full, offsets, self) if not self.periodic else self.full

    def neighbors(self, sites: IntArray, offset: Offset) -> IntArray:
        """Return the sites at an offset, modulo the dims; the caller sees to open boundaries."""
        if not any(offset):
            return sites
        if len(self.dims) == 1:
            return (sites + offset[0]) % self.dims[0]
        parts = self.coordinates(sites)
        moved = [(part + step) % size for part, step, size in zip(parts, offset, self.dims, strict=True)]
        return self.index(moved)

    def coordinates(self, sites: IntArray) -> tuple[IntArray, ...]:
        """Return one array per axis."""
        if len(self.dims) == 1:
            return (sites,)
        return tuple(np.asarray(part, dtype=np.int64) for part in np.unravel_index(sites, self.dims))

    def index(self, coordinates: Iterable[IntArray]) -> IntArray:
        """Return the weight index of sites given per axis."""
        total: IntArray = np.zeros((), dtype=np.int64)
        for part, size in zip(coordinates, self.dims, strict=True):
            total = total * size + part
        return np.asarray(total, dtype=np.int64)

    def holds(self, box: Box, sites: IntArray) -> Mask:
        """Return which of the sites lie in a box."""
        inside = np.ones(np.shape(sites), dtype=bool)
        for part, (low, high), size in zip(self.coordinates(sites), box, self.dims, strict=True):
            if (low, high) != (0, size - 1):
                inside &= (part >= low) & (part <= high)
        return inside

    def sites(self, box: Box) -> IntArray:
        """Return the weight indices of a box, row-major."""
        grids = np.ix_(*(np.arange(low, high + 1) for low, high in box))
        return self.index(grids).reshape(-1)

    def moved(self, box: Box, offset: Offset) -> list[Box]:
        """Return a box moved by an offset, in pieces where it goes around the end."""
        pieces = [
            _around(low + step, high + step, size) if self.periodic else [(low + step, high + step)]
            for (low, high), step, size in zip(box, offset, self.dims, strict=True)
        ]
        return list(product(*pieces))


def _around(low: int, high: int, size: int) -> list[Interval]:
    if high - low + 1 >= size:
        return [(0, size - 1)]
    low, high = low % size, high % size
    return [(low, high)] if low <= high else [(0, high), (low, size - 1)]


def clip(box: Box, offsets: Iterable[Offset], lattice: Lattice) -> Box | None:
    """Return the sites of a box from which every offset stays within 0..size-1, None where there is none."""
    found = list(offsets)
    clipped = []
    for axis, ((low, high), size) in enumerate(zip(box, lattice.dims, strict=True)):
        steps = [offset[axis] for offset in found]
        low = max(low, -min(steps)) if steps else max(low, 0)
        high = min(high, size - 1 - max(steps)) if steps else min(high, size - 1)
        if low > high:
            return None
        clipped.append((low, high))
    return tuple(clipped)


def size_of(box: Box) -> int:
    """Return the number of sites of a box."""
    return math.prod(high - low + 1 for low, high in box)


def overlap(first: Box, second: Box) -> Box | None:
    """Return the common sites of two boxes, None where there are none."""
    common = tuple((max(a, c), min(b, d)) for (a, b), (c, d) in zip(first, second, strict=True))
    return common if all(low <= high for low, high in common) else None


def covers(outer: Box, inner: Box) -> bool:
    """Return whether one box holds the other."""
    return all(a <= c and d <= b for (a, b), (c, d) in zip(outer, inner, strict=True))


def cell_count(boxes: list[Box]) -> int:
    """Return how many cells `cells` would yield."""
    return math.prod(len(cuts) - 1 for cuts in _cuts(boxes))


def cells(boxes: list[Box]) -> Iterator[tuple[Box, list[int]]]:
    """Yield the smallest boxes into which the ends of `boxes` cut space, each with the boxes that hold it."""
    for intervals in product(*(list(pairwise(cuts)) for cuts in _cuts(boxes))):
        cell = tuple((low, high - 1) for low, high in intervals)
        holders = [k for k, box in enumerate(boxes) if covers(box, cell)]
        if holders:
            yield cell, holders


def _cuts(boxes: list[Box]) -> list[list[int]]:
    return [
        sorted({low for low, _ in intervals} | {high + 1 for _, high in intervals})
        for intervals in zip(*boxes, strict=True)
    ]
