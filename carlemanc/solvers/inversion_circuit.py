"""The solver stage as one bloq: load b, then invert."""

from __future__ import annotations

from functools import cached_property

import attrs
from qualtran import Bloq, BloqBuilder, Signature, SoquetT
from qualtran.resource_counting import BloqCountDictT, SympySymbolAllocator


@attrs.frozen(cache_hash=True)
class InversionCircuit(Bloq):
    """`prepare` b/||b|| on the system register, then `transform`; success is all ancillas |0>.

    Args:
        prepare: bloq with the one register `system`.
        transform: the inversion, registers `system` (of the same size) and `ancilla`, with `ancilla_bitsize`.

    Registers:
        system: enters as |0>; on success holds a state proportional to x = L^-1 b.
        ancilla: that of `transform`; enters as |0>.
    """

    prepare: Bloq
    transform: Bloq

    @cached_property
    def signature(self) -> Signature:
        """See the class docstring."""
        signature: Signature = self.transform.signature
        return signature

    @property
    def ancilla_bitsize(self) -> int:
        """Wires that are |0> on success."""
        return int(self.transform.ancilla_bitsize)

    def build_composite_bloq(self, bb: BloqBuilder, system: SoquetT, ancilla: SoquetT) -> dict[str, SoquetT]:
        """Prepare, then transform."""
        prepared = bb.add(self.prepare, system=system)
        return dict(bb.add_d(self.transform, system=prepared, ancilla=ancilla))

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """One of each."""
        return {self.prepare: 1, self.transform: 1}
