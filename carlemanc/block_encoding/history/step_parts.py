r"""One Carleman step B on slots and levels: the parts that encode L and the step alike, and the circuit of B / alpha.

The levels may begin with 0, the constant $y_0 = 1$: then B is the extended step $[[1, 0], [c, B]]$, its sources being
the row patterns that consist of zeros alone (derived here, checked on every column).
"""

from __future__ import annotations

from contextlib import ExitStack

import attrs
from qualtran.bloqs.basic_gates import Ry

from carlemanc.block_encoding.history.junk_check import JunkCheck
from carlemanc.block_encoding.history.level_weight import LevelWeight
from carlemanc.block_encoding.history.zero_insertion import LevelZeroInsertion, ZeroInsertion, insertion_angle
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.bloqs.amplitudes.point_loader import Loader
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.nearly import is_below_one

AnySlotStep = SlotStep | SplitStep | StencilStep
_PASSED_ON = ("slots", "level", "batch", "live", "vacant")
"""Registers of a slot step that are no ancillas of its own."""


@attrs.frozen(cache_hash=True, kw_only=True)
class StepParts:
    """The parts of B, of every map of a schedule, and the names of their bits.

    Args:
        levels: the levels kept, (1..N) or odd ones, or (0..N) for the extended step.
        slot_bits: m.
        slot_steps: one step a slot, controlled; all stencils or none.
        zeros: loader of F_0/||F_0|| per map, empty where F_0 = 0; alpha_zero: the largest ||F_0||/gamma;
            zero_ratios: ||F_0|| per map over the largest.
        alpha: subnormalization alpha_B of the step.
        weights: |0> amplitude of the level flag per output level of the slot steps.
        eps: synthesis precision of each rotation (operator norm).

    References:
        CONSTRUCTION.md (trimmed full tuple); alpha and the flags checked against every column of L in the tests.
    """

    levels: tuple[int, ...]
    slot_bits: int
    slot_steps: tuple[AnySlotStep, ...]
    zeros: tuple[Loader, ...]
    zero_ratios: tuple[float, ...]
    alpha_zero: float
    alpha: float
    weights: tuple[float, ...]
    eps: float = 0.0

    # --- names of the bits ----------------------------------------------------------------------------------

    @property
    def slot_count(self) -> int:
        """Number of slots N."""
        return self.levels[-1]

    def slot_names(self, start: int = 0, stop: int | None = None) -> list[Bit]:
        """Return the bits of slots start..stop - 1, all from `start` by default."""
        last = self.slot_count if stop is None else stop
        return [("slot", i, b) for i in range(start, last) for b in range(self.slot_bits)]

    def level_names(self, start: int = 0) -> list[Bit]:
        """Return the thermometer bits from `start` on."""
        return [("level", r) for r in range(start, len(self.levels) - 1)]

    @property
    def system_names(self) -> list[Bit]:
        """The slot and level bits, least significant first."""
        return [*self.slot_names(), *self.level_names()]

    @property
    def batch_bits(self) -> int:
        """Bits of the number of the map in force."""
        bits = [step.batch_bits for step in self.slot_steps]
        return max([*bits, self._insertion.batch_bits if self.zeros else 0])

    def ancilla_names(self, weighs_padding: bool = False) -> list[Bit]:
        """Return the ancilla bits, least significant first; `weighs_padding`: the level flag turns in padding rows."""
        names: list[Bit] = []
        for slot in range(self.slot_count):
            for on in self._own_bits(slot).values():
                names += on if isinstance(on, list) else [on]
        names += ["bad"] if self._needs_check else []
        if weighs_padding or is_below_one(min(self.weights)):
            names.append(self._weight_flag(weighs_padding))
        if self.zeros:
            names += [*self._insert_names, "overflow"]
            names += ["shortfall"] if self._insertion.has_shortfall else []
        return list(dict.fromkeys([*names, *self._added_ancilla]))

    @property
    def _insert_names(self) -> list[Bit]:
        return [("insert", i) for i in range(self.slot_count)]

    @property
    def _added_ancilla(self) -> list[Bit]:
        """Ancilla bits that only a subclass has."""
        return []

    def _own_bits(self, slot: int) -> dict[str, Bit | list[Bit]]:
        """The ancilla registers of a slot step, by name of the register."""
        found: dict[str, Bit | list[Bit]] = {}
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

    @property
    def _has_level_zero(self) -> bool:
        return self.levels[0] == 0

    @property
    def _needs_check(self) -> bool:
        """Also where the slot steps check vacancy: they miss slot 1, which is vacant on level 0."""
        return len(self.levels) > 1 and (self._has_level_zero or not self._checks_inside)

    def _weight_flag(self, weighs_padding: bool) -> Bit:
        """The level flag; the dirty flag of the last slot where levels without that slot have weight 1.

        The one is then turned where the slot is occupied, the other where it is vacant.
        """
        last = self.slot_count - 1
        below = self._own_level_bit(last) + 1
        is_taken = last == 1 and self._shares_underflow(0)
        is_one = not is_below_one(min(self.weights[:below], default=0.0))
        if self._checks_inside and not weighs_padding and not is_taken and is_one:
            return ("dirty", last)
        return "weight"

    @property
    def _insertion(self) -> ZeroInsertion:
        made = LevelZeroInsertion if self._has_level_zero else ZeroInsertion
        return made(
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

    def turn_choices(self, circuit: BitCircuit, sign: int) -> None:
        """Put ancillas in the states that choose between terms (sign 1), or back (sign -1): here there are none."""

    def apply(
        self, circuit: BitCircuit, c: Bit, active: Bit, batch: list[Bit], weighs_padding: bool = False
    ) -> None:
        """Apply B / alpha where `active` is 1, and flag junk where `c` is, which is 1 wherever `active` is.

        Args:
            circuit: where the gates are written.
            c, active: control bits.
            batch: bits that hold the number of the map in force.
            weighs_padding: as for `ancilla_names`.
        """
        for slot in range(self.slot_count):
            self._apply_slot(circuit, slot, c, active, batch)
        if self._needs_check:
            self._check(circuit, c)
        if is_below_one(min(self.weights)):
            weight = LevelWeight(self.weights, self.eps, True)
            flag = self._weight_flag(weighs_padding)
            circuit.call(weight, ctrl=active, flag=flag, level=self.level_names())
        if self.zeros:
            self._insert_zeros(circuit, active, batch)
        else:
            self._limit_factors(circuit, active, [])

    def _apply_slot(self, circuit: BitCircuit, slot: int, c: Bit, active: Bit, batch: list[Bit]) -> None:
        own, step = self._own_level_bit(slot), self.slot_steps[slot]
        registers = step.bit_registers()
        with ExitStack() as stack:
            on = self._own_bits(slot)
            if "vacant" in registers:  # in a padding row a slot may be neither occupied nor vacant
                on["vacant"] = stack.enter_context(circuit.conjunction([c, ("level", own)], [1, 0]))
            applied = stack.enter_context(circuit.conjunction(self._condition(slot, active)))
            on |= {"slots": self.slot_names(slot), "level": self.level_names(own + 1), "batch": batch}
            on |= {"live": active} if "live" in registers else {}
            circuit.call(step, ctrl=applied, **{name: on[name] for name in on if name in registers})

    def _condition(self, slot: int, active: Bit) -> list[Bit]:
        """The bits that are 1 where the step of a slot is applied: the slot is occupied."""
        own = self._own_level_bit(slot)
        return [active] if own < 0 else [active, ("level", own)]

    def _check(self, circuit: BitCircuit, c: Bit) -> None:
        groups = tuple(b - a for a, b in zip(self.levels, self.levels[1:], strict=False))
        check = JunkCheck(groups=groups, slot_bits=self.slot_bits, is_controlled=True)
        slots = self.slot_names(self.levels[0])
        circuit.call(check, ctrl=c, bad="bad", slots=slots, level=self.level_names())

    def _limit_factors(self, circuit: BitCircuit, active: Bit, insert: list[Bit]) -> None:
        """Nothing to limit: every term of the exact step is kept."""

    def _insert_zeros(self, circuit: BitCircuit, active: Bit, batch: list[Bit]) -> None:
        angle, insert, insertion = insertion_angle(self.alpha_zero), self._insert_names, self._insertion
        for bit in insert:
            circuit.call(Ry(angle, eps=self.eps), q=bit)
        self._limit_factors(circuit, active, insert)
        circuit.call(
            insertion,
            ctrl=active,
            insert=insert,
            overflow="overflow",
            slots=self.slot_names(),
            batch=batch,
            level=self.level_names(),
            shortfall="shortfall" if insertion.has_shortfall else None,
        )
        for bit in insert:
            circuit.call(Ry(-angle, eps=self.eps), q=bit)
