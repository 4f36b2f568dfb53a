"""The solver stage as one bloq: load b, then invert."""

from __future__ import annotations

import attrs
from qualtran import Bloq

from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size


@attrs.frozen(cache_hash=True)
class InversionCircuit(SequenceBloq):
    """`prepare` b/||b|| on the system register, then `transform`; success is all ancillas |0>.

    Args:
        prepare: bloq with the one register `system`.
        transform: the inversion, registers `system` (of the same size) and `ancilla`.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: enters as |0>; on success holds a state proportional to x = L^-1 b.
        ancilla: that of `transform`; enters as |0>.
    """

    prepare: Bloq
    transform: Bloq
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {name: register_size(self.transform, name) for name in ("system", "ancilla")}

    def build(self, circuit: BitCircuit) -> None:
        system, ancilla = self.bits("system"), self.bits("ancilla")
        call_query(circuit, self.prepare, system, [], self.ctrl)
        call_query(circuit, self.transform, system, ancilla, self.ctrl)
