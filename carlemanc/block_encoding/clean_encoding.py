"""What makes a sequence bloq a `BlockEncoding` of Qualtran: no resource register, |0> on every ancilla."""

from __future__ import annotations

from qualtran.bloqs.basic_gates import Ry
from qualtran.bloqs.block_encoding import BlockEncoding
from qualtran.bloqs.state_preparation.black_box_prepare import BlackBoxPrepare

from carlemanc.bloqs.call_total import CallTotal
from carlemanc.bloqs.sequence_bloq import SequenceBloq

_ROTATIONS = CallTotal(lambda bloq: 1 if isinstance(bloq, Ry) else None)


class CleanEncoding(SequenceBloq, BlockEncoding):
    """An (alpha, ancilla, epsilon) block encoding on `system` and `ancilla`; the block is the ancillas' |0>.

    Subclasses state `alpha` and `epsilon`.
    """

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
