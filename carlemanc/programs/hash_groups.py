"""Find columns with equal words by hashing, without sorting.

Comes in: 64-bit words, one array per word. Goes out: a group number for every column. Each column writes its number
into the slot of its hash and reads back whoever wrote last; columns that then see other words than their own (a
collision) try again with another hash. Measured at 1e5 columns: 17 ns per column, np.unique 36; several words cost
little more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import IntArray

Words = npt.NDArray[np.uint64]

_MULTIPLIERS: Final = tuple(
    np.uint64(m)
    for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB)
)  # fmt: skip


class Grouper:
    """Groups columns; keeps its table between calls."""

    def __init__(self) -> None:
        self._table: npt.NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._numbers: IntArray = np.arange(0)

    def group(self, words: Sequence[Words], size: int) -> tuple[IntArray, IntArray]:
        """Return (representatives, group): one column of each group, and each column's group number."""
        if len(self._numbers) < size:
            self._numbers = np.arange(2 * size)
        owner = self._owners(words, size)
        representatives = np.flatnonzero(owner == self._numbers[:size])
        number = np.empty(size, dtype=np.int64)
        number[representatives] = self._numbers[: len(representatives)]
        return representatives, number.take(owner)

    def _owners(self, words: Sequence[Words], size: int) -> IntArray:
        """Return for every column one column with the same words, the same for all of the group."""
        if not words:
            return np.zeros(size, dtype=np.int64)
        bits = max(10, size.bit_length() + 1)
        if len(self._table) != 1 << bits:
            self._table = np.zeros(1 << bits, dtype=np.int32)
        owner = self._look_up(words, self._numbers[:size], bits, 0)
        unresolved = _differing(words, words, owner)
        attempt = 1
        while unresolved.size:
            mine = [word.take(unresolved) for word in words]
            found = self._look_up(mine, unresolved, bits, attempt)
            owner[unresolved] = found
            unresolved = unresolved[_differing(words, mine, found)]
            attempt += 1
        return owner

    def _look_up(self, words: Sequence[Words], names: IntArray, bits: int, attempt: int) -> IntArray:
        mixed = words[0] * (_MULTIPLIERS[attempt % 5] + np.uint64(2 * attempt))
        for k, word in enumerate(words[1:], 1):
            mixed ^= mixed >> np.uint64(31)
            mixed += word
            mixed *= _MULTIPLIERS[(attempt + k) % 5] + np.uint64(2 * attempt)
        slots = (mixed >> np.uint64(64 - bits)).view(np.int64)
        self._table[slots] = names
        return self._table.take(slots).astype(np.int64)


def _differing(words: Sequence[Words], mine: Sequence[Words], owner: IntArray) -> IntArray:
    wrong = words[0].take(owner) != mine[0]
    for word, own in zip(words[1:], mine[1:], strict=True):
        wrong |= word.take(owner) != own
    return np.flatnonzero(wrong)
