r"""A Carleman step with truncated corrections: I and F apart in every slot, and a count of the factors F.

A choice bit a slot, in cos|0> + sin|1> with tan^2 = alpha_F, says I or F = F_1 + F_2 gamma + ...; the slot steps
encode F alone. After the steps the choices of occupied slots and the insertions of F_0 are counted and rows of more
than p factors flagged (`FactorLimit`). alpha_B = max_j prod_{i<=j} (1 + alpha_F,i) times (1 + alpha_0)^N, where the
exact form has alpha(I + F_1) + ... in place of 1 + alpha_F.

References: THEORY.md sections 2.2 and 7 (product form); counting factors instead of loading a state of few factors is
derived here, checked on every column.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack

import attrs

from carlemanc.block_encoding.history.step_parts import StepParts
from carlemanc.block_encoding.history.zero_insertion import insertion_angle
from carlemanc.bloqs.arithmetic import at_least
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.population import population


@attrs.frozen(cache_hash=True, kw_only=True)
class FactorLimit(BitBloq):
    """Flip `surplus` where more than `most` factors F were applied: a term of order eta^(most + 1) or more.

    A slot counts where its choice bit is 1 (F instead of I) and the slot is occupied; an insertion of F_0
    counts as one factor. The count is erased again.

    Registers:
        surplus: one flag.
        choice: a bit for each slot that may apply F.
        level: the thermometer bits before F_0 is inserted.
        insert: the pattern of insertions, none where F_0 = 0.

    Args:
        owners: for each choice bit the level bit that says its slot is occupied, -1 where it always is.
        level_bits, inserts: sizes of the registers.
        most: p >= 1, below the number of bits counted.
        is_controlled: do nothing where `ctrl` is 0.

    References:
        THEORY.md section 2.2 (C^(m) has m factors); the circuit is derived here, checked on every column.
    """

    owners: tuple[int, ...]
    level_bits: int
    inserts: int
    most: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "surplus": None,
            "choice": len(self.owners),
            "level": self.level_bits,
            "insert": self.inserts,
        }

    def build(self, circuit: BitCircuit) -> None:
        level = self.bits("level")
        with ExitStack() as stack:
            applied: list[Bit] = []
            for choice, owner in zip(self.bits("choice"), self.owners, strict=True):
                occupied = None if owner < 0 else level[owner]
                applied.append(stack.enter_context(circuit.conjunction([choice, occupied])))
            count = stack.enter_context(population(circuit, [*applied, *self.bits("insert")]))
            too_many = stack.enter_context(at_least(circuit, count, self.most + 1))
            circuit.flip("surplus", [self.ctrl, too_many])


@attrs.frozen(cache_hash=True, kw_only=True)
class CorrectedParts(StepParts):
    """The parts of a step that keeps the terms with at most p factors F.

    Its ancillas are those of `StepParts`, the choice bits, the flag `surplus` and, where n is no power of two, a flag
    a slot for values from n on, which I would let pass.

    Args: those of `StepParts` and
        corrections: p, 1 <= p < N.
        values: n.
    """

    corrections: int
    values: int

    @property
    def _choosing(self) -> tuple[int, ...]:
        """The slots that may apply F."""
        return tuple(slot for slot, step in enumerate(self.slot_steps) if step.alpha)

    @property
    def _has_foreign(self) -> bool:
        return self.values < 1 << self.slot_bits

    @property
    def _limit(self) -> FactorLimit | None:
        inserts = self.slot_count if self.zeros else 0
        if len(self._choosing) + inserts <= self.corrections:
            return None
        return FactorLimit(
            owners=tuple(self._own_level_bit(slot) for slot in self._choosing),
            level_bits=len(self.level_names()),
            inserts=inserts,
            most=self.corrections,
            is_controlled=True,
        )

    def _own_bits(self, slot: int) -> dict[str, Bit | list[Bit]]:
        return super()._own_bits(slot) if slot in self._choosing else {}

    @property
    def _added_ancilla(self) -> list[Bit]:
        names = self._choices(range(self.slot_count))
        names += ["surplus"] if self._limit else []
        names += [("foreign", slot) for slot in range(self.slot_count)] if self._has_foreign else []
        return names

    def _choices(self, slots: Iterable[int]) -> list[Bit]:
        return [("choice", slot) for slot in slots if slot in self._choosing]

    def turn_choices(self, circuit: BitCircuit, sign: int) -> None:
        """Put the choice bits in their states, or back."""
        for slot in self._choosing:
            circuit.ry(sign * insertion_angle(self.slot_steps[slot].alpha), ("choice", slot), self.eps)

    def _condition(self, slot: int, active: Bit) -> list[Bit]:
        return [*super()._condition(slot, active), *self._choices([slot])]

    def _apply_slot(self, circuit: BitCircuit, slot: int, c: Bit, active: Bit, batch: list[Bit]) -> None:
        if self._has_foreign:
            self._check_value(circuit, slot, active)
        if slot in self._choosing:
            super()._apply_slot(circuit, slot, c, active, batch)

    def _check_value(self, circuit: BitCircuit, slot: int, active: Bit) -> None:
        """Flag values from n on where the slot is occupied and left alone."""
        occupied, choice = super()._condition(slot, active), self._choices([slot])
        values = [*(1 for _ in occupied), *(0 for _ in choice)]
        with (
            circuit.conjunction([*occupied, *choice], values) as kept,
            at_least(circuit, self.slot_names(slot, slot + 1), self.values) as foreign,
        ):
            circuit.flip(("foreign", slot), [kept, foreign])

    def _limit_factors(self, circuit: BitCircuit, active: Bit, insert: list[Bit]) -> None:
        if self._limit is None:
            return
        choice, level = self._choices(self._choosing), self.level_names()
        circuit.call(self._limit, ctrl=active, surplus="surplus", choice=choice, level=level, insert=insert)
