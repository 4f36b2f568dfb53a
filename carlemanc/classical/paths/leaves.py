r"""Walks backward from rows of what is asked to the start, whose values are looked up: for starts of every weight.

A walker from a row r ends at a state c with E[weight y(0)_c] = y(T)_r. A quadratic form takes rows at random and K
walkers from each: two walkers of a row are independent, so that the mean over their pairs is unbiased. Relative
variance of ||y||^2: [(kurtosis - 1) + 4 / (p K) + 2 / (p K)^2] over the rows, least work at K about 1 / p: 8 T / (p
eps^2) steps (derived here; 7.5 to 9.2 measured).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from carlemanc.classical.paths.forms import Form, LevelSquare, Overlap, Product, Quantity, Sampled
from carlemanc.classical.paths.sites import DrawnSites
from carlemanc.classical.paths.walk import Walk
from carlemanc.classical.paths.walkers import Group, Walkers
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.progress import task

_BATCH = 1 << 16
"""About how many walkers go together: their arrays fit a cache."""
_ROWS = 32
"""The least number of rows: their spread is what the deviation is from."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """Backward walks.

    Args:
        success: planned probability that a run ends on level 1, by which walks are dealt to rows.
    """

    success: float
    name: ClassVar[str] = "backward walks to the start"

    def sample(self, walk: Walk, asked: Sequence[Quantity], walks: int, seed: int) -> tuple[Sampled, ...]:
        """Return quantities from about so many walks, dealt evenly to the forms."""
        forms = list({id(form): form for quantity in asked for _, form in quantity.parts}.values())
        rng = np.random.default_rng(seed)
        most = max(1, walks // max(1, len(forms)))
        found: dict[int, tuple[float, float]] = {}
        with task("walks", total=most * len(forms)) as progress:
            for form in forms:
                values = []
                for part in self._values(walk, form, most, rng):
                    values.append(part)
                    progress.advance(most * len(part) // max(1, self._rows(form, most)))
                found[id(form)] = _mean(np.concatenate(values))
        return tuple(_told(quantity, found) for quantity in asked)

    def _each(self, form: Form, most: int) -> int:
        """Walkers a row and side: about 1 / p, and one where the form is linear."""
        if isinstance(form, Overlap):
            return 1
        return int(min(max(2.0, 1 / max(self.success, 1e-12)), max(2, most // (2 * _ROWS))))

    def _rows(self, form: Form, most: int) -> int:
        sides = 2 if isinstance(form, Product) else 1
        return max(_ROWS, most // (sides * self._each(form, most)))

    def _values(self, walk: Walk, form: Form, most: int, rng: np.random.Generator) -> Iterator[FloatArray]:
        """Yield unbiased values of a form, one a row, in batches."""
        each, rows = self._each(form, most), self._rows(form, most)
        together = max(1, _BATCH // each)
        for first in range(0, rows, together):
            yield _values(walk, form, min(together, rows - first), each, rng)


def _values(walk: Walk, form: Form, rows: int, each: int, rng: np.random.Generator) -> FloatArray:
    labels = np.repeat(np.arange(rows), each)
    if isinstance(form, Overlap):
        drawn = DrawnSites.of(form.vector)
        sites, signs = drawn.draw(rng, rows)
        begin = _on(sites[None, :], labels) if form.rows is None else form.rows.back(rng, sites, labels)
        return signs * drawn.total * _sums(walk, begin, rows, rng)[0]
    if isinstance(form, LevelSquare):
        slots = rng.integers(0, form.n, (form.level, rows))
        sums = _sums(walk, _on(np.repeat(slots, each, axis=1), labels), rows, rng)
        return float(form.n) ** form.level * _pairs(sums, each)
    found, probabilities = form.rows.draw_rows(rng, rows)
    repeated = np.repeat(found, each)
    right = _sums(walk, form.rows.back(rng, repeated, labels), rows, rng)
    if not isinstance(form, Product):
        return _pairs(right, each) / probabilities
    left = _sums(walk, _on(repeated[None, :], labels), rows, rng)
    return left[0] * right[0] / each**2 / probabilities


def _on(slots: IntArray, labels: IntArray) -> Walkers:
    """Return walkers of weight 1."""
    return Walkers.gathered([(len(slots), Group(slots=slots, weights=np.ones(len(labels)), labels=labels))])


def _sums(walk: Walk, walkers: Walkers, rows: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the sum and the sum of squares of the leaves of each row, (rows,)."""
    total, squares = np.zeros(rows), np.zeros(rows)
    for group in walk.back(rng, walkers).groups.values():
        values = group.weights * walk.start.values(group)
        total += np.bincount(group.labels, values, rows)
        squares += np.bincount(group.labels, values**2, rows)
    return total, squares


def _pairs(sums: tuple[FloatArray, FloatArray], each: int) -> FloatArray:
    """Return the mean of the products of two different leaves of each row."""
    return (sums[0] ** 2 - sums[1]) / (each * (each - 1))


def _mean(values: FloatArray) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def _told(quantity: Quantity, found: dict[int, tuple[float, float]]) -> Sampled:
    total, square = 0.0, 0.0
    for number, form in quantity.parts:
        mean, deviation = found[id(form)]
        total += number * mean
        square += (number * deviation) ** 2
    return quantity.told(total, math.sqrt(square))
