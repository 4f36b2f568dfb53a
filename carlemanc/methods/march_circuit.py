"""Time marching as a bloq: steps one after the other on the same ancillas, failures counted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import attrs
from qualtran import Bloq

from carlemanc.bloqs.arithmetic import Increment
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size


def _bloqs(steps: Iterable[Bloq]) -> tuple[Bloq, ...]:
    return tuple(steps)


@attrs.frozen(cache_hash=True)
class MarchCircuit(SequenceBloq):
    r"""`prepare`, then T block-encoded steps; all ancillas |0> leaves the product of the steps' blocks.

    After each step but the last a counter moves on by one where the step's ancillas are not all |0>. It is at
    most T - 1 and starts at 0, so it is 0 at the end exactly where every step before the last succeeded,
    whatever the steps do to states that failed: T steps cost ceil(log2 T) ancillas more than one.

    Args:
        prepare: bloq with the one register `system`.
        steps: the distinct steps, registers `system` and (unless none is needed) `ancilla`.
        schedule: for each step the position in `steps`.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: enters as |0>.
        ancilla: the widest step's, then the counter (most significant).

    References:
        [fang2023] Quantum 7, 955, and [low2018] arXiv:1805.00675 (compression gadget; from
        memory), with a counter of failures: derived here, checked.
    """

    prepare: Bloq
    steps: tuple[Bloq, ...] = attrs.field(converter=_bloqs)
    schedule: tuple[int, ...]
    is_controlled: bool = False

    @property
    def counter_size(self) -> int:
        """Wires of the counter."""
        return max(0, len(self.schedule) - 1).bit_length() if self._step_size else 0

    @property
    def _step_size(self) -> int:
        return max((register_size(step, "ancilla") for step in self.steps), default=0)

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.prepare, "system"),
            "ancilla": self._step_size + self.counter_size,
        }

    def build(self, circuit: BitCircuit) -> None:
        call_query(circuit, self.prepare, self.bits("system"), [], self.ctrl)
        circuit.each(self.schedule[:-1], partial(self._move, circuit, True))
        circuit.each(self.schedule[-1:], partial(self._move, circuit, False))

    def _move(self, circuit: BitCircuit, is_counted: bool, index: int) -> None:
        """Apply the step at `index` and, if `is_counted`, count its failure."""
        step, ancilla = self.steps[index], self.bits("ancilla")
        own, counter = ancilla[: register_size(step, "ancilla")], ancilla[self._step_size :]
        call_query(circuit, step, self.bits("system"), own, self.ctrl)
        if is_counted and counter and own:
            self._count(circuit, own, counter)

    def _count(self, circuit: BitCircuit, own: list[Bit], counter: list[Bit]) -> None:
        """Add 1 to the counter where `own` is not all |0>."""
        add = Increment(len(counter), is_controlled=True)
        with circuit.conjunction(own, [0] * len(own)) as succeeded:
            circuit.x(succeeded)
            with circuit.conjunction([self.ctrl, succeeded]) as failed:
                circuit.call(add, ctrl=failed, target=counter)
            circuit.x(succeeded)
