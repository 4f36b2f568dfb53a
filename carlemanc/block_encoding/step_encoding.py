r"""The block encoding of one Carleman step: levels and slots, no time register.

Without sources the block is B / alpha_B. With them the level register also holds level 0, the constant y_0 = 1,
and the block is the extended step $[[1, 0], [c, B]]$ over $(1 + \alpha_0)^N \max(1, \alpha_1 ... \alpha_j)$: the
sources are the row patterns that consist of zeros alone (derived here, checked on every column).
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from itertools import accumulate
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from carlemanc.block_encoding.encode import encode
from carlemanc.block_encoding.history.batch_number import batch_number
from carlemanc.block_encoding.history.corrected_encoding import FactorChoices
from carlemanc.block_encoding.history.history_encoding import HistoryBlockEncoding
from carlemanc.block_encoding.history.level_weight import LevelWeight
from carlemanc.block_encoding.history.level_zero_insertion import LevelZeroInsertion
from carlemanc.block_encoding.sources import source_of
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import Loading
from carlemanc.carleman import CarlemanSystem
from carlemanc.linear_system import HistorySystem
from carlemanc.model.weights import Weights

IntArray = npt.NDArray[np.int64]


@attrs.frozen(cache_hash=True, kw_only=True)
class StepEncoding(HistoryBlockEncoding):
    """(alpha_B, ancilla, epsilon) block encoding of a step, from the parts of the history encoding.

    Registers:
        system: slots, then the thermometer level, least significant first.
        ancilla: selectors and flags; the block is their |0>.

    Args: those of `HistoryBlockEncoding` with no time bits; `levels` starts with 0 where there is a source.
    """

    @property
    def alpha(self) -> float:
        """Subnormalization alpha_B."""
        return self.alpha_step

    @cached_property
    def _ancilla(self) -> list[Bit]:
        """Names of the ancilla bits, least significant first."""
        names: list[Bit] = []
        for slot in range(self.slot_count):
            for on in self._own_bits(slot).values():
                names += on if isinstance(on, list) else [on]
        names += ["bad"] if self._needs_check else []
        names += [self._weight_flag] if self._has_weight else []
        if self._has_insertion:
            names += [*(("insert", i) for i in range(self.slot_count)), "overflow"]
        return list(dict.fromkeys([*names, *self._added_ancilla]))

    @property
    def _has_level_zero(self) -> bool:
        return self.levels[0] == 0

    @property
    def _needs_check(self) -> bool:
        """Also where the slot steps check vacancy: they miss slot 1, which is vacant on level 0."""
        return len(self.levels) > 1 and (self._has_level_zero or not self._checks_inside)

    @property
    def _has_insertion(self) -> bool:
        return bool(self.zeros)

    @property
    def _insertion(self) -> LevelZeroInsertion:
        return LevelZeroInsertion(
            loaders=self.zeros,
            ratios=self.zero_ratios,
            slots=self.slot_count,
            eps=self.eps,
            is_controlled=True,
        )

    def controlled_or(self, idle: float) -> StepEncoding:
        """Refuse: a step has no qubit c to turn."""
        raise ValueError(f"a step has no block but the identity where its control is 0, asked for {idle}")

    def build(self, circuit: BitCircuit) -> None:
        if self.is_controlled:
            self._stepped(circuit, "ctrl")
            return
        always = circuit.allocate()
        circuit.x(always)
        self._stepped(circuit, always)
        circuit.x(always)
        circuit.free(always)

    def _stepped(self, circuit: BitCircuit, active: Bit) -> None:
        with ExitStack() as stack:
            batch = stack.enter_context(batch_number(circuit, self.schedule, self._time(), self._batch_bits))
            for slot in range(self.slot_count):
                self._apply_step(circuit, slot, active, active, batch)
            if self._needs_check:
                self._check(circuit, active)
            if self._has_weight:
                weight = LevelWeight(self.weights, self.eps, True)
                level = {"level": self._level()} if self._level() else {}
                circuit.call(weight, ctrl=active, flag=self._weight_flag, **level)
            if self._has_insertion:
                self._insert_zeros(circuit, active, batch)
            else:
                self._limit_factors(circuit, active, [])


@attrs.frozen(cache_hash=True, kw_only=True)
class CorrectedStepEncoding(FactorChoices, StepEncoding):
    """`StepEncoding` of a step with truncated corrections, see `CorrectedHistoryEncoding`."""

    corrections: int
    values: int

    def _stepped(self, circuit: BitCircuit, active: Bit) -> None:
        self._turn_choices(circuit, 1)
        super()._stepped(circuit, active)
        self._turn_choices(circuit, -1)


def step_encoding(
    system: CarlemanSystem, *, level_zero: bool, eps: float = 0.0, loading: Loading | None = None
) -> StepEncoding:
    """Return the block encoding of one step.

    Args:
        system: the Carleman step.
        level_zero: encode the extended step; needed where any step of the run has a source.
        eps: synthesis precision of each rotation.
        loading: how coefficients are read (see `encode`).

    Raises InputError as `encode` does.
    """
    history = HistorySystem(carleman=system, steps=1, u_in=Weights.constant(system.n))
    whole = encode(history, eps=eps, loading=loading)
    fields = {field.name: getattr(whole, field.name) for field in attrs.fields(type(whole))}
    fields |= {"time_bits": 0, "schedule": ()}
    if level_zero:
        fields |= _extended(whole, system, eps)
    made = CorrectedStepEncoding if isinstance(whole, FactorChoices) else StepEncoding
    return made(**fields)


def _extended(whole: HistoryBlockEncoding, system: CarlemanSystem, eps: float) -> dict[str, Any]:
    """The fields that change where level 0 is held too; a step without source passes it on."""
    if whole.stride != 1:
        raise ValueError("level 0 needs all levels above it")
    source = source_of(system, whole.slot_bits, eps)
    identity = isinstance(whole, FactorChoices)
    alphas = [identity + step.alpha for step in whole.slot_steps]
    reached = list(accumulate(alphas, lambda a, b: a * b, initial=1.0))
    stretch = (1 + source.length) ** whole.slot_count
    return {
        "levels": (0, *whole.levels),
        "zeros": (source.loader,) if source.length else (),
        "zero_ratios": (1.0,) if source.length else (),
        "alpha_zero": source.length,
        "alpha_step": max(reached) * stretch,
        "weights": tuple(value / max(reached) for value in reached),
    }


def step_indices(history: HistorySystem, *, level_zero: bool) -> IntArray:
    """Return the basis state of each packed entry of a step; with `level_zero` that of the constant first."""
    layout = history.layout
    packed = layout.packed_indices(0, history.n)
    if not level_zero:
        return packed
    shift = layout.slots * layout.slot_bits
    code, slots = packed >> shift, packed & ((1 << shift) - 1)
    return np.append(np.int64(0), slots | (2 * code + 1) << shift)
