"""Sites of a vector drawn by its magnitudes: of few sites, of a constant beside them, or of an array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.classical.paths.factor import draw
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import TooLarge
from carlemanc.model.weights import ARRAY_LIMIT, DenseWeights, Point, Weights, as_array, point_size


def by_site(point: Point) -> Point:
    """Return a vector by its few sites, where it has few or is one number but for few."""
    if isinstance(point, DenseWeights):
        return point.sparse() or point
    return point if isinstance(point, Weights) else Weights.of(point)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnSites:
    """A vector as a sum of single sites and a constant; E[sign * delta_site] = vector / total.

    Args:
        n: number of sites.
        fill: the constant.
        sites, values: what stands beside it, (k,).
    """

    n: int
    fill: float
    sites: IntArray
    values: FloatArray

    @classmethod
    def of(cls, point: Point) -> DrawnSites:
        """Return a vector in this form. Raises TooLarge for a rule of more than `ARRAY_LIMIT` sites."""
        n, point = point_size(point), by_site(point)
        assert n is not None
        if not isinstance(point, Weights):
            if n > ARRAY_LIMIT:
                raise TooLarge(
                    "drawing sites of a start of every weight",
                    size=f"n = {n:,}",
                    limit=f"{ARRAY_LIMIT:,}",
                    instead="Walks backward look its weights up one by one.",
                )
            point = Weights.of(as_array(point))
        return cls(n=n, fill=point.fill, sites=point.sites, values=point.values - point.fill)

    @property
    def total(self) -> float:
        """n |fill| + sum |values|."""
        return abs(self.fill) * self.n + float(np.abs(self.values).sum())

    def draw(self, rng: np.random.Generator, count: int) -> tuple[IntArray, FloatArray]:
        """Draw sites (count,) and signs (count,)."""
        if not self.fill:
            chosen = draw(rng, np.abs(self.values), count)
            return self.sites[chosen], np.sign(self.values)[chosen]
        chosen = draw(rng, np.append(np.abs(self.values), abs(self.fill) * self.n), count)
        is_any = chosen == len(self.sites)
        sites = np.append(self.sites, 0)[chosen]
        sites[is_any] = rng.integers(0, self.n, int(is_any.sum()))
        return sites, np.sign(np.append(self.values, self.fill))[chosen]
