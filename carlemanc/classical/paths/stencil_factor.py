"""A factor of a lattice: terms of one offset a column, as the encoded step has them, drawn by their weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np

from carlemanc.block_encoding.stencil.stencil_terms import StencilTerm, gather_units
from carlemanc.classical.paths.factor import RowFactor, draw
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.lattice.sites import size_of
from carlemanc.model.lattice.tensor import LatticeTensor


@final
class StencilFactor(RowFactor):
    """The terms of F_l of a lattice: c_k P_k with P_k a shift of the columns to the row, cut at open ends.

    Args:
        tensor: F_l, with its stencils and the entries beside them.
    """

    def __init__(self, tensor: LatticeTensor) -> None:
        self.degree = tensor.degree
        self._lattice = tensor.lattice
        units = gather_units({tensor.degree: tensor}, (tensor.degree,))
        self._terms = tuple(term for unit in units for term in unit.terms)
        self._weights = np.array([term.weight for term in self._terms])
        self.forth_weight = self.back_weight = float(self._weights.sum())
        dims = len(self._lattice.dims)
        shape = (len(self._terms), self.degree, dims)
        self._offsets = np.array([term.offsets for term in self._terms], dtype=np.int64).reshape(shape)
        full = self._lattice.full
        self._signs = np.array(
            [
                term.patches[0].ratio if len(term.patches) == 1 and term.patches[0].box == full else 1.0
                for term in self._terms
            ]
        )
        self._local = [
            number
            for number, term in enumerate(self._terms)
            if len(term.patches) != 1 or term.patches[0].box != full
        ]
        self._sizes = np.array([self._rows_of(term) for term in self._terms], dtype=np.float64)
        self.total = float(self._weights @ self._sizes)

    def forth(self, rng: np.random.Generator, slots: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw a term; its row is the first column less the first offset, if the other columns fit."""
        chosen = draw(rng, self._weights, slots.shape[1])
        offsets = self._offsets[chosen]
        rows = self._moved(slots[0], -offsets[:, 0])
        ratios = self._ratios(chosen, rows)
        for slot in range(1, self.degree):
            ratios = np.where(self._moved(rows, offsets[:, slot]) == slots[slot], ratios, 0.0)
        return rows, ratios

    def back(self, rng: np.random.Generator, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw a term; its columns are the row plus the offsets."""
        chosen = draw(rng, self._weights, len(rows))
        offsets = self._offsets[chosen]
        slots = [self._moved(rows, offsets[:, slot]) for slot in range(self.degree)]
        return np.stack(slots), self._ratios(chosen, rows)

    def column(self, slots: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Return all entries in columns; see `RowFactor.column`."""
        found = list(self._entries(slots))
        if not found:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
        positions, rows, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return positions, rows, values

    def draw_rows(self, rng: np.random.Generator, count: int) -> IntArray:
        """Draw a term by its weight times its rows, then one of these rows."""
        chosen = draw(rng, self._weights * self._sizes, count)
        rows = np.empty(count, dtype=np.int64)
        for number, term in enumerate(self._terms):
            here = np.flatnonzero(chosen == number)
            rows[here] = self._draw_rows_of(rng, term, len(here))
        return rows

    def row_weight(self, rows: IntArray) -> FloatArray:
        """Return the sum of the weights of the terms that have each row."""
        total = np.zeros(len(rows))
        for term in self._terms:
            if term.profile:
                total += term.weight
            for patch in term.patches:
                total += term.weight * self._lattice.holds(patch.box, rows)
        return total

    def _entries(self, slots: IntArray) -> Iterator[tuple[IntArray, IntArray, FloatArray]]:
        count = slots.shape[1]
        for number in range(len(self._terms)):
            chosen = np.full(count, number)
            offsets = self._offsets[chosen]
            rows = self._moved(slots[0], -offsets[:, 0])
            values = self._weights[number] * self._ratios(chosen, rows)
            for slot in range(1, self.degree):
                values = np.where(self._moved(rows, offsets[:, slot]) == slots[slot], values, 0.0)
            here = np.flatnonzero(values)
            yield here, rows[here], values[here]

    def _ratios(self, chosen: IntArray, rows: IntArray) -> FloatArray:
        """The coefficient of the chosen term at each row over its weight: a sign, or 0 beyond an open end."""
        ratios = self._signs[chosen]
        for number in self._local:
            here = np.flatnonzero(chosen == number)
            ratios[here] = self._local_ratios(self._terms[number], rows[here])
        return ratios

    def _local_ratios(self, term: StencilTerm, rows: IntArray) -> FloatArray:
        if term.profile:
            return np.asarray(term.profile)[rows]
        ratios = np.zeros(len(rows))
        for patch in term.patches:
            ratios += patch.ratio * self._lattice.holds(patch.box, rows)
        return ratios

    def _rows_of(self, term: StencilTerm) -> int:
        return sum(size_of(patch.box) for patch in term.patches) if term.patches else self._lattice.n

    def _draw_rows_of(self, rng: np.random.Generator, term: StencilTerm, count: int) -> IntArray:
        if term.profile:
            return rng.integers(0, self._lattice.n, count)
        sizes = np.array([size_of(patch.box) for patch in term.patches], dtype=np.float64)
        patch = draw(rng, sizes, count)
        ends = np.array([patch.box for patch in term.patches], dtype=np.int64)[patch]
        return self._lattice.index(rng.integers(low, high + 1) for low, high in ends.transpose(1, 2, 0))

    def _moved(self, sites: IntArray, steps: IntArray) -> IntArray:
        """The sites (m,) moved by steps (m, D), modulo the dims: what leaves an open end, a ratio of 0 drops."""
        dims = self._lattice.dims
        if len(dims) == 1:
            return _modulo(sites + steps[:, 0], dims[0])
        parts = self._lattice.coordinates(sites)
        return self._lattice.index(
            _modulo(part + steps[:, axis], size)
            for axis, (part, size) in enumerate(zip(parts, dims, strict=True))
        )


def _modulo(values: IntArray, size: int) -> IntArray:
    """Return values modulo a size, by a mask where that is a power of two."""
    return values % size if size & (size - 1) else values & (size - 1)
