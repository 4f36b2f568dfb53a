"""The coefficient of a selected term at the row in slot 1: a flag turned by its ratio, a sign, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import attrs

from carlemanc.block_encoding.stencil.site_moves import within
from carlemanc.block_encoding.stencil.stencil_terms import Patch, Sites, StencilTerm, StencilUnit
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.nearly import SAME, turn, turns
from carlemanc.bloqs.rotations.indexed_ry import indexed_ry
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWeights:
    """Writes coefficients on the flag `outside` (its |0>) for rows in the bits `slot`."""

    sites: Sites
    slot: list[Bit]
    direction: Bit
    loading: Loading | None
    eps: float

    def sign(self, circuit: BitCircuit, unit: StencilUnit, here: Bit) -> None:
        signs = [term.uniform_sign(self.sites) for term in unit.terms]
        if all(sign < 0 for sign in signs):
            circuit.z(here)
        elif len(signs) == 2 and signs[0] != signs[1]:
            circuit.cz(here, self.direction)
            if signs[0] < 0:
                circuit.z(here)

    def weigh_unit(self, circuit: BitCircuit, unit: StencilUnit, here: Bit) -> None:
        """Multiply by the ratio of the row: on the |0> of `outside`."""
        if not unit.is_pair:
            self.weigh(circuit, unit.terms[0], here)
            return
        if all(term.profile for term in unit.terms):
            self._turn(
                circuit, [value for term in unit.terms for value in term.profile], here, [self.direction]
            )
            return
        frame = frame_of(self.sites, unit, self.slot)
        if frame is not None and self._is_mirrored(unit):
            for _ in range(2):
                for bit in frame:
                    circuit.cx(self.direction, bit)
                if _ == 0:
                    self.weigh(circuit, unit.terms[0], here)
            return
        for value, term in enumerate(unit.terms):
            with circuit.conjunction([here, self.direction], [1, value]) as there:
                self.weigh(circuit, term, there)

    def _is_mirrored(self, unit: StencilUnit) -> bool:
        """Whether the complement of the frame turns the patches of one direction into those of the other."""
        first, second = unit.terms
        if not self.sites.is_sliced or len(first.patches) != 1 or len(second.patches) != 1:
            return False
        moving = {axis for offset in first.offsets for axis, along in enumerate(offset) if along}
        box = list(second.patches[0].box)
        for axis in moving:
            top = (1 << (self.sites.dims[axis] - 1).bit_length()) - 1
            low, high = box[axis]
            box[axis] = (top - high, top - low)
        return Patch(tuple(box), second.patches[0].ratio) == first.patches[0]

    def weigh(self, circuit: BitCircuit, term: StencilTerm, here: Bit, *, is_signed: bool = True) -> None:
        if term.profile:
            self._turn(circuit, term.profile, here, [])
            return
        sign = term.uniform_sign(self.sites)
        if sign and self.sites.is_full:
            if sign < 0 and is_signed:
                circuit.z(here)
            return
        circuit.cx(here, "outside")
        for patch in term.patches:
            with within(circuit, self.sites, self.slot, patch.box) as conditions:
                bits = [here, *(bit for bit, _ in conditions)]
                with circuit.conjunction(bits, [1, *(value for _, value in conditions)]) as inside:
                    circuit.cx(inside, "outside")
                    self._scale(circuit, patch.ratio if is_signed else 1.0, inside)

    def _scale(self, circuit: BitCircuit, ratio: float, inside: Bit) -> None:
        if abs(ratio + 1) <= SAME:
            circuit.z(inside)
        elif abs(ratio - 1) > SAME:
            angle = turn(ratio)
            circuit.call(MultiplexedRy((0.0, angle), self.eps), address=[inside], target="outside")

    def _turn(
        self, circuit: BitCircuit, ratios: Sequence[float], here: Bit, direction: Sequence[Bit]
    ) -> None:
        angles = turns(ratios)
        turn = attrs.evolve(indexed_ry(angles, self.loading, self.eps), is_controlled=True)
        circuit.call(turn, ctrl=here, address=[*self.slot, *direction], target="outside")


def frame_of(sites: Sites, unit: StencilUnit, slot: list[Bit]) -> list[Bit] | None:
    """The bits whose complement turns the steps of a pair around; None where no complement does."""
    moving = {axis for offset in unit.terms[0].offsets for axis, along in enumerate(offset) if along}
    if sites.is_sliced and all(sites.steps_plainly(axis) for axis in moving):
        return [bit for axis in sorted(moving) for bit in slot[sites.field(axis)]]
    return slot if not sites.periodic else None
