"""What the block encodings of L and of one step have in common: the parts they hold and the interface they offer."""

from __future__ import annotations

from functools import cached_property

from qualtran.bloqs.basic_gates import Ry
from qualtran.bloqs.block_encoding import BlockEncoding
from qualtran.bloqs.state_preparation.black_box_prepare import BlackBoxPrepare

from carlemanc.block_encoding.history.step_parts import AnySlotStep, StepParts
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.bloqs.bit_circuit import Bit
from carlemanc.bloqs.call_total import CallTotal
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.bloqs.sequence_bloq import SequenceBloq

_ROTATIONS = CallTotal(lambda bloq: 1 if isinstance(bloq, Ry) else None)


class CarlemanEncoding(SequenceBloq, BlockEncoding):
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

    @property
    def rotation_count(self) -> int:
        """Number of Y rotations in one call, Clifford angles included."""
        return int(_ROTATIONS.of(self))

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
