"""Tables too large for tuples: arrays hashed by their content, and tables known by their shape alone."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import Array, Mask


class LookupTable:
    """2^k non-negative integers, some of which may be unused (never asked for, so their value is free).

    Args:
        entries: (2^k,) integers; kept as int64 where they fit, else as Python integers.
        unused: (2^k,) booleans; these entries are overwritten by neighbors, which load for nothing.
    """

    def __init__(self, entries: npt.ArrayLike, unused: Mask | None = None) -> None:
        values: Array = np.array(entries, dtype=None if isinstance(entries, np.ndarray) else object)
        if values.dtype == object and max(values.tolist(), default=0) < 1 << 62:
            values = values.astype(np.int64)
        if len(values) != 1 << self._bits(len(values)):
            raise ValueError(f"number of table entries must be a power of two, found {len(values)}")
        self.used = np.ones(len(values), dtype=bool) if unused is None else ~unused
        if unused is not None:
            fill_unused(values[None, :], unused[None, :].copy())
        if not self.used.any():
            values[:] = 0
        values.flags.writeable = False
        self.entries = values
        self._blocks: dict[tuple[int, int], LookupTable] = {}

    @staticmethod
    def _bits(length: int) -> int:
        return (length - 1).bit_length()

    @property
    def address_size(self) -> int:
        """Number of address bits k."""
        return self._bits(len(self.entries))

    @property
    def is_empty(self) -> bool:
        """Whether every entry is 0."""
        return not self.entries.any()

    @cached_property
    def _digest(self) -> bytes:
        values = self.entries
        content = repr(values.tolist()).encode() if values.dtype == object else values.tobytes()
        return blake2b(content + self.used.tobytes()).digest()

    def __hash__(self) -> int:
        return hash(self._digest)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, LookupTable) and self._digest == other._digest)

    def blocks(self, bits: int, size: int) -> LookupTable:
        """Return the table of runs of 2^bits entries, each run one integer, entry 0 lowest, `size` bits each."""
        if (bits, size) not in self._blocks:
            runs = self.entries.reshape(-1, 1 << bits)
            wide = np.zeros(len(runs), dtype=object)
            for place in range(1 << bits):
                wide += runs[:, place].astype(object) << (place * size)
            unused = np.logical_not(self.used.reshape(len(runs), -1).any(axis=1))
            self._blocks[bits, size] = LookupTable(wide, unused)
        return self._blocks[bits, size]

    def used_blocks(self, bits: int) -> int:
        """Return how many runs of 2^bits entries hold a used one that is not 0."""
        told = self.used & (self.entries != 0)
        return int(told.reshape(-1, 1 << bits).any(axis=1).sum())


class LookupShape:
    """A table known only by its number of used entries, all different.

    Args:
        entries: number of used entries, at least 1.
        address_size: k; by default ceil(log2 entries), the used entries being the first ones. Where it is larger
            they lie anywhere.
    """

    is_empty = False

    def __init__(self, entries: int, address_size: int | None = None) -> None:
        least = (entries - 1).bit_length()
        self.count = entries
        self.address_size = least if address_size is None else address_size
        self.is_scattered = self.address_size > least
        if entries < 1 or self.address_size < least:
            raise ValueError(f"{entries} entries do not fit {address_size} address bits")

    def __hash__(self) -> int:
        return hash((self.count, self.address_size))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, LookupShape)
            and self.count == other.count
            and self.address_size == other.address_size
        )

    def blocks(self, bits: int, size: int) -> LookupShape:
        """Return the shape of the table of runs of 2^bits entries."""
        return LookupShape(self.used_blocks(bits), self.address_size - bits)

    def used_blocks(self, bits: int) -> int:
        """Return how many runs of 2^bits entries hold a used one, at most."""
        if self.is_scattered:
            return min(self.count, 1 << (self.address_size - bits))
        return -(-self.count >> bits)


LookupData = LookupTable | LookupShape


def fill_unused(values: npt.NDArray[np.generic], unused: Mask) -> None:
    """Overwrite the unused entries of `values`, (rows, 2^d): an unused half takes its neighbor, small ones first.

    Equal halves cost a lookup or a multiplexed rotation nothing. `unused` is overwritten too.
    """
    size = 1
    while size < values.shape[1]:
        pairs, free = values.reshape(-1, 2, size), unused.reshape(-1, 2, size)
        for side in (0, 1):
            whole = free[:, side].all(axis=1) & ~free[:, 1 - side].all(axis=1)
            pairs[whole, side] = pairs[whole, 1 - side]
            free[whole, side] = free[whole, 1 - side]
        size *= 2
