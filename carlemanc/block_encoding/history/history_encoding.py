r"""The block encoding of the history matrix L = I - S (x) B, from slot steps, checks and the time shift.

U holds <0|U|0> = L / alpha with alpha = 1 + alpha_B on every basis state: states that are no time, level code
or slot value in use are left alone exactly (the identity), as `HistorySystem.matrix` has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any

import attrs
import numpy as np
from qualtran import Bloq, BloqBuilder, QAny, Register, Signature
from qualtran.bloqs.basic_gates import Ry
from qualtran.bloqs.block_encoding import BlockEncoding
from qualtran.bloqs.state_preparation.black_box_prepare import BlackBoxPrepare

from carlemanc.block_encoding.history.junk_check import JunkCheck
from carlemanc.block_encoding.history.level_weight import LevelWeight
from carlemanc.block_encoding.history.time_shift import TimeShift
from carlemanc.block_encoding.history.zero_insertion import ZeroInsertion, insertion_angle
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.bloqs.amplitudes.point_loader import Loader
from carlemanc.bloqs.arithmetic import at_least
from carlemanc.bloqs.bit_circuit import Bit, BitBloq, BitCircuit
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy

Step = SlotStep | SplitStep | StencilStep
_PASSED_ON = ("slots", "level", "batch", "live", "vacant")
"""Registers of a slot step that are no ancillas of its own."""


@attrs.frozen(cache_hash=True, kw_only=True)
class HistoryBlockEncoding(BitBloq, BlockEncoding):
    r"""(alpha, ancilla, epsilon) block encoding of L over T + 1 time steps and p padding rows.

    With a time/level/slots state and a qubit c in cos|0> + sin|1>, tan^2 = alpha_B: where c = 1 the time
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
        eps: synthesis precision of each rotation (operator norm).
        is_controlled: also controlled by `ctrl`.

    References:
        CONSTRUCTION.md (trimmed full tuple); alpha and the flags checked against every column of L in the
        tests.
    """

    levels: tuple[int, ...]
    slot_bits: int
    time_bits: int
    steps: int
    padding: int
    slot_steps: tuple[Step, ...]
    zeros: tuple[Loader, ...]
    zero_ratios: tuple[float, ...]
    alpha_zero: float
    alpha_step: float
    weights: tuple[float, ...]
    schedule: tuple[int, ...] = ()
    eps: float = 0.0
    is_controlled: bool = False

    # --- block-encoding interface ---------------------------------------------------------------------------

    @property
    def alpha(self) -> float:
        """Subnormalization: 1 + alpha_B."""
        return 1 + self.alpha_step

    @property
    def epsilon(self) -> float:
        """Operator-norm error of alpha <0|U|0>: rotations synthesized to `eps` (0: exact), loaded angles rounded."""
        return self.alpha * (self.eps * self.rotation_count + rounding_error(self))

    @cached_property
    def rotation_count(self) -> int:
        """Number of rotations in one call, from the call graph."""
        return _count_rotations(self)

    @property
    def system_bitsize(self) -> int:
        """Number of system qubits."""
        return len(self.levels_and_slots) + self.time_bits

    @property
    def ancilla_bitsize(self) -> int:
        """Number of ancilla qubits."""
        return len(self._ancilla)

    @property
    def resource_bitsize(self) -> int:
        """No resource register."""
        return 0

    @property
    def signal_state(self) -> BlackBoxPrepare:
        """|0> on every ancilla."""
        from qualtran.bloqs.block_encoding.lcu_block_encoding import PrepareIdentity

        return BlackBoxPrepare(PrepareIdentity.from_bitsizes([self.ancilla_bitsize]))

    @cached_property
    def signature(self) -> Signature:
        control = [Register("ctrl", QAny(1))] if self.is_controlled else []
        return Signature(
            [
                *control,
                Register("system", QAny(self.system_bitsize)),
                Register("ancilla", QAny(self.ancilla_bitsize)),
            ]
        )

    # --- names of the bits ----------------------------------------------------------------------------------

    @property
    def slot_count(self) -> int:
        """Number of slots N."""
        return self.levels[-1]

    @property
    def leaf(self) -> str:
        """What the slot steps are made from: "stencil", or "table" where they load data."""
        return "stencil" if isinstance(self.slot_steps[0], StencilStep) else "table"

    @property
    def stride(self) -> int:
        """Distance of neighboring levels: 2 where only odd levels are kept."""
        return self.levels[1] - self.levels[0] if len(self.levels) > 1 else 1

    def _slots(self, start: int, stop: int | None = None) -> list[Bit]:
        last = self.slot_count if stop is None else stop
        return [("slot", i, b) for i in range(start, last) for b in range(self.slot_bits)]

    def _level(self, start: int = 0) -> list[Bit]:
        return [("level", r) for r in range(start, len(self.levels) - 1)]

    def _time(self) -> list[Bit]:
        return [("time", b) for b in range(self.time_bits)]

    @property
    def levels_and_slots(self) -> list[Bit]:
        """Names of the slot and level bits, least significant first."""
        return [*self._slots(0), *self._level()]

    def _own_bits(self, slot: int) -> dict[str, Any]:
        """The ancilla registers of a slot step, by name of the register."""
        found: dict[str, Any] = {}
        for name, size in self.slot_steps[slot].bit_registers().items():
            if name in _PASSED_ON:
                continue
            found[name] = (name, slot) if size is None else [(name, slot, b) for b in range(size)]
        if self._shares_underflow(slot):
            found["underflow"] = ("dirty", slot + 1)
        return found

    def _shares_underflow(self, slot: int) -> bool:
        step = self.slot_steps[slot]
        return isinstance(step, StencilStep) and step.shares_flag

    @property
    def _checks_inside(self) -> bool:
        """Whether the slot steps check vacant slots themselves."""
        last = self.slot_steps[-1]
        return isinstance(last, StencilStep) and bool(last.checks)

    @cached_property
    def _ancilla(self) -> list[Bit]:
        """Names of the ancilla bits, least significant first."""
        names: list[Bit] = ["c", "last"]
        for slot in range(self.slot_count):
            for on in self._own_bits(slot).values():
                names += on if isinstance(on, list) else [on]
        names += ["bad"] if len(self.levels) > 1 and not self._checks_inside else []
        names += [self._weight_flag] if self._has_weight else []
        if self._has_insertion:
            names += [("insert", i) for i in range(self.slot_count)] + ["overflow"]
            names += ["shortfall"] if self._insertion.has_shortfall else []
        return list(dict.fromkeys(names))

    @property
    def _weight_flag(self) -> Bit:
        """The level flag; the dirty flag of the last slot where levels without that slot have weight 1.

        The one is then turned where the slot is occupied, the other where it is vacant.
        """
        last = self.slot_count - 1
        below = self._own_level_bit(last) + 1
        is_taken = last == 1 and self._shares_underflow(0)
        is_one = min(self.weights[:below], default=0.0) >= 1 - 1e-14
        if self._checks_inside and not self._pads_down and not is_taken and is_one:
            return ("dirty", last)
        return "weight"

    @property
    def _has_weight(self) -> bool:
        return min(self.weights) < 1 - 1e-14 or self._pads_down

    @property
    def _pads_down(self) -> bool:
        return self.padding > 0 and self.alpha_step > 1 + 1e-14

    @property
    def _has_insertion(self) -> bool:
        return bool(self.zeros) and self.slot_count > 1

    @property
    def _insertion(self) -> ZeroInsertion:
        return ZeroInsertion(
            loaders=self.zeros,
            ratios=self.zero_ratios,
            slots=self.slot_count,
            eps=self.eps,
            is_controlled=True,
        )

    def _own_level_bit(self, slot: int) -> int:
        """Index of the level bit that says slot `slot` (from 0) is occupied; -1 where it always is."""
        return next(r for r, level in enumerate(self.levels) if level >= slot + 1) - 1

    # --- the circuit ----------------------------------------------------------------------------------------

    def boundary_bits(self) -> list[Bit]:
        system = [*self.levels_and_slots, *self._time()]
        return [*(["ctrl"] if self.is_controlled else []), *system[::-1], *self._ancilla[::-1]]

    def build_composite_bloq(self, bb: BloqBuilder, **soquets: Any) -> dict[str, Any]:
        from carlemanc.bloqs.bit_circuit import BloqWriter

        system = [*self.levels_and_slots, *self._time()]
        wires: dict[Bit, Any] = dict(zip(system, bb.split(soquets["system"])[::-1], strict=True))
        wires |= dict(zip(self._ancilla, bb.split(soquets["ancilla"])[::-1], strict=True))
        if self.is_controlled:
            wires["ctrl"] = soquets["ctrl"]
        self.build(BloqWriter(bb, wires))
        out = {
            "system": bb.join(np.array([wires[bit] for bit in system[::-1]]), dtype=QAny(len(system))),
            "ancilla": bb.join(
                np.array([wires[bit] for bit in self._ancilla[::-1]]), dtype=QAny(len(self._ancilla))
            ),
        }
        return out | ({"ctrl": wires["ctrl"]} if self.is_controlled else {})

    def build(self, circuit: BitCircuit) -> None:
        angle = 2 * math.atan(math.sqrt(self.alpha_step))
        circuit.call(Ry(angle, eps=self.eps), q="c")
        if self.is_controlled:
            with circuit.conjunction(["ctrl", "c"]) as shifted:
                self._shifted(circuit, shifted)
        else:
            self._shifted(circuit, "c")
        circuit.call(Ry(-angle, eps=self.eps), q="c")

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
            batch = stack.enter_context(self._batch_number(circuit))
            for slot in range(self.slot_count):
                self._apply_step(circuit, slot, c, active, batch)
            if not self._checks_inside:
                self._check(circuit, c)
            if self._has_weight and min(self.weights) < 1 - 1e-14:
                weight = LevelWeight(self.weights, self.eps, True)
                circuit.call(weight, ctrl=active, flag=self._weight_flag, **_present(level=self._level()))
            if self._has_insertion:
                self._insert_zeros(circuit, active, batch)
        circuit.z(c)

    @property
    def _batch_bits(self) -> int:
        bits = [step.batch_bits for step in self.slot_steps]
        return max([*bits, self._insertion.batch_bits if self._has_insertion else 0])

    @contextmanager
    def _batch_number(self, circuit: BitCircuit) -> Iterator[list[Bit]]:
        """Yield bits that hold the number of the map that leads to the time in the register."""
        if not self._batch_bits:
            yield []
            return
        load = Lookup(batch_table(self.schedule, self.time_bits), self._batch_bits)
        number = [circuit.allocate() for _ in range(self._batch_bits)]
        circuit.call(load, address=self._time(), target=number)
        yield number
        circuit.call(load, address=self._time(), target=number)
        for bit in number:
            circuit.free(bit)

    def _weigh_padding(self, circuit: BitCircuit, c: Bit, late: Bit) -> None:
        with circuit.conjunction([c, late]) as padding_row:
            angle = 2 * math.acos(1 / self.alpha_step)
            circuit.call(MultiplexedRy((0.0, angle), self.eps), address=[padding_row], target="weight")

    def _apply_step(self, circuit: BitCircuit, slot: int, c: Bit, active: Bit, batch: list[Bit]) -> None:
        own, step = self._own_level_bit(slot), self.slot_steps[slot]
        registers = step.bit_registers()
        with ExitStack() as stack:
            if "vacant" in registers:  # in a padding row a slot may be neither occupied nor vacant
                free = stack.enter_context(circuit.conjunction([c, ("level", own)], [1, 0]))
            bits = [active] if own < 0 else [active, ("level", own)]
            occupied = stack.enter_context(circuit.conjunction(bits))
            on = self._own_bits(slot) | _present(
                slots=self._slots(slot), level=self._level(own + 1), batch=batch
            )
            on |= {"live": active} if "live" in registers else {}
            on |= {"vacant": free} if "vacant" in registers else {}
            circuit.call(
                step,
                ctrl=occupied,
                **{name: bit for name, bit in on.items() if name in registers and bit != []},
            )

    def _check(self, circuit: BitCircuit, c: Bit) -> None:
        if len(self.levels) == 1:
            return
        groups = tuple(b - a for a, b in zip(self.levels, self.levels[1:], strict=False))
        check = JunkCheck(groups=groups, slot_bits=self.slot_bits, is_controlled=True)
        slots = self._slots(self.levels[0])
        circuit.call(check, ctrl=c, bad="bad", **_present(slots=slots), level=self._level())

    def _insert_zeros(self, circuit: BitCircuit, active: Bit, batch: list[Bit]) -> None:
        angle = insertion_angle(self.alpha_zero)
        insert: list[Bit] = [("insert", i) for i in range(self.slot_count)]
        for bit in insert:
            circuit.call(Ry(angle, eps=self.eps), q=bit)
        insertion = self._insertion
        on = _present(slots=self._slots(0), batch=batch)
        if insertion.has_shortfall:
            on["shortfall"] = "shortfall"
        circuit.call(insertion, ctrl=active, insert=insert, overflow="overflow", **on, level=self._level())
        for bit in insert:
            circuit.call(Ry(-angle, eps=self.eps), q=bit)


def batch_table(schedule: Sequence[int], time_bits: int) -> tuple[int, ...]:
    """Map number by time reached (1..T), as a lookup table; other times continue the schedule's period."""
    period = next(
        p
        for p in range(1, len(schedule) + 1)
        if all(a == b for a, b in zip(schedule, schedule[p:], strict=False))
    )
    return tuple(schedule[(time - 1) % period] for time in range(1 << time_bits))


def _present(**registers: list[Bit]) -> dict[str, Any]:
    """Drop registers of no bits: Qualtran has none of size zero."""
    return {name: bits for name, bits in registers.items() if bits}


def _count_rotations(bloq: Bloq) -> int:
    """Number of Ry leaves under `bloq`, Clifford angles included."""
    memo: dict[Bloq, int] = {}

    def count(node: Bloq) -> int:
        if node not in memo:
            if isinstance(node, Ry):
                memo[node] = 1
            elif isinstance(getattr(node, "subbloq", node), BitBloq):
                memo[node] = sum(
                    times * count(callee) for callee, times in node.build_call_graph(None).items()
                )
            else:
                memo[node] = 0
        return memo[node]

    return count(bloq)
