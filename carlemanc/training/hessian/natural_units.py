"""Directions and lengths in which each weight counts by its own size.

s_i = |theta_i|, for a zero the root mean square of its tensor or of a typical tensor, and 0 for what counts as
constant. A direction is v_i = s_i r_i with r normal, a vector x in the space of gradients has the length |s x|,
which is in units of the loss. No layer is lost beside a larger one, and a loss times 10^30 or weights times
10^6 change no ratio of lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.training.flat_weights import FlatWeights, Vector, chunks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NaturalUnits:
    """The sizes of the survivors.

    Attributes:
        scale: (d,) s, in the type of the weights.
        names: of the parameters.
        ends: (parameters + 1,) where the survivors of each begin, and d.
    """

    scale: Vector
    names: tuple[str, ...]
    ends: IntArray

    def directions(self, generator: np.random.Generator, count: int) -> Vector:
        """Return random directions, (count, d), in the type of the weights."""
        drawn = generator.standard_normal((count, len(self.scale)), dtype=self.scale.dtype.type)
        drawn *= self.scale
        return np.asarray(drawn)

    def length(self, vector: Vector) -> float:
        """Return |s x|."""
        return float(np.linalg.norm([float(np.linalg.norm(part)) for _, part in self._scaled(vector)]))

    def worst(self, error: Vector) -> str:
        """Return the name of the parameter with the largest share of |s x|."""
        shares = np.zeros(len(self.names))
        for first, part in self._scaled(error):
            owners = np.searchsorted(self.ends, np.arange(first, first + len(part)), side="right") - 1
            largest = float(np.abs(part).max()) or 1.0
            shares += largest**2 * np.bincount(owners, (part / largest) ** 2, len(shares))
        return self.names[int(np.argmax(shares))]

    def _scaled(self, vector: Vector) -> Iterator[tuple[int, FloatArray]]:
        for part in chunks(len(vector)):
            yield part.start, self.scale[part].astype(np.float64) * vector[part]


def inner(one: Vector, other: Vector) -> float:
    """Return the inner product of two vectors in float64, a part at a time."""
    return float(sum(one[part].astype(np.float64) @ other[part] for part in chunks(len(one))))


def natural_units(weights: FlatWeights, mask: Mask, constant: Mask) -> NaturalUnits:
    """Return the sizes of the survivors of a mask (n,); `constant` (n,) are those to be left alone."""
    values = np.abs(weights.read())
    bounds = np.cumsum([0, *weights.sizes])
    parts = [values[first:last] for first, last in pairwise(bounds)]
    sizes = [float(np.linalg.norm(part) / np.sqrt(max(len(part), 1))) for part in parts]
    typical = float(np.median([size for size in sizes if size] or [1.0]))
    for part, size in zip(parts, sizes, strict=True):
        part[part == 0] = size or typical
    values[constant] = 0.0
    counts = np.concatenate([[0], np.cumsum(mask, dtype=np.int64)])
    return NaturalUnits(
        scale=values if mask.all() else values[mask], names=weights.names, ends=counts[bounds]
    )
