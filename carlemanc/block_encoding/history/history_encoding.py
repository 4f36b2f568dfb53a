r"""The block encoding of the history matrix L = I - S (x) B, from slot steps, checks and the time shift.

U holds <0|U|0> = L / alpha with alpha of `ShiftPair` on every basis state: states that are no time, level code or
slot value in use are left alone exactly (the identity), as `HistorySystem.matrix` has it.
"""

from __future__ import annotations

from contextlib import ExitStack

import attrs
from qualtran.bloqs.basic_gates import Ry

from carlemanc.block_encoding.history.batch_number import batch_number
from carlemanc.block_encoding.history.history_wires import HistoryWires, present
from carlemanc.block_encoding.history.junk_check import JunkCheck
from carlemanc.block_encoding.history.level_weight import LevelWeight
from carlemanc.block_encoding.history.time_shift import TimeShift
from carlemanc.block_encoding.history.zero_insertion import insertion_angle
from carlemanc.bloqs.arithmetic import at_least
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.nearly import is_below_one, turn
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy


@attrs.frozen(cache_hash=True, kw_only=True)
class HistoryBlockEncoding(HistoryWires):
    r"""(alpha, ancilla, epsilon) block encoding of L over T + 1 time steps and p padding rows.

    With a time/level/slots state and a qubit c between the two states of a `ShiftPair`: where c = 1 the time
    moves on by one, every occupied slot is put through its `SlotStep`, junk is flagged, F_0 is inserted; c
    gets a minus sign. Padding rows only move the time.

    Registers:
        system: slots, thermometer level, time, least significant first (see `RegisterLayout`).
        ancilla: c, selectors, flags; the block is their |0>.

    Args:
        levels: the levels kept, (1..N) or odd ones.
        time_bits, steps, padding: the time register, T and p.
        slot_steps: one step a slot, controlled; all stencils or none.
        zeros: loader of F_0/||F_0|| per map, empty where F_0 = 0; alpha_zero: the largest ||F_0||/gamma;
            zero_ratios: ||F_0|| per map over the largest.
        schedule: number of the map of each step, empty where there is one map.
        alpha_step: alpha_B.
        weights: |0> amplitude of the level flag per output level of the slot steps.
        is_one_sided: whether c is put in |+>: one rotation a call less, alpha a little larger.
        idle: the block where `ctrl` is 0 is that multiple of the identity, at most 1.
        eps: synthesis precision of each rotation (operator norm).
        is_controlled: also controlled by `ctrl`.

    References:
        CONSTRUCTION.md (trimmed full tuple); alpha and the flags checked against every column of L in the
        tests.
    """

    def controlled_or(self, idle: float) -> HistoryBlockEncoding:
        """Return the encoding where `ctrl` is 1, the block `idle` times the identity where it is 0."""
        return attrs.evolve(self, is_controlled=True, idle=idle)

    def build(self, circuit: BitCircuit) -> None:
        self._pair.prepare(circuit, "c")
        if self.is_controlled:
            with circuit.conjunction(["ctrl", "c"]) as shifted:
                self._shifted(circuit, shifted)
        else:
            self._shifted(circuit, "c")
        self._pair.unprepare(circuit, "c", "ctrl" if self.is_controlled else None)

    def _shifted(self, circuit: BitCircuit, c: Bit) -> None:
        """-S (x) B / alpha_B on the ancillas' |0>, where c is 1."""
        circuit.call(
            TimeShift(self.time_bits, self.steps + self.padding, True), ctrl=c, last="last", time=self._time()
        )
        with ExitStack() as stack:
            active = c
            if self.padding:  # the time has moved on: rows up to T are training steps, later ones padding
                late = stack.enter_context(at_least(circuit, self._time(), self.steps + 1))
                assert late is not None
                if self._pads_down:
                    self._weigh_padding(circuit, c, late)
                active = stack.enter_context(circuit.conjunction([c, late], [1, 0]))
            batch = stack.enter_context(batch_number(circuit, self.schedule, self._time(), self._batch_bits))
            for slot in range(self.slot_count):
                self._apply_step(circuit, slot, c, active, batch)
            if not self._checks_inside:
                self._check(circuit, c)
            if self._has_weight and is_below_one(min(self.weights)):
                weight = LevelWeight(self.weights, self.eps, True)
                circuit.call(weight, ctrl=active, flag=self._weight_flag, **present(level=self._level()))
            if self._has_insertion:
                self._insert_zeros(circuit, active, batch)
            else:
                self._limit_factors(circuit, active, [])
        circuit.z(c)

    def _weigh_padding(self, circuit: BitCircuit, c: Bit, late: Bit) -> None:
        with circuit.conjunction([c, late]) as padding_row:
            angle = turn(1 / self.alpha_step)
            circuit.call(MultiplexedRy((0.0, angle), self.eps), address=[padding_row], target="weight")

    def _apply_step(self, circuit: BitCircuit, slot: int, c: Bit, active: Bit, batch: list[Bit]) -> None:
        own, step = self._own_level_bit(slot), self.slot_steps[slot]
        registers = step.bit_registers()
        with ExitStack() as stack:
            if "vacant" in registers:  # in a padding row a slot may be neither occupied nor vacant
                free = stack.enter_context(circuit.conjunction([c, ("level", own)], [1, 0]))
            applied = stack.enter_context(circuit.conjunction(self._condition(slot, active)))
            on = self._own_bits(slot) | present(
                slots=self._slots(slot), level=self._level(own + 1), batch=batch
            )
            on |= {"live": active} if "live" in registers else {}
            on |= {"vacant": free} if "vacant" in registers else {}
            circuit.call(
                step,
                ctrl=applied,
                **{name: bit for name, bit in on.items() if name in registers and bit != []},
            )

    def _condition(self, slot: int, active: Bit) -> list[Bit]:
        """The bits that are 1 where the step of a slot is applied: the slot is occupied."""
        own = self._own_level_bit(slot)
        return [active] if own < 0 else [active, ("level", own)]

    def _check(self, circuit: BitCircuit, c: Bit) -> None:
        if len(self.levels) == 1:
            return
        groups = tuple(b - a for a, b in zip(self.levels, self.levels[1:], strict=False))
        check = JunkCheck(groups=groups, slot_bits=self.slot_bits, is_controlled=True)
        slots = self._slots(self.levels[0])
        circuit.call(check, ctrl=c, bad="bad", **present(slots=slots), level=self._level())

    def _limit_factors(self, circuit: BitCircuit, active: Bit, insert: list[Bit]) -> None:
        """Nothing to limit: every term of the exact step is kept."""

    def _insert_zeros(self, circuit: BitCircuit, active: Bit, batch: list[Bit]) -> None:
        angle = insertion_angle(self.alpha_zero)
        insert: list[Bit] = [("insert", i) for i in range(self.slot_count)]
        for bit in insert:
            circuit.call(Ry(angle, eps=self.eps), q=bit)
        self._limit_factors(circuit, active, insert)
        insertion = self._insertion
        on = present(slots=self._slots(0), batch=batch)
        if insertion.has_shortfall:
            on["shortfall"] = "shortfall"
        circuit.call(insertion, ctrl=active, insert=insert, overflow="overflow", **on, level=self._level())
        for bit in insert:
            circuit.call(Ry(-angle, eps=self.eps), q=bit)
