"""Bits of a sparse state: one column per nonzero amplitude, one row per wire.

Comes in: basis permutations (x, cx, and, and_dg). Goes out: the rows, and packed words for grouping columns.

A wire is a constant, or a row of uint8, or packed with others in 64-bit words. Rows are unpacked when a gate needs
them and packed before a branch, so a permutation costs a few microseconds per 1e5 columns (measured).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InternalError

Bits = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

VARIES: Final = -1
_ONE: Final = np.uint8(1)


class BitRows:
    """The values of numbered wires in each of `size` columns.

    Args:
        indices: basis indices, wire w = bit w (Python integers of any size).
        width: number of wires.
    """

    def __init__(self, indices: Sequence[int], width: int) -> None:
        self.size = len(indices)
        self.constant = [0] * width
        """0 or 1 for a wire known to be constant, else VARIES."""
        self.words: list[Words] = []
        self._rows: dict[int, Bits] = {}
        self._changed: set[int] = set()
        """Wires whose row is newer than their packed bit."""
        self._position: dict[int, int] = {}
        """Wire -> bit position in the words, for wires packed at least once since they last were constant."""
        self._free: list[int] = []
        self._stale: dict[int, int] = {}
        """Byte -> mask of bits that belong to no wire any more."""
        self._bytes: dict[int, Bits] = {}
        for start in range(0, width, 62):
            part = np.asarray([(index >> start) & ((1 << 62) - 1) for index in indices], dtype=np.int64)
            for wire in range(start, min(start + 62, width)):
                self.put(wire, ((part >> (wire - start)) & 1).astype(np.uint8))
        self.settle(range(width))

    def row(self, wire: int) -> Bits:
        """Return the (size,) values of one wire."""
        if self.constant[wire] >= 0:
            return np.full(self.size, self.constant[wire], dtype=np.uint8)
        return self.live(wire)

    def live(self, wire: int) -> Bits:
        """Return the row of a wire that varies; not to be changed by the caller."""
        row = self._rows.get(wire)
        if row is None:
            position = self._position[wire]
            row = self._byte(position >> 3) >> np.uint8(position & 7)
            np.bitwise_and(row, _ONE, out=row)
            self._rows[wire] = row
        return row

    def put(self, wire: int, row: Bits) -> None:
        """Let a wire hold `row`, which is not copied."""
        self.constant[wire] = VARIES
        self._rows[wire] = row
        self._changed.add(wire)

    def fix(self, wire: int, value: int) -> None:
        """Make a wire constant."""
        self.constant[wire] = value
        self._rows.pop(wire, None)
        self._changed.discard(wire)
        position = self._position.pop(wire, None)
        if position is not None:
            byte = position >> 3
            self._stale[byte] = self._stale.get(byte, 0) | 1 << (position & 7)
            self._free.append(position)

    def settle(self, wires: Sequence[int] | set[int] | range) -> None:
        """Turn changed rows that hold one value only into constants."""
        if not self.size:
            return
        for wire in wires:
            row = self._rows[wire]
            if not row.max():
                self.fix(wire, 0)
            elif row.min():
                self.fix(wire, 1)

    # Permutations

    def x(self, wire: int) -> None:
        """Flip a wire."""
        if self.constant[wire] >= 0:
            self.constant[wire] ^= 1
            return
        row = self.live(wire)
        np.bitwise_xor(row, _ONE, out=row)
        self._changed.add(wire)

    def cx(self, control: int, target: int) -> None:
        """Flip `target` where `control` is 1."""
        if self.constant[control] >= 0:
            if self.constant[control]:
                self.x(target)
            return
        row = self.live(control)
        if self.constant[target] >= 0:
            self.put(target, row ^ _ONE if self.constant[target] else row.copy())
            return
        changed = self.live(target)
        np.bitwise_xor(changed, row, out=changed)
        self._changed.add(target)

    def product(self, a: int, b: int) -> Bits | int:
        """Return a AND b: a value where it is constant, else a fresh row."""
        x, y = self.constant[a], self.constant[b]
        if x == 0 or y == 0:
            return 0
        if x == 1:
            return 1 if y == 1 else self.live(b).copy()
        return self.live(a).copy() if y == 1 else self.live(a) & self.live(b)

    def compute_and(self, a: int, b: int, target: int) -> None:
        """Write a AND b into `target`. Raises InternalError where the target is not |0>."""
        if self.constant[target] == VARIES:
            self.live(target)
            self.settle([target])
        if self.constant[target] != 0:
            raise InternalError(f"an AND is computed into wire {target}, which is not |0>")
        product = self.product(a, b)
        if isinstance(product, int):
            self.constant[target] = product
        else:
            self.put(target, product)

    def undo_and(self, a: int, b: int, target: int) -> None:
        """Return `target` to |0>. Raises InternalError where it does not hold a AND b."""
        product = self.product(a, b)
        held = self.live(target) if self.constant[target] == VARIES else self.constant[target]
        right = held == product
        if not (right if isinstance(right, bool) else right.all()):
            raise InternalError(
                f"wire {target} is undone as the AND of wires {a} and {b}, but does not hold it"
            )
        self.fix(target, 0)

    # Packing

    def pack(self) -> None:
        """Bring the words up to date with every changed row."""
        self.settle(set(self._changed))
        masks, self._stale = self._stale, {}
        rows: dict[int, list[tuple[int, Bits]]] = {byte: [] for byte in masks}
        for wire in sorted(self._changed):
            position = self._position.get(wire)
            if position is None:
                position = self._position[wire] = self._assign()
            else:
                masks[position >> 3] = masks.get(position >> 3, 0) | 1 << (position & 7)
            rows.setdefault(position >> 3, []).append((position & 7, self._rows[wire]))
        for byte, parts in rows.items():
            packed = self._byte(byte)
            if byte in masks:
                np.bitwise_and(packed, np.uint8(~masks[byte] & 0xFF), out=packed)
            for shift, row in parts:
                np.bitwise_or(packed, row << np.uint8(shift), out=packed)
            self.words[byte >> 3].view(np.uint8)[byte & 7 :: 8] = packed
        self._changed.clear()

    def _assign(self) -> int:
        position = self._free.pop() if self._free else len(self._position)
        if position >> 6 == len(self.words):
            self.words.append(np.zeros(self.size, dtype=np.uint64))
        return position

    def _byte(self, byte: int) -> Bits:
        packed = self._bytes.get(byte)
        if packed is None:
            packed = np.ascontiguousarray(self.words[byte >> 3].view(np.uint8)[byte & 7 :: 8])
            self._bytes[byte] = packed
        return packed

    def replace(self, words: list[Words], size: int) -> None:
        """Take new columns, given by their words (every wire packed or constant)."""
        self.words, self.size = words, size
        self._rows, self._bytes = {}, {}
