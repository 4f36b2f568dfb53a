"""A segment of a schedule as arrays: the weights that are uploaded, which of them are trained, and for how long.

It takes the place of what a spec says of first weights, survivors and steps; all else stays the spec's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Upload:
    """An upload and the steps until the next download.

    Attributes:
        number: of the segment, from 0.
        first: steps of the whole training done before it.
        steps: of the segment.
        start: (weights,) uploaded, zero where frozen.
        mask: (weights,) True where a weight is trained.
    """

    number: int
    first: int
    steps: int
    start: FloatArray
    mask: Mask

    @property
    def survivors(self) -> int:
        """How many weights are trained."""
        return int(self.mask.sum())

    @property
    def is_pruned(self) -> bool:
        """Whether a weight is frozen."""
        return not self.mask.all()

    def spread(self, values: FloatArray) -> FloatArray:
        """Return all weights, (..., weights), from values in the indices of the segment's map, (..., n)."""
        if values.shape[-1] == len(self.mask):
            return values
        full = np.zeros((*values.shape[:-1], len(self.mask)))
        full[..., self.mask] = values
        return full
