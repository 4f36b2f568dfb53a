r"""The block encoding of the history matrix L = I - S (x) B, from the parts of a step and the time shift.

U holds <0|U|0> = L / alpha with alpha of `ShiftPair` on every basis state: states that are no time, level code or
slot value in use are left alone exactly (the identity), as `HistorySystem.matrix` has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import attrs

from carlemanc.block_encoding.history.carleman_encoding import CarlemanEncoding
from carlemanc.block_encoding.history.shift_pair import ShiftPair
from carlemanc.block_encoding.history.step_parts import StepParts
from carlemanc.bloqs.arithmetic import Increment, at_least
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.nearly import SAME, turn
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.core.formula import Formula


@attrs.frozen(cache_hash=True)
class TimeShift(BitBloq):
    """Flip `last` where time >= `final`, then add one to time (mod 2^bits).

    Where `final` is all ones, `last` takes the carry and costs one Toffoli.

    Args:
        size: number of time bits.
        final: the last time in use, below 2^bits.
        is_controlled: do nothing where `ctrl` is 0.
    """

    size: int
    final: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"last": None, "time": self.size}

    def build(self, circuit: BitCircuit) -> None:
        time = self.bits("time")
        if self.final == (1 << self.size) - 1:
            self._increment(circuit, [*time, "last"])
            return
        with at_least(circuit, time, self.final) as late:
            circuit.flip("last", [self.ctrl, late])
        self._increment(circuit, time)

    def _increment(self, circuit: BitCircuit, target: list[Bit]) -> None:
        shift = Increment(len(target), self.is_controlled)
        circuit.call(shift, ctrl=self.ctrl, target=target)


@attrs.frozen(cache_hash=True, kw_only=True)
class HistoryBlockEncoding(CarlemanEncoding):
    r"""(alpha, ancilla, epsilon) block encoding of L over T + 1 time steps and p padding rows.

    With a time/level/slots state and a qubit c between the two states of a `ShiftPair`: where c = 1 the time
    moves on by one and the step is applied, every occupied slot put through its slot step, junk flagged, F_0
    inserted; c gets a minus sign. Padding rows only move the time.

    Registers:
        system: slots, thermometer level, time, least significant first (see `RegisterLayout`).
        ancilla: c, selectors, flags; the block is their |0>.

    Args:
        parts: those of the step, whose levels begin with 1.
        time_bits, steps, padding: the time register, T and p.
        schedule: number of the map of each step, empty where there is one map.
        is_one_sided: whether c is put in |+>: one rotation a call less, alpha a little larger.
        when_off: the block where `ctrl` is 0 is that multiple of the identity, at most 1.
        is_controlled: also controlled by `ctrl`.
    """

    parts: StepParts
    time_bits: int
    steps: int
    padding: int
    schedule: tuple[int, ...] = ()
    is_one_sided: bool = False
    when_off: float = 1.0
    is_controlled: bool = False

    @property
    def alpha(self) -> float:
        """Subnormalization: that of the identity and alpha_B together."""
        return self._pair.alpha

    @property
    def alpha_formula(self) -> Formula:
        """How alpha follows from alpha_B."""
        return self._pair.formula

    @property
    def _pair(self) -> ShiftPair:
        return ShiftPair(
            alpha_step=self.parts.alpha,
            is_one_sided=self.is_one_sided,
            when_off=self.when_off,
            eps=self.parts.eps,
        )

    @property
    def _time(self) -> list[Bit]:
        return [("time", b) for b in range(self.time_bits)]

    @property
    def _system_names(self) -> list[Bit]:
        return [*self.parts.system_names, *self._time]

    @property
    def _ancilla_names(self) -> list[Bit]:
        return ["c", "last", *self.parts.ancilla_names(self._weighs_padding)]

    @property
    def _weighs_padding(self) -> bool:
        return self.padding > 0 and self.parts.alpha > 1 + SAME

    def controlled_or(self, when_off: float) -> HistoryBlockEncoding:
        """Return the encoding where `ctrl` is 1, the block `when_off` times the identity where it is 0."""
        return attrs.evolve(self, is_controlled=True, when_off=when_off)

    def build(self, circuit: BitCircuit) -> None:
        self._pair.prepare(circuit, "c")
        with circuit.conjunction([self.ctrl, "c"]) as shifted:
            self.parts.turn_choices(circuit, 1)
            self._shift(circuit, shifted)
            self.parts.turn_choices(circuit, -1)
        self._pair.unprepare(circuit, "c", self.ctrl)

    def _shift(self, circuit: BitCircuit, c: Bit) -> None:
        """-S (x) B / alpha_B on the ancillas' |0>, where c is 1."""
        circuit.call(
            TimeShift(self.time_bits, self.steps + self.padding, True), ctrl=c, last="last", time=self._time
        )
        with ExitStack() as stack:
            active = c
            if self.padding:  # the time has moved on: rows up to T are training steps, later ones padding
                late = stack.enter_context(at_least(circuit, self._time, self.steps + 1))
                if self._weighs_padding:
                    self._weigh_padding(circuit, c, late)
                active = stack.enter_context(circuit.conjunction([c, late], [1, 0]))
            number = batch_number(circuit, self.schedule, self._time, self.parts.batch_bits)
            batch = stack.enter_context(number)
            self.parts.apply(circuit, c, active, batch, self._weighs_padding)
        circuit.z(c)

    def _weigh_padding(self, circuit: BitCircuit, c: Bit, late: Bit) -> None:
        with circuit.conjunction([c, late]) as padding_row:
            rotation = MultiplexedRy((0.0, turn(1 / self.parts.alpha)), self.parts.eps)
            circuit.call(rotation, address=[padding_row], target="weight")


@contextmanager
def batch_number(
    circuit: BitCircuit, schedule: Sequence[int], time: list[Bit], size: int
) -> Iterator[list[Bit]]:
    """Yield `size` bits that hold the number of the map that leads to the time in the register."""
    if not size:
        yield []
        return
    load = Lookup(batch_table(schedule, len(time)), size)
    with circuit.work(size) as number:
        circuit.call(load, address=time, target=number)
        yield number
        circuit.call(load, address=time, target=number)


def batch_table(schedule: Sequence[int], time_bits: int) -> tuple[int, ...]:
    """Map number by time reached (1..T), as a lookup table; other times continue the schedule's period."""
    period = next(
        p
        for p in range(1, len(schedule) + 1)
        if all(a == b for a, b in zip(schedule, schedule[p:], strict=False))
    )
    return tuple(schedule[(time - 1) % period] for time in range(1 << time_bits))
