r"""What is asked of y(T): sizes of levels, and the forms that an observable is made of.

The value of a truncated observable is $O(c) - \sum_l \gamma^{l+1} <y_1, F_l y_l> / (l + 1)$, or a square of what its
rows leave of the levels, as the events of the circuits have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carlemanc.classical.paths.factor import RowFactor, draw
from carlemanc.classical.paths.stencil_factor import StencilFactor
from carlemanc.classical.paths.table_factor import TableFactor
from carlemanc.classical.paths.walkers import Group, Walkers
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, written_out
from carlemanc.model.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LevelSquare:
    """||y_level||^2; every level but 0, which is 1."""

    level: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overlap:
    """<vector, y_1>, or <vector, sum_l R_l y_l>."""

    vector: Weights
    rows: Rows | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Product:
    """<y_1, sum_l R_l y_l>."""

    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Square:
    """||sum_l R_l y_l||^2."""

    rows: Rows


Form = LevelSquare | Overlap | Product | Square


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """R_l by level l >= 1, rows of n."""

    factors: Mapping[int, RowFactor]

    @classmethod
    def of(cls, operators: Mapping[int, Operator], scale: Mapping[int, float]) -> Rows:
        """Return the rows of operators times numbers, by level; zero ones are left out. Raises TooLarge."""
        found: dict[int, RowFactor] = {}
        for level, operator in operators.items():
            scaled = operator.scale(scale[level])
            if not scaled.nnz:
                continue
            found[level] = (
                StencilFactor(scaled)
                if isinstance(scaled, LatticeTensor)
                else TableFactor(written_out(scaled))
            )
        return cls(factors=found)

    def image(self, walkers: Walkers) -> tuple[IntArray, IntArray, FloatArray]:
        """Return rows, labels and values (k,) of sum_l R_l applied to weighed walkers."""
        found = list(self._images(walkers))
        if not found:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
        rows, labels, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return rows, labels, values

    def _images(self, walkers: Walkers) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
        for level, factor in self.factors.items():
            group = walkers.groups.get(level)
            if group is not None:
                places, rows, values = factor.column(group.slots)
                yield rows, group.labels[places], values * group.weights[places]

    def draw_rows(self, rng: np.random.Generator, count: int) -> tuple[IntArray, FloatArray]:
        """Draw rows (count,); return them and their probabilities."""
        factors = list(self.factors.values())
        totals = np.array([factor.total for factor in factors])
        chosen = draw(rng, totals, count)
        rows = np.zeros(count, dtype=np.int64)
        for number, factor in enumerate(factors):
            here = np.flatnonzero(chosen == number)
            rows[here] = factor.draw_rows(rng, len(here))
        return rows, np.sum([factor.row_weight(rows) for factor in factors], axis=0) / totals.sum()

    def back(self, rng: np.random.Generator, rows: IntArray, labels: IntArray) -> Walkers:
        """Return walkers at a column of each row: E[weight at a state] = R there."""
        levels = list(self.factors)
        weights = self._weights
        chosen = draw(rng, weights, len(rows))
        parts = []
        for number, level in enumerate(levels):
            here = chosen == number
            slots, ratios = self.factors[level].back(rng, rows[here])
            parts.append((level, Group(slots=slots, weights=ratios * weights.sum(), labels=labels[here])))
        return Walkers.gathered(parts)

    @property
    def norms(self) -> dict[int, float]:
        """A bound of the 2-norm of each R_l: the root of its largest row sum times its largest column sum."""
        return {
            level: math.sqrt(factor.forth_weight * factor.back_weight)
            for level, factor in self.factors.items()
        }

    @property
    def row_weights(self) -> dict[int, float]:
        """The largest row sum of each R_l."""
        return {level: factor.back_weight for level, factor in self.factors.items()}

    @cached_property
    def _weights(self) -> FloatArray:
        return np.array([factor.back_weight for factor in self.factors.values()])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quantity:
    """A constant and forms times numbers, added up; or the square root of that.

    Args:
        name: of what is asked.
        constant: see above.
        parts: numbers and forms of y(T) over the product of the alphas, as walkers weigh.
        is_root: whether the value is the square root.
    """

    name: str
    constant: float
    parts: tuple[tuple[float, Form], ...]
    is_root: bool = False

    def told(self, total: float, deviation: float) -> Sampled:
        """Return the value for the sum of the parts and its standard deviation."""
        total += self.constant
        if not self.is_root:
            return Sampled(name=self.name, value=total, deviation=deviation)
        root = math.sqrt(max(0.0, total))
        return Sampled(name=self.name, value=root, deviation=deviation / (2 * root) if root else math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A quantity as walks tell it, with its standard deviation."""

    name: str
    value: float
    deviation: float
