"""The factor of degree 0: F_0 inserted in a slot, its site drawn, or its value looked up."""

from __future__ import annotations

from typing import final

import numpy as np

from carlemanc.carleman.system import CarlemanSystem
from carlemanc.classical.paths.factor import Factor
from carlemanc.classical.paths.sites import DrawnSites, by_site
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.weights import Point, point_norm, values_at


def drive_of(system: CarlemanSystem) -> Point:
    """Return F_0 / gamma by its few sites, where it has few."""
    return by_site(system.constant_point())


@final
class SourceFactor(Factor):
    """F_0 / gamma.

    Args:
        point: F_0 / gamma; its sites are drawn where they are few (`DrawnSites`).
    """

    degree = 0

    def __init__(self, point: Point) -> None:
        self._point = point
        self._drawn = DrawnSites.of(point)
        self.back_weight = point_norm(point, "inf")
        self.forth_weight = self._drawn.total

    def forth(self, rng: np.random.Generator, slots: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw a site of F_0 for each column of no slots."""
        return self._drawn.draw(rng, slots.shape[1])

    def back(self, rng: np.random.Generator, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the values of F_0 at the rows over the largest."""
        nothing = np.zeros((0, len(rows)), dtype=np.int64)
        return nothing, values_at(self._point, rows) / self.back_weight
