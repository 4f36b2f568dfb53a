r"""The probe of a lattice quadratic: slot 1 shifted where an ancilla in |+> says so, and which way it interferes.

With S the shift by an offset, H, S where the ancilla is 1, H leave (1 + S) y / 2 with the ancilla 0 and (1 - S) y / 2
with the ancilla 1, so that $<u, S u> = \pm(||(1 \pm S)u||^2 / 2 - ||u||^2)$. Beyond an open end the shift runs into
bits of its own, one an axis, and nothing comes around (derived here, checked against the matrix).
"""

from __future__ import annotations

import attrs

from carlemanc.block_encoding.stencil.site_moves import move
from carlemanc.block_encoding.stencil.stencil_terms import Sites
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.site_arithmetic import add_constant
from carlemanc.model.lattice.sites import Offset
from carlemanc.observables.event_circuit import Probe


@attrs.frozen(cache_hash=True, kw_only=True)
class ShiftProbe(Probe):
    """(1 + sign S) / 2 on slot 1; the event is flags |0>.

    Args:
        sites: the lattice; an open one has extents of powers of two but along its first axis (`quadratic_split`).
        offset: of the shift, not zero.
        sign: +1 or -1.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        flags: the ancilla in |+>.
        junk: on an open lattice one bit for each axis that is moved along.
        slots: slot 1.

    Cost: the controlled shift, m - 1 Toffoli for a step by one on a ring of 2^m sites.
    """

    sites: Sites
    offset: Offset
    sign: int
    is_controlled: bool = False

    @property
    def clears(self) -> int | None:
        """It leaves the other slots as they are: |0>, the level being 1."""
        return None

    @property
    def _open_axes(self) -> list[int]:
        return [] if self.sites.periodic else [axis for axis, along in enumerate(self.offset) if along]

    def bit_registers(self) -> dict[str, int | None]:
        return {"flags": 1, "junk": len(self._open_axes), "slots": self.sites.bits}

    def build(self, circuit: BitCircuit) -> None:
        (flag,), slot = self.bits("flags"), self.bits("slots")
        circuit.h(flag)
        with circuit.conjunction([self.ctrl, flag]) as here:
            self._shift(circuit, here, slot)
        circuit.h(flag)
        if self.sign < 0:
            circuit.cx(self.ctrl, flag)

    def _shift(self, circuit: BitCircuit, here: Bit, slot: list[Bit]) -> None:
        if self.sites.periodic:
            move(circuit, self.sites, here, slot, self.offset)
            return
        for axis, beyond in zip(self._open_axes, self.bits("junk"), strict=True):
            add_constant(circuit, here, [*slot[self.sites.field(axis)], beyond], self.offset[axis])
