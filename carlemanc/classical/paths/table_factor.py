"""A factor with its entries listed: a row's entries, or a column's, drawn by their magnitudes."""

from __future__ import annotations

from typing import final

import numpy as np

from carlemanc.classical.paths.factor import RowFactor
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.sparse_tensor import SparseTensor


@final
class TableFactor(RowFactor):
    """F_l by its entries, each row and each column sorted into a list of its own.

    Args:
        tensor: F_l, l >= 1.
    """

    def __init__(self, tensor: SparseTensor) -> None:
        self.degree = tensor.degree
        self._columns = _Columns(tensor.cols, tensor.n)
        self._by_row = _Lists(tensor.rows, tensor.vals, tensor.n)
        self._by_column = _Lists(self._columns.numbers, tensor.vals, self._columns.count)
        self._rows, self._cols = tensor.rows, tensor.cols
        self.back_weight, self.forth_weight = self._by_row.largest, self._by_column.largest
        self.total = float(np.abs(tensor.vals).sum())

    def forth(self, rng: np.random.Generator, slots: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw an entry of each column."""
        entries, values = self._by_column.draw(rng, self._columns.find(slots))
        return self._rows[entries], values / self.forth_weight

    def back(self, rng: np.random.Generator, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw an entry of each row."""
        entries, values = self._by_row.draw(rng, rows)
        return self._cols[entries].T, values / self.back_weight

    def column(self, slots: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Return all entries in columns; see `RowFactor.column`."""
        positions, entries, values = self._by_column.all(self._columns.find(slots))
        return positions, self._rows[entries], values

    def draw_rows(self, rng: np.random.Generator, count: int) -> IntArray:
        """Draw an entry by its magnitude, and its row."""
        return self._rows[self._by_row.draw_any(rng, count)]

    def row_weight(self, rows: IntArray) -> FloatArray:
        """Return the sum of |entries| of each row."""
        return self._by_row.sums[rows]


class _Lists:
    """Entries in lists by a key 0..count - 1; of the key -1 the list is empty."""

    def __init__(self, keys: IntArray, values: FloatArray, count: int) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._values = values[self._order]
        self._reached = np.concatenate([[0.0], np.cumsum(np.abs(self._values))])
        self._starts = np.searchsorted(keys[self._order], np.arange(count + 1))
        self.sums: FloatArray = np.append(np.bincount(keys, np.abs(values), count), 0.0)
        self.largest = float(self.sums.max(initial=0.0))

    def draw(self, rng: np.random.Generator, keys: IntArray) -> tuple[IntArray, FloatArray]:
        """Draw an entry of each list by its magnitude; return entries and the sums of the lists, signed."""
        first, last = self._starts[keys], self._starts[keys + 1]
        place = self._reached[first] + rng.random(len(keys)) * (self._reached[last] - self._reached[first])
        found = np.clip(np.searchsorted(self._reached, place, side="right") - 1, first, last - 1)
        full = (keys >= 0) & (last > first)
        found = np.where(full, found, 0)
        return self._order[found], np.where(full, np.sign(self._values[found]) * self.sums[keys], 0.0)

    def draw_any(self, rng: np.random.Generator, count: int) -> IntArray:
        """Draw entries by their magnitudes."""
        place = rng.random(count) * self._reached[-1]
        found = np.searchsorted(self._reached, place, side="right") - 1
        drawn: IntArray = self._order[np.minimum(found, len(self._values) - 1)]
        return drawn

    def all(self, keys: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Return for all entries of the lists the position of the key, the entry and its value."""
        first = self._starts[keys]
        lengths = np.where(keys >= 0, self._starts[keys + 1] - first, 0)
        positions = np.repeat(np.arange(len(keys)), lengths)
        ends = np.cumsum(lengths)
        found = np.arange(len(positions)) - np.repeat(ends - lengths, lengths) + np.repeat(first, lengths)
        return positions, self._order[found], self._values[found]


class _Columns:
    """Numbers of the distinct index tuples, slot by slot so that no n^l is formed."""

    def __init__(self, cols: IntArray, n: int) -> None:
        self._n = n
        self._keys: list[IntArray] = []
        numbers = np.zeros(len(cols), dtype=np.int64)
        for slot in range(cols.shape[1]):
            keys, numbers = np.unique(numbers * n + cols[:, slot], return_inverse=True)
            self._keys.append(keys)
        self.numbers: IntArray = numbers.astype(np.int64)
        self.count = int(self._keys[-1].size)

    def find(self, slots: IntArray) -> IntArray:
        """Return the numbers of tuples (l, m), -1 where there is no such column."""
        numbers = np.zeros(slots.shape[1], dtype=np.int64)
        for keys, sites in zip(self._keys, slots, strict=True):
            wanted = numbers * self._n + sites
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            numbers = np.where((numbers >= 0) & (keys[place] == wanted), place, -1)
        return numbers
