r"""Where walks begin or end: the lift of u_in, $y_j = (u / \gamma)^{(x) j}$, and y_0 = 1 where there are sources."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carlemanc.classical.paths.factor import draw
from carlemanc.classical.paths.sites import DrawnSites
from carlemanc.classical.paths.walkers import Group, Walkers
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.weights import Point, point_norm, values_at


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """y(0).

    Args:
        point: u_in.
        gamma: its unit.
        levels: of the state.
    """

    point: Point
    gamma: float
    levels: tuple[int, ...]

    @property
    def square(self) -> float:
        """||y(0)||^2."""
        size = point_norm(self.point) / self.gamma
        return math.fsum(size ** (2 * level) for level in self.levels)

    @property
    def is_zero(self) -> bool:
        """Whether u_in = 0: only y_0 is left, if there is one."""
        return not point_norm(self.point, "inf")

    def values(self, group: Group) -> FloatArray:
        """Return y(0) where walkers of one level stand, (m,)."""
        if not len(group.slots):
            return np.ones(len(group.weights))
        return np.asarray(np.prod(values_at(self.point, group.slots) / self.gamma, axis=0))

    def draw(self, rng: np.random.Generator, labels: IntArray) -> Walkers:
        """Return walkers, one a label, with E[weight at a state] = y(0) there.

        Levels and sites are drawn by their 1-norms, so that all weigh the same. Raises TooLarge as `DrawnSites` does.
        """
        sizes = np.array([self._size**level for level in self.levels])
        chosen = draw(rng, sizes, len(labels))
        parts = []
        for number, level in enumerate(self.levels):
            here = labels[chosen == number]
            weights = np.full(len(here), self.weight)
            slots = np.zeros((level, len(here)), dtype=np.int64)
            for slot in range(level):
                slots[slot], signs = self._drawn.draw(rng, len(here))
                weights *= signs
            parts.append((level, Group(slots=slots, weights=weights, labels=here)))
        return Walkers.gathered(parts)

    @property
    def weight(self) -> float:
        """What every walker weighs that is drawn, but for its sign."""
        return math.fsum(self._size**level for level in self.levels)

    @property
    def _size(self) -> float:
        """||u_in||_1 / gamma."""
        return self._drawn.total / self.gamma

    @cached_property
    def _drawn(self) -> DrawnSites:
        return DrawnSites.of(self.point)
