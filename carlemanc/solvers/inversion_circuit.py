"""The solver stage as one bloq: load b, then invert."""

from __future__ import annotations

from functools import cached_property

import attrs
from qualtran import Bloq, BloqBuilder, Signature, SoquetT
from qualtran.resource_counting import BloqCountDictT, SympySymbolAllocator

from carlemanc.solvers.qsvt import QSVT


@attrs.frozen(cache_hash=True)
class InversionCircuit(Bloq):
    """`prepare` b/||b|| on the system register, then `qsvt`; success is all ancillas |0>.

    Args:
        prepare: bloq with the one register `system`.
        qsvt: the inversion, on a system register of the same size.

    Registers:
        system: enters as |0>; on success holds a state proportional to x = L^-1 b.
        ancilla: enters as |0>; real-part flag most significant, then the block ancillas.
    """

    prepare: Bloq
    qsvt: QSVT

    @cached_property
    def signature(self) -> Signature:
        """See the class docstring."""
        return self.qsvt.signature

    @property
    def ancilla_bitsize(self) -> int:
        """Wires that are |0> on success."""
        return self.qsvt.ancilla_bitsize

    def build_composite_bloq(self, bb: BloqBuilder, system: SoquetT, ancilla: SoquetT) -> dict[str, SoquetT]:
        """Prepare, then transform."""
        return bb.add_d(self.qsvt, system=bb.add(self.prepare, system=system), ancilla=ancilla)

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """One of each."""
        return {self.prepare: 1, self.qsvt: 1}
