"""The registers of the history encoding: its parameters and the names of its system and ancilla bits."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs
import numpy as np
from qualtran import BloqBuilder, QAny, Register, Signature
from qualtran.bloqs.block_encoding import BlockEncoding
from qualtran.bloqs.state_preparation.black_box_prepare import BlackBoxPrepare

from carlemanc.block_encoding.history.shift_pair import ShiftPair
from carlemanc.block_encoding.history.zero_insertion import ZeroInsertion
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.bloqs.amplitudes.point_loader import Loader
from carlemanc.bloqs.bit_circuit import Bit, BitBloq
from carlemanc.bloqs.nearly import SAME, is_below_one
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.bloqs.rotations.rotation_count import count_rotations
from carlemanc.core.formula import Formula

Step = SlotStep | SplitStep | StencilStep
_PASSED_ON = ("slots", "level", "batch", "live", "vacant")
"""Registers of a slot step that are no ancillas of its own."""


@attrs.frozen(cache_hash=True, kw_only=True)
class HistoryWires(BitBloq, BlockEncoding):
    """Fields, registers and bit names of `HistoryBlockEncoding`, which documents them and adds the circuit."""

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
    is_one_sided: bool = False
    idle: float = 1.0
    eps: float = 0.0
    is_controlled: bool = False

    # --- block-encoding interface ---------------------------------------------------------------------------

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
            alpha_step=self.alpha_step, is_one_sided=self.is_one_sided, idle=self.idle, eps=self.eps
        )

    @property
    def epsilon(self) -> float:
        """Operator-norm error of alpha <0|U|0>: rotations synthesized to `eps` (0: exact), loaded angles rounded."""
        return self.alpha * (self.eps * self.rotation_count + rounding_error(self))

    @cached_property
    def rotation_count(self) -> int:
        """Number of rotations in one call, from the call graph."""
        return count_rotations(self)

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
        return list(dict.fromkeys([*names, *self._added_ancilla]))

    @property
    def _added_ancilla(self) -> list[Bit]:
        """Ancilla bits that only a subclass has."""
        return []

    @property
    def _weight_flag(self) -> Bit:
        """The level flag; the dirty flag of the last slot where levels without that slot have weight 1.

        The one is then turned where the slot is occupied, the other where it is vacant.
        """
        last = self.slot_count - 1
        below = self._own_level_bit(last) + 1
        is_taken = last == 1 and self._shares_underflow(0)
        is_one = not is_below_one(min(self.weights[:below], default=0.0))
        if self._checks_inside and not self._pads_down and not is_taken and is_one:
            return ("dirty", last)
        return "weight"

    @property
    def _has_weight(self) -> bool:
        return is_below_one(min(self.weights)) or self._pads_down

    @property
    def _pads_down(self) -> bool:
        return self.padding > 0 and self.alpha_step > 1 + SAME

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

    @property
    def _batch_bits(self) -> int:
        bits = [step.batch_bits for step in self.slot_steps]
        return max([*bits, self._insertion.batch_bits if self._has_insertion else 0])

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


def present(**registers: list[Bit]) -> dict[str, Any]:
    """Drop registers of no bits: Qualtran has none of size zero."""
    return {name: bits for name, bits in registers.items() if bits}
