"""What the preparations of b share: one register `system` of slots, thermometer level and time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

from carlemanc.bloqs.bit_circuit import Bit
from carlemanc.bloqs.sequence_bloq import SequenceBloq
from carlemanc.linear_system import HistorySystem


class SystemPreparation(SequenceBloq):
    """A bloq on the register `system`, least significant first: slots, level, time (see `RegisterLayout`)."""

    levels: tuple[int, ...]
    slot_bits: int
    time_bits: int

    @cached_property
    def _system(self) -> list[Bit]:
        slots = [bit for slot in range(self.levels[-1]) for bit in self._slot(slot)]
        return [*slots, *[("level", r) for r in range(len(self.levels) - 1)], *self._time]

    def bit_registers(self) -> dict[str, int | None]:
        return {"system": len(self._system)}

    def bits(self, register: str) -> list[Bit]:
        return self._system if register == "system" else []

    def _slot(self, slot: int) -> list[Bit]:
        return [("slot", slot, b) for b in range(self.slot_bits)]

    @property
    def _time(self) -> list[Bit]:
        return [("time", b) for b in range(self.time_bits)]

    def _occupied(self, slot: int) -> list[Bit | None]:
        """The bits that must be 1 for a slot to be loaded: the control and the slot's level bit."""
        own = next(r for r, level in enumerate(self.levels) if level > slot) - 1
        return [self.ctrl, ("level", own) if own >= 0 else None]


def climb_angle(levels: Sequence[int], r: int, scale: float, highest: int) -> float:
    """Angle that leaves the r-th level for those above it up to `highest`, level weights scale^(2 level)."""
    weights = [scale ** (2 * (level - levels[r])) for level in levels[r:] if level <= highest]
    return 2 * math.atan2(math.sqrt(sum(weights[1:])), math.sqrt(weights[0])) if weights else 0.0


def level_weight(levels: Sequence[int], scale: float, highest: int) -> float:
    """Squared norm of a lift up to level `highest`: the sum of scale^(2 level)."""
    return sum(scale ** (2 * level) for level in levels if level <= highest)


def highest_source(history: HistorySystem) -> int:
    """Highest level that has a source: p where fewer corrections are kept than levels."""
    top = history.levels[-1]
    return top if history.corrections is None else min(top, history.corrections)
