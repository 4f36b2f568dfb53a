"""What the block encodings of L and of one step have in common: the parts they hold and the interface they offer."""

from __future__ import annotations

from functools import cached_property

from carlemanc.block_encoding.clean_encoding import CleanEncoding
from carlemanc.block_encoding.history.step_parts import AnySlotStep, StepParts
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.bloqs.bit_circuit import Bit
from carlemanc.bloqs.rotations.loaded_ry import rounding_error


class CarlemanEncoding(CleanEncoding):
    """An (alpha, ancilla, epsilon) block encoding made of `StepParts`; the block is the ancillas' |0>."""

    parts: StepParts

    @property
    def alpha_step(self) -> float:
        """Subnormalization alpha_B of the step."""
        return self.parts.alpha

    @property
    def slot_steps(self) -> tuple[AnySlotStep, ...]:
        """The steps of the slots."""
        return self.parts.slot_steps

    @property
    def leaf(self) -> str:
        """What the slot steps are made from: "stencil", or "table" where they load data."""
        return "stencil" if isinstance(self.parts.slot_steps[0], StencilStep) else "table"

    @property
    def epsilon(self) -> float:
        """Operator-norm error of alpha <0|U|0>: rotations synthesized to `eps` (0: exact), loaded angles rounded."""
        return float(self.alpha * (self.parts.eps * self.rotation_count + rounding_error(self)))

    @cached_property
    def _names(self) -> dict[str, list[Bit]]:
        return {"system": self._system_names, "ancilla": self._ancilla_names}

    @property
    def _system_names(self) -> list[Bit]:
        """The bits of the system register, least significant first."""
        return self.parts.system_names

    @property
    def _ancilla_names(self) -> list[Bit]:
        """The ancilla bits, least significant first."""
        return self.parts.ancilla_names()

    def bit_registers(self) -> dict[str, int | None]:
        return {name: len(bits) for name, bits in self._names.items()}

    def bits(self, register: str) -> list[Bit]:
        return self._names[register]
