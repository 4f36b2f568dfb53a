"""Flagging what is no lifted state: dirty empty slots and bad level codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import attrs

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


@attrs.frozen(cache_hash=True, kw_only=True)
class JunkCheck(BitBloq):
    """Flip `bad` unless the level is a thermometer code and every slot above it is zero.

    Group r holds the slots that are occupied exactly where level bit r is 1; the state is clean when, for
    every r with level bit r = 0, the slots of group r are zero and level bit r + 1 is 0.

    Registers:
        bad: one flag.
        slots: the slots of all groups, group by group.
        level: one bit a group.

    Args:
        groups: number of slots in each group.
        slot_bits: m.
        is_controlled: do nothing where `ctrl` is 0.
    """

    groups: tuple[int, ...]
    slot_bits: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"bad": None, "slots": sum(self.groups) * self.slot_bits, "level": len(self.groups)}

    def build(self, circuit: BitCircuit) -> None:
        level, slots = self.bits("level"), self.bits("slots")
        with ExitStack() as stack:
            clean: list[Bit] = []
            start = 0
            for r, size in enumerate(self.groups):
                stop = start + size * self.slot_bits
                must_vanish = [*slots[start:stop], *level[r + 1 : r + 2]]
                start = stop
                if must_vanish:
                    clean.append(stack.enter_context(_occupied_or_zero(circuit, level[r], must_vanish)))
            if not clean:
                return
            circuit.cx(self.ctrl, "bad")
            circuit.flip("bad", [self.ctrl, *clean])


@contextmanager
def _occupied_or_zero(circuit: BitCircuit, occupied: Bit, bits: list[Bit]) -> Iterator[Bit]:
    """Yield a bit that is 1 where `occupied` is 1 or all `bits` are 0; no input bit is flipped meanwhile."""
    if len(bits) == 1:
        result = circuit.and_(occupied, bits[0], (0, 1))
        circuit.x(result)
        yield result
        circuit.x(result)
        circuit.erase_and(occupied, bits[0], result, (0, 1))
        return
    with circuit.conjunction(bits, [0] * len(bits)) as all_zero:
        result = circuit.and_(occupied, all_zero, (0, 0))
        circuit.x(result)
        yield result
        circuit.x(result)
        circuit.erase_and(occupied, all_zero, result, (0, 0))
