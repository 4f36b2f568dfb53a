"""The probe of the sites of a box: a flag that stays |0> where slot 1 holds one of them."""

from __future__ import annotations

import attrs

from carlemanc.block_encoding.stencil.site_moves import within
from carlemanc.block_encoding.stencil.stencil_terms import Sites
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.model.lattice.sites import Box
from carlemanc.observables.event_circuit import Probe


@attrs.frozen(cache_hash=True, kw_only=True)
class BoxProbe(Probe):
    """Flip the flag unless slot 1 holds a site of the box.

    Args:
        sites: the lattice.
        box: one interval an axis, both ends included.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: one comparison for each end of an interval that is not the end of an axis, at most m - 1 Toffoli each.
    """

    sites: Sites
    box: Box
    is_controlled: bool = False

    @property
    def clears(self) -> int | None:
        """It leaves every slot as it is."""
        return None

    def bit_registers(self) -> dict[str, int | None]:
        return {"flags": 1, "slots": self.sites.bits}

    def build(self, circuit: BitCircuit) -> None:
        (flag,) = self.bits("flags")
        circuit.cx(self.ctrl, flag)
        with within(circuit, self.sites, self.bits("slots"), self.box) as conditions:
            bits, values = [bit for bit, _ in conditions], [value for _, value in conditions]
            circuit.flip(flag, [self.ctrl, *bits], [1, *values])
