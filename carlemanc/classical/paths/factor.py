r"""What a walk draws from: one factor G_l of a step, a row or a column at a time.

A step of the Carleman system is a sum of Kronecker products of factors (THEORY 2.1). A walk that stands at a column
(c_1..c_l) of a factor draws a row, or at a row a column, and carries a ratio with it such that

$$ E[ratio \cdot \delta_{drawn}] = G_l / weight, $$

entry by entry, so that products of ratios and weights are an unbiased sample of a product of steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray


class Factor(ABC):
    """A factor of a step, of `degree` columns; weights are positive unless it is zero."""

    degree: int
    forth_weight: float
    """W with E[ratio] W = G for rows that are drawn by column."""
    back_weight: float
    """The same for columns that are drawn by row."""

    @abstractmethod
    def forth(self, rng: np.random.Generator, slots: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw rows (m,) and ratios (m,) for columns (degree, m)."""

    @abstractmethod
    def back(self, rng: np.random.Generator, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw columns (degree, m) and ratios (m,) for rows (m,)."""


class RowFactor(Factor):
    """A factor that also says all of a column, and where its rows are: observables are read by such."""

    total: float
    """Sum of `row_weight` over all rows."""

    @abstractmethod
    def column(self, slots: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Return positions, rows and values (k,) of all entries in columns (degree, m), positions in 0..m - 1."""

    @abstractmethod
    def draw_rows(self, rng: np.random.Generator, count: int) -> IntArray:
        """Draw rows (count,) with probability row_weight / total."""

    @abstractmethod
    def row_weight(self, rows: IntArray) -> FloatArray:
        """Return a bound of the sum of |entries| of each row (m,)."""


@final
class Stay(Factor):
    """The identity on a slot."""

    degree = 1
    forth_weight = 1.0
    back_weight = 1.0

    def forth(self, rng: np.random.Generator, slots: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the column."""
        return slots[0], np.ones(slots.shape[1])

    def back(self, rng: np.random.Generator, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the row."""
        return rows[None, :], np.ones(len(rows))


def draw(rng: np.random.Generator, weights: FloatArray, count: int) -> IntArray:
    """Draw positions (count,) with probabilities proportional to weights (k,)."""
    if len(weights) == 1 or not count:
        return np.zeros(count, dtype=np.int64)
    reached = np.cumsum(weights)
    found = np.searchsorted(reached, rng.random(count) * reached[-1], side="right")
    return np.asarray(np.minimum(found, len(weights) - 1), dtype=np.int64)
