"""Rows of small integers put in order and grouped: the one sort behind tensors and polynomials.

Rows are packed into a single int64 key where they fit (faster than a lexicographic sort), else sorted
lexicographically; the order is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """The equal rows of a table: `order` sorts the table, group g is `order[starts[g] : starts[g + 1]]`."""

    order: IntArray
    starts: IntArray

    @property
    def first(self) -> IntArray:
        """One table row of each group, in sorted order."""
        return self.order[self.starts]

    @property
    def count(self) -> int:
        """The number of distinct rows."""
        return len(self.starts)

    @property
    def sizes(self) -> IntArray:
        """The number of table rows in each group."""
        return np.diff(np.append(self.starts, len(self.order)))


def group_rows(columns: Sequence[IntArray], sizes: Sequence[int]) -> Groups:
    """Group the rows of a table by all its columns, the first column most significant.

    Args:
        columns: int64 arrays of one length t, the columns of the table.
        sizes: column c holds values in 0..sizes[c]-1.
    """
    length = len(columns[0])
    key = _packed(columns, sizes)
    if key is not None:
        order = np.arange(length) if _ascending(key) else np.argsort(key, kind="stable")
        ordered = key[order]
        fresh = ordered[1:] != ordered[:-1]
    else:
        order = np.lexsort(tuple(reversed(columns)))
        fresh = np.zeros(max(length - 1, 0), dtype=bool)
        for column in columns:
            ordered = column[order]
            fresh |= ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(np.concatenate(([length > 0], fresh)))
    return Groups(order=order.astype(np.int64, copy=False), starts=starts.astype(np.int64, copy=False))


def _packed(columns: Sequence[IntArray], sizes: Sequence[int]) -> IntArray | None:
    """Return one key for each row, or None where 63 bits do not hold it."""
    total = 1
    for size in sizes:
        total *= max(size, 1)
    if total >= 2**63:
        return None
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column, size in zip(columns, sizes, strict=True):
        key *= max(size, 1)
        key += column
    return key


def _ascending(key: IntArray) -> bool:
    return bool(np.all(key[1:] >= key[:-1]))
