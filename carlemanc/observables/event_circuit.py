"""The circuit of an event: a run, a few gates on the lift that it leaves, and which wires are |0> where it happened.

From |0...0> the event is "all ancillas |0>". What a run leaves on level 1 at t >= T, ancillas |0>, is s y_1; an event
is a part of it, or of what a probe makes of it. Wires of the run whose |0> is part of the event (level bits, slots)
are ancillas here: no gate is spent on them.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs
from qualtran import Bloq

from carlemanc.access.access import Access
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.register_flag import RegisterFlag, Within
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size
from carlemanc.linear_system.lifted import Lifted


def _wires(wires: Any) -> tuple[int, ...]:
    return tuple(int(wire) for wire in wires)


def _slots(slots: Any) -> tuple[tuple[int, ...], ...]:
    return tuple(_wires(slot) for slot in slots)


@attrs.frozen(cache_hash=True, kw_only=True)
class Place:
    """Where a run leaves the lift in its system register; wires are positions, least significant first.

    Args:
        time: the time register, empty where only y(T) is left.
        level: thermometer bits; with `has_level_zero` the lowest says that the level is 1 or more.
        slots: the wires of each slot.
        steps: T; what stands at earlier times is no answer.
        has_level_zero: whether the constant y_0 = 1 is a level of its own.
    """

    time: tuple[int, ...] = attrs.field(converter=_wires)
    level: tuple[int, ...] = attrs.field(converter=_wires)
    slots: tuple[tuple[int, ...], ...] = attrs.field(converter=_slots)
    steps: int
    has_level_zero: bool

    @classmethod
    def of(cls, access: Access[Any]) -> Place:
        """Return the place of the answer of an access to a lifted training."""
        system = access.system
        assert isinstance(system, Lifted), "observables are read of a training"
        layout = access.answer.layout
        return cls(
            time=layout["time"],
            level=layout["level"],
            slots=layout["slots"],
            steps=system.steps,
            has_level_zero=len(layout["level"]) == len(system.history.layout.levels),
        )

    @property
    def late(self) -> RegisterFlag:
        """The flag of t >= T on the time register."""
        size = len(self.time)
        return RegisterFlag(size, (Within(range(size), self.steps, (1 << size) - 1),))

    @property
    def above(self) -> tuple[int, ...]:
        """The level bits above that of level 1: all |0> on level 1."""
        return self.level[1:] if self.has_level_zero else self.level


class Probe(BitBloq):
    """Gates on the lift, before the wires of an event are read.

    Registers, those that it has: `slots` (all, or the first slot alone), `level` (the bits above level 1), `flags`
    (|0> where the event happens), `junk` (anything) and `time` (|0> where the event happens: the probe sees to t >= T).
    """

    @property
    def clears(self) -> int | None:
        """The first slot (from 0) that it may leave occupied where the event does not happen; None: it leaves none."""
        raise NotImplementedError


@attrs.frozen(cache_hash=True, kw_only=True)
class EventCircuit(SequenceBloq):
    """A run, then a probe; the event is all ancillas |0>.

    Args:
        run: bloq with registers `system` and `ancilla`, from |0>.
        place: where it leaves the lift.
        probe: what is done before the event is read; None: the event is level 1 at t >= T.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: the wires of the run that no event reads, then the junk of the probe.
        ancilla: those of the run, a flag of t < T, level bits, slots and flags that the probe names.
    """

    run: Bloq
    place: Place
    probe: Probe | None = None
    is_controlled: bool = False

    @property
    def _system_of_run(self) -> list[Bit]:
        return [("run", wire) for wire in range(register_size(self.run, "system"))]

    @property
    def _ancilla_of_run(self) -> list[Bit]:
        return [("flag", wire) for wire in range(register_size(self.run, "ancilla"))]

    @property
    def _read(self) -> list[Bit]:
        """The system wires of the run that are |0> where the event happens."""
        first = None if self.probe is None else self.probe.clears
        slots = () if first is None else self.place.slots[first:]
        wires = [*self.place.level, *(wire for slot in slots for wire in slot)]
        return [("run", wire) for wire in [*wires, *(self.place.time if self._reads_time else ())]]

    @property
    def _reads_time(self) -> bool:
        return self.probe is not None and "time" in self.probe.bit_registers()

    @property
    def _checks_time(self) -> bool:
        return bool(self.place.time) and not self._reads_time

    def _own(self, register: str) -> list[Bit]:
        """The bits that the probe brings in a register."""
        size = 0 if self.probe is None else self.probe.bit_registers().get(register, 0)
        return [(register, number) for number in range(size or 0)]

    @cached_property
    def _names(self) -> dict[str, list[Bit]]:
        read = set(self._read)
        early: list[Bit] = ["early"] if self._checks_time else []
        return {
            "system": [*(bit for bit in self._system_of_run if bit not in read), *self._own("junk")],
            "ancilla": [*self._ancilla_of_run, *early, *self._read, *self._own("flags")],
        }

    def bit_registers(self) -> dict[str, int | None]:
        return {name: len(bits) for name, bits in self._names.items()}

    def bits(self, register: str) -> list[Bit]:
        return self._names[register]

    def build(self, circuit: BitCircuit) -> None:
        place = self.place
        call_query(circuit, self.run, self._system_of_run, self._ancilla_of_run, self.ctrl)
        if self._checks_time:
            time: list[Bit] = [("run", wire) for wire in place.time]
            call_query(circuit, place.late, time, ["early"], self.ctrl)
        if self.probe is not None:
            self._apply(circuit, self.probe)
        if place.has_level_zero:
            circuit.cx(self.ctrl, ("run", place.level[0]))

    def _apply(self, circuit: BitCircuit, probe: Probe) -> None:
        sizes = probe.bit_registers()
        slots: list[Bit] = [("run", wire) for slot in self.place.slots for wire in slot]
        on = {
            "slots": slots[: sizes.get("slots") or 0],
            "level": [("run", wire) for wire in self.place.above],
            "flags": self._own("flags"),
            "junk": self._own("junk"),
            "time": [("run", wire) for wire in self.place.time],
        }
        plain: Bloq = probe
        form = plain if self.ctrl is None else attrs.evolve(plain, is_controlled=True)
        circuit.call(form, ctrl=self.ctrl, **{name: bits for name, bits in on.items() if name in sizes})
