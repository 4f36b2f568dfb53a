"""Bit bloqs on whole registers: sequences of queries to a block encoding, written once.

Block encodings and preparations have registers `system` and `ancilla` of one quantum number each (QAny), most
significant wire first. A `SequenceBloq` has the same, and may call them: a list of bits stands for a register,
most significant bit first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from qualtran import Bloq, BloqBuilder, QAny, QBit, Register, Signature, SoquetT

from carlemanc.bloqs.bit_bloq import BitBloq, BloqWriter
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


def register_size(bloq: Bloq, name: str) -> int:
    """Return the number of wires of a register, 0 where the bloq has none of that name."""
    return sum(int(register.total_bits()) for register in bloq.signature.lefts() if register.name == name)


class _JoiningWriter(BloqWriter):
    """Joins lists of bits into the one-number registers of the callee, and splits them again."""

    def call(self, bloq: Bloq, **bits: Bit | Sequence[Bit]) -> None:
        numbers = {register.name for register in bloq.signature if not register.shape}
        whole = {name: on for name, on in bits.items() if name in numbers and isinstance(on, list)}
        for name, on in whole.items():
            parts = np.array([self.wires.pop(bit) for bit in on])
            self.wires["joined", name] = self._builder.join(parts, dtype=QAny(len(parts)))
        super().call(bloq, **(bits | {name: ("joined", name) for name in whole}))
        for name, on in whole.items():
            parts = self._builder.split(self.wires.pop(("joined", name)))
            self.wires.update(zip(on, parts, strict=True))


class SequenceBloq(BitBloq):
    """A bit bloq with the registers `system` and `ancilla`, each one number.

    `bits("system")` and `bits("ancilla")` are least significant first, as for every bit bloq.
    """

    @property
    def ancilla_bitsize(self) -> int:
        """Wires that are |0> on success."""
        return self.bit_registers()["ancilla"] or 0

    @property
    def system_bitsize(self) -> int:
        """Wires of the system register."""
        return self.bit_registers()["system"] or 0

    @cached_property
    def signature(self) -> Signature:
        control = [Register("ctrl", QBit())] if self.is_controlled else []
        sizes = self.bit_registers().items()
        return Signature([*control, *(Register(name, QAny(size)) for name, size in sizes if size)])

    def boundary_bits(self) -> list[Bit]:
        bits = [bit for name in self.bit_registers() for bit in self.bits(name)[::-1]]
        return [*(["ctrl"] if self.is_controlled else []), *bits]

    def build_composite_bloq(self, bb: BloqBuilder, **soquets: SoquetT) -> dict[str, SoquetT]:
        wires: dict[Bit, SoquetT] = {"ctrl": soquets["ctrl"]} if self.is_controlled else {}
        names = [name for name in soquets if name != "ctrl"]
        for name in names:
            wires |= dict(zip(self.bits(name)[::-1], bb.split(soquets[name]), strict=True))
        self.build(_JoiningWriter(bb, wires))
        out = {name: [wires[bit] for bit in self.bits(name)[::-1]] for name in names}
        joined = {name: bb.join(np.array(parts), dtype=QAny(len(parts))) for name, parts in out.items()}
        return joined | ({"ctrl": wires["ctrl"]} if self.is_controlled else {})


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
