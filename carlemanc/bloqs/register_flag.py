"""A flag on what a register holds: one wire that stays |0> exactly where parts of the register have their values."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack

import attrs

from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.converters import integers
from carlemanc.bloqs.sequence_bloq import SequenceBloq
from carlemanc.bloqs.site_arithmetic import between


@attrs.frozen
class Within:
    """A condition on some wires of a register.

    Args:
        wires: positions in the register, least significant first.
        low, high: least and largest number that they may hold, 0 <= low <= high < 2^len(wires).
    """

    wires: tuple[int, ...] = attrs.field(converter=integers)
    low: int
    high: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.low <= self.high < 1 << len(self.wires):
            raise ValueError(f"{len(self.wires)} wires hold no number from {self.low} to {self.high}")


def equal_to(wires: Iterable[int], number: int) -> Within:
    """Return the condition that wires, least significant first, hold a number."""
    return Within(wires, number, number)


def _conditions(conditions: Iterable[Within]) -> tuple[Within, ...]:
    return tuple(conditions)


@attrs.frozen(cache_hash=True)
class RegisterFlag(SequenceBloq):
    """Flip `ancilla` except where all conditions on `system` hold; it is its own inverse.

    From |0> the ancilla so ends in |0> exactly on the event. A comparison takes at most as many ANDs as it has wires
    less one, an equality none beside the last conjunction, which takes one a condition or a wire of an equality.

    Args:
        size: wires of `system`.
        conditions: all of which hold on the event; none: everywhere.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: what is tested, unchanged.
        ancilla: one wire.
    """

    size: int
    conditions: tuple[Within, ...] = attrs.field(converter=_conditions)
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"system": self.size, "ancilla": 1}

    def build(self, circuit: BitCircuit) -> None:
        system, (flag,) = self.bits("system"), self.bits("ancilla")
        circuit.cx(self.ctrl, flag)
        with ExitStack() as stack:
            tested = [
                pair
                for one in self.conditions
                for pair in stack.enter_context(
                    between(circuit, [system[wire] for wire in one.wires], one.low, one.high)
                )
            ]
            bits, values = [bit for bit, _ in tested], [value for _, value in tested]
            circuit.flip(flag, [self.ctrl, *bits], [1, *values])
