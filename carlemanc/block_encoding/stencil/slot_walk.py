"""The columns of a term: slot 1 walks over the offsets, erases the other slots, and ends at the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.block_encoding.stencil.site_moves import move
from carlemanc.block_encoding.stencil.stencil_terms import Sites, StencilTerm, StencilUnit
from carlemanc.block_encoding.stencil.unit_weights import frame_of
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotWalk:
    """Moves slot 1 of `slots`, the bits of each slot; `direction` turns the steps of a pair around."""

    sites: Sites
    slots: list[list[Bit]]
    direction: Bit

    def columns(self, circuit: BitCircuit, unit: StencilUnit, here: Bit) -> None:
        """Slot 1 to the row; the other columns erased."""
        frame = frame_of(self.sites, unit, self.slots[0])
        if unit.is_pair and frame is None:
            for value, term in enumerate(unit.terms):
                with circuit.conjunction([here, self.direction], [1, value]) as there:
                    self._walk(circuit, term, there, [])
        else:
            self._walk(circuit, unit.terms[0], here, frame if unit.is_pair and frame else [])

    def _walk(self, circuit: BitCircuit, term: StencilTerm, here: Bit, frame: Sequence[Bit]) -> None:
        place = term.offsets[0]
        remaining = list(enumerate(term.offsets))[1:]
        while remaining:
            wanted = remaining[0][1]
            self._go(circuit, here, frame, tuple(b - a for a, b in zip(place, wanted, strict=True)))
            place = wanted
            equal = [number for number, offset in remaining if offset == place]
            remaining = [(number, offset) for number, offset in remaining if offset != place]
            for position, bit in enumerate(self.slots[0]):
                copy = circuit.and_(here, bit)
                for number in equal:
                    circuit.cx(copy, self.slots[number][position])
                circuit.erase_and(here, bit, copy)
        self._go(circuit, here, frame, tuple(-along for along in place))

    def _go(self, circuit: BitCircuit, here: Bit, frame: Sequence[Bit], step: tuple[int, ...]) -> None:
        if not any(step):
            return
        for bit in frame:
            circuit.cx(self.direction, bit)
        move(circuit, self.sites, here, self.slots[0], step)
        for bit in frame:
            circuit.cx(self.direction, bit)
