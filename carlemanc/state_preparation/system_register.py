"""What the preparations of b share: one register `system` of slots, thermometer level and time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from qualtran import BloqBuilder, QAny, Register, Signature

from carlemanc.bloqs.bit_circuit import Bit, BitBloq, BloqWriter
from carlemanc.linear_system import HistorySystem


class SystemPreparation(BitBloq):
    """A bloq on the register `system`, least significant first: slots, level, time (see `RegisterLayout`)."""

    levels: tuple[int, ...]
    slot_bits: int
    time_bits: int
    is_controlled: bool

    @property
    def system_bitsize(self) -> int:
        """Number of system qubits."""
        return self.levels[-1] * self.slot_bits + len(self.levels) - 1 + self.time_bits

    @cached_property
    def signature(self) -> Signature:
        control = [Register("ctrl", QAny(1))] if self.is_controlled else []
        return Signature([*control, Register("system", QAny(self.system_bitsize))])

    @cached_property
    def _system(self) -> list[Bit]:
        slots = [bit for slot in range(self.levels[-1]) for bit in self._slot(slot)]
        return [*slots, *[("level", r) for r in range(len(self.levels) - 1)], *self._time]

    def _slot(self, slot: int) -> list[Bit]:
        return [("slot", slot, b) for b in range(self.slot_bits)]

    @property
    def _time(self) -> list[Bit]:
        return [("time", b) for b in range(self.time_bits)]

    def _occupied(self, slot: int) -> list[Bit]:
        """The bits that must be 1 for a slot to be loaded: the control and the slot's level bit."""
        own = next(r for r, level in enumerate(self.levels) if level > slot) - 1
        return [*(["ctrl"] if self.is_controlled else []), *([("level", own)] if own >= 0 else [])]

    def boundary_bits(self) -> list[Bit]:
        return [*(["ctrl"] if self.is_controlled else []), *self._system[::-1]]

    def build_composite_bloq(self, bb: BloqBuilder, **soquets: Any) -> dict[str, Any]:
        wires: dict[Bit, Any] = dict(zip(self._system, bb.split(soquets["system"])[::-1], strict=True))
        if self.is_controlled:
            wires["ctrl"] = soquets["ctrl"]
        self.build(BloqWriter(bb, wires))
        joined = bb.join(np.array([wires[bit] for bit in self._system[::-1]]), dtype=QAny(len(self._system)))
        return {"system": joined} | ({"ctrl": wires["ctrl"]} if self.is_controlled else {})


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
