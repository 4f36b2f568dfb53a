"""The light cone of any lattice map, followed site by site: from each step only the sites reached last go on.

A stencil begins to write to a row when the last of its columns is reached, so the rows to look at are those that read
one of the sites reached last: the work of all steps together is the number of sites reached times that of the
columns. Growth is counted on lattices of up to `MAX_SITES` sites; which sites are reached is told on any.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from carlemanc.core.arrays import IntArray, Mask
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.light_cone.growth import LightCone, Rules, cost_of
from carlemanc.model.light_cone.marks import MAX_SITES, marks_of
from carlemanc.model.sparse_tensor import SparseTensor

WORK = 30_000_000
"""The most columns that are looked at, and `_STEP` for each step and stencil: a few seconds."""
_STEP = 500


def walked_growth(rules: Rules, start: IntArray, steps: int) -> LightCone | None:
    """Return the growth; None where the lattice is too large or the walk too long."""
    if rules.lattice.n > MAX_SITES:
        return None
    walk = _walked(rules, start, steps)
    if walk is None:
        return None
    if walk.time < steps:
        walk.flops += walk.flops_of_step * (steps - walk.time)
    return LightCone(
        support=walk.number,
        flops=walk.flops,
        is_exact=True,
        sites=None,
        source="followed site by site",
    )


def walked_sites(rules: Rules, start: IntArray, steps: int) -> IntArray | None:
    """Return the sites that are reached, ascending; None where the walk is too long."""
    walk = _walked(rules, start, steps)
    return None if walk is None else walk.reached()


def _walked(rules: Rules, start: IntArray, steps: int) -> _Walk | None:
    """Walk until nothing can grow any more, or to the end; None where that is too much."""
    walk = _Walk(rules, start)
    for _ in range(steps):
        if walk.work > WORK:
            return None
        if walk.is_over:
            break
        walk.step()
    return walk


class _Walk:
    """The sites reached so far, and the flops of the entries that write."""

    def __init__(self, rules: Rules, start: IntArray) -> None:
        self._rules, self._time = rules, 0
        self._lattice = rules.lattice
        self._reached = marks_of(rules.lattice.n)
        self._latest = np.unique(start)
        self._reached.set(self._latest, _LATEST)
        self._entries = [(item, np.zeros(item.nnz, dtype=bool)) for item in rules.entries]
        self.time = self.flops = self.flops_of_step = self.work = 0
        self.number = len(self._latest)

    @property
    def is_over(self) -> bool:
        """Whether nothing can grow any more."""
        return self.time > 0 and not len(self._latest)

    def reached(self) -> IntArray:
        """Return the sites reached so far, ascending."""
        return self._reached.marked()

    def step(self) -> None:
        """Take one step from the sites reached so far."""
        costs = self._rules.site_costs
        if costs is not None:
            self.flops_of_step += costs.of(self._lattice, self._latest)
        rows = [np.zeros(0, dtype=np.int64)]
        for stencil in self._rules.stencils:
            for written in self._beginning(stencil):
                self.flops_of_step += (costs is None) * cost_of(stencil) * len(written)
                rows.append(written)
        for tensor, is_writing in self._entries:
            self.work += tensor.nnz
            begins = ~is_writing & self._is_ready(tensor)
            is_writing |= begins
            self.flops_of_step += (costs is None) * (tensor.degree + 1) * int(begins.sum())
            rows.append(tensor.rows[begins])
        self.flops += self.flops_of_step
        self._reached.set(self._latest, _EARLIER)
        found = np.unique(np.concatenate(rows))
        self._latest = found[self._reached[found] == 0]
        self._reached.set(self._latest, _LATEST)
        self.number += len(self._latest)
        self.time += 1

    def _is_ready(self, tensor: SparseTensor) -> Mask:
        return np.asarray(np.all(self._reached[tensor.cols] > 0, axis=1))

    def _beginning(self, stencil: Stencil) -> Iterator[IntArray]:
        """Yield the rows on which a stencil begins to write, each once: at the first column that was reached last."""
        lattice, offsets = self._lattice, list(dict.fromkeys(stencil.offsets))
        for number, offset in enumerate(offsets):
            self.work += len(self._latest) * len(offsets) + _STEP
            back = tuple(-step for step in offset)
            rows, is_inside = self._inside(self._latest, back)
            rows = rows[is_inside & lattice.holds(stencil.box, rows)]
            if stencil.profile is not None:
                rows = rows[stencil.profile.take(rows).nonzero_rows()]
            for other, column in enumerate(offsets):
                if other != number:
                    state = self._reached[lattice.neighbors(rows, column)]
                    rows = rows[state > 0 if other > number else state == _EARLIER]
            yield rows

    def _inside(self, sites: IntArray, offset: tuple[int, ...]) -> tuple[IntArray, Mask]:
        """Return the sites at an offset, and which of them are on the lattice, where that ends."""
        moved = self._lattice.neighbors(sites, offset)
        inside = np.ones(len(sites), dtype=bool)
        if not self._lattice.periodic:
            parts = zip(self._lattice.coordinates(sites), offset, self._lattice.dims, strict=True)
            for part, step, size in parts:
                inside &= (part + step >= 0) & (part + step < size)
        return moved, inside


_EARLIER, _LATEST = 1, 2
