"""Insertion of F_0 where the level register also holds level 0: the constant 1 that feeds the sources."""

from __future__ import annotations

from contextlib import ExitStack

import attrs

from carlemanc.block_encoding.history.zero_insertion import ZeroInsertion
from carlemanc.bloqs.arithmetic import at_least
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.population import population


@attrs.frozen(cache_hash=True, kw_only=True)
class LevelZeroInsertion(ZeroInsertion):
    r"""`ZeroInsertion` for levels 0..N, thermometer bit r - 1 says level >= r.

    From level 0 only the pattern of the places 0..j-1 fits, and it makes $F_0^{\otimes j}$ on level j: the
    source of level j (derived here, checked on every column).

    Registers:
        level: N thermometer bits; the others as for `ZeroInsertion`.
    """

    def bit_registers(self) -> dict[str, int | None]:
        return super().bit_registers() | {"level": self.slots}

    def _check(self, circuit: BitCircuit) -> None:
        """Flip `overflow` unless level + k <= N and every place lies below level + k, k ones in the pattern."""
        control: list[Bit] = ["ctrl"] if self.is_controlled else []
        insert, copies = self.bits("insert"), [circuit.allocate() for _ in range(self.slots)]
        for bit, copy in zip(insert, copies, strict=True):
            circuit.cx(bit, copy)
        with ExitStack() as stack:
            count = stack.enter_context(population(circuit, [*copies, *self.bits("level")]))
            wrong = [stack.enter_context(at_least(circuit, count, self.slots + 1))]
            for place in range(1, self.slots):
                reached = stack.enter_context(at_least(circuit, count, place + 1))
                missed = circuit.and_(insert[place], reached, (1, 0))
                stack.callback(circuit.erase_and, insert[place], reached, missed, (1, 0))
                wrong.append(missed)
            if control:
                circuit.cx("ctrl", "overflow")
            else:
                circuit.x("overflow")
            values = [1] * len(control) + [0] * len(wrong)
            fits = stack.enter_context(circuit.conjunction([*control, *wrong], values))
            circuit.cx(fits, "overflow")
        for bit, copy in zip(insert, copies, strict=True):
            circuit.cx(bit, copy)
            circuit.free(copy)

    def _insert(self, circuit: BitCircuit, place: int, chosen: Bit) -> None:
        """Move slots `place`.. one back, lengthen the level by one and load F_0 into the gap."""
        m, slots, level = self.slot_bits, self.bits("slots"), self.bits("level")
        for number in range(self.slots - 1, place, -1):
            for bit in range(m):
                circuit.cswap(chosen, slots[number * m + bit], slots[(number - 1) * m + bit])
        circuit.cx(chosen, level[-1])
        for position in range(len(level) - 1, place, -1):
            circuit.cswap(chosen, level[position], level[position - 1])
        if m:
            self._load(circuit, chosen, slots[place * m : (place + 1) * m])
        else:
            self._load_sign(circuit, chosen)
