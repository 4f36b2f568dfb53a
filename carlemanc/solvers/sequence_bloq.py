"""Steps that sequences of queries share: a query, and a reflection of its ancillas."""

from __future__ import annotations

from collections.abc import Sequence

from qualtran import Bloq

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq as SequenceBloq
from carlemanc.bloqs.sequence_bloq import register_size as register_size


def call_query(
    circuit: BitCircuit, query: Bloq, system: list[Bit], ancilla: list[Bit], control: Bit | None = None
) -> None:
    """Call a block encoding (or its adjoint) where `control` is 1, on bits given least significant first."""
    has_ancilla = any(register.name == "ancilla" for register in query.signature)
    form = query if control is None else query.controlled()
    circuit.call(form, ctrl=control, system=system[::-1], ancilla=ancilla[::-1] if has_ancilla else None)


def reflect(circuit: BitCircuit, ancilla: Sequence[Bit], control: Bit | None) -> None:
    """Apply 1 - 2|0><0| on `ancilla` where `control` is 1 (None: always): len(ancilla) - 1 Toffoli."""
    if not ancilla:
        if control is not None:
            circuit.z(control)
        return
    with circuit.conjunction(list(ancilla), [0] * len(ancilla)) as empty:
        circuit.cz(control, empty)
