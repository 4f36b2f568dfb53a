"""Where time, level and slots sit in the quantum registers, and the basis index of a Carleman amplitude.

System wires, least significant first: slot 1 (m wires), slot 2, ..., the last slot, then the thermometer code
of the level (one wire per level above the lowest: wire r is 1 iff level >= levels[r]), then time. Everything
downstream (L.npz, b.npy, the block encoding, the readout) uses this one map; source: derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import IntArray


def bits_for(count: int) -> int:
    """Return the number of bits that address `count` values (0 for one value).

    >>> [bits_for(count) for count in (1, 2, 3, 4, 5)]
    [0, 1, 2, 2, 3]
    """
    return (count - 1).bit_length()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLayout:
    """The system register: time, `slots` slots of `slot_bits` wires, a thermometer wire per further level."""

    time_bits: int
    slots: int
    slot_bits: int
    levels: tuple[int, ...]

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in zip(self.levels, self.levels[1:], strict=False))
        if not self.levels or self.levels[0] < 1 or not ascending or self.levels[-1] > self.slots:
            raise ValueError(f"levels {self.levels} must ascend within 1..{self.slots}")
        if self.time_bits < 1 or self.slot_bits < 0:
            raise ValueError("a layout needs time_bits >= 1 and slot_bits >= 0")

    @property
    def level_bits(self) -> int:
        """Number of thermometer wires."""
        return len(self.levels) - 1

    @property
    def width(self) -> int:
        """Number of system wires; the matrix has 2^width rows."""
        return self.slots * self.slot_bits + self.level_bits + self.time_bits

    @property
    def slots_wires(self) -> list[list[int]]:
        """Wires of each slot, slot 1 first, least significant wire first."""
        m = self.slot_bits
        return [list(range(slot * m, (slot + 1) * m)) for slot in range(self.slots)]

    @property
    def level_wires(self) -> list[int]:
        """Thermometer wires q_1, q_2, ...: q_r is 1 iff level >= levels[r]."""
        start = self.slots * self.slot_bits
        return list(range(start, start + self.level_bits))

    @property
    def time_wires(self) -> list[int]:
        """Time wires, least significant first."""
        return list(range(self.width - self.time_bits, self.width))

    def level_code(self, level: int) -> int:
        """Return the value of the thermometer wires at `level` (ValueError for a level that is not kept)."""
        return (1 << self.levels.index(level)) - 1

    def index(self, time: npt.ArrayLike, level: int, indices: Sequence[npt.ArrayLike]) -> IntArray:
        """Return basis indices of (time, level, (i_1, ..., i_level)); unused slots are 0.

        `time` and every element of `indices` broadcast against each other. Layouts wider than 62 wires have
        Python integers (dtype object) as indices.
        """
        kind = np.int64 if self.width <= 62 else object
        if len(indices) != level:
            raise ValueError(f"level {level} needs {level} slot values, got {len(indices)}")
        m, total = self.slot_bits, np.asarray(time, dtype=kind) << (self.width - self.time_bits)
        total = total + (self.level_code(level) << (self.slots * m))
        for slot, value in enumerate(indices):
            total = total + (np.asarray(value, dtype=kind) << (slot * m))
        return np.asarray(total, dtype=kind)

    def level_indices(self, time: int, level: int, n: int) -> IntArray:
        """Return the indices of the n^level entries of one block in kron order (slot 1 most significant)."""
        grids = np.unravel_index(np.arange(n**level, dtype=np.int64), (n,) * level)
        return self.index(time, level, grids)

    def packed_indices(self, time: int, n: int) -> IntArray:
        """Return the indices of a packed vector at `time` (levels concatenated, kron order inside each)."""
        return np.concatenate([self.level_indices(time, level, n) for level in self.levels])

    def to_json(self) -> dict[str, object]:
        """Return the `layout` object of the manifest: wires, least significant first."""
        return {"time": self.time_wires, "level": self.level_wires, "slots": self.slots_wires}
