"""Rows of small integers put in order and grouped: the one sort behind tensors and polynomials.

Neighboring columns are packed into one int64 key while they fit, so that mostly a single key is sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray


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
    keys = _packed(columns, sizes)
    if len(keys) == 1 and _ascending(keys[0]):
        order = np.arange(length)
    else:
        order = np.lexsort(tuple(reversed(keys)))
    fresh = np.zeros(max(length - 1, 0), dtype=bool)
    for key in keys:
        ordered = key[order]
        fresh |= ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(np.concatenate(([length > 0], fresh)))
    return Groups(order=order.astype(np.int64, copy=False), starts=starts.astype(np.int64, copy=False))


def _packed(columns: Sequence[IntArray], sizes: Sequence[int]) -> list[IntArray]:
    """Return keys of 63 bits, as few as hold the columns in this order."""
    keys = [np.zeros(len(columns[0]), dtype=np.int64)]
    room = 2**63
    for column, size in zip(columns, sizes, strict=True):
        room //= max(size, 1)
        if not room:
            keys.append(np.zeros(len(column), dtype=np.int64))
            room = 2**63 // max(size, 1)
        keys[-1] = keys[-1] * max(size, 1) + column
    return keys


def _ascending(key: IntArray) -> bool:
    return bool(np.all(key[1:] >= key[:-1]))


def multiplicities(cols: IntArray) -> FloatArray:
    """Return for each ascending index tuple the number of its distinct permutations, (t, degree) -> (t,).

    >>> multiplicities(np.array([[0, 0, 1], [2, 2, 2], [0, 1, 2]]))
    array([3., 1., 6.])
    """
    length, degree = cols.shape
    result: FloatArray = np.ones(length)
    run = np.ones(length)
    for slot in range(1, degree):
        run = np.where(cols[:, slot] == cols[:, slot - 1], run + 1, 1.0)
        result *= (slot + 1) / run
    return np.asarray(np.rint(result))


def concatenated_ranges(first: IntArray, lengths: IntArray) -> IntArray:
    """Return the numbers first, first + 1, ... of every range, one range after the other.

    >>> concatenated_ranges(np.array([5, 0, 7]), np.array([2, 0, 3]))
    array([5, 6, 7, 8, 9])
    """
    ends = np.cumsum(lengths)
    return np.repeat(first - ends + lengths, lengths) + np.arange(int(ends[-1]) if len(ends) else 0)
