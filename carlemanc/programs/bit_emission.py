"""Emission of bit bloqs straight from their gate description, in the order it is written.

Comes in: a `BitBloq`. Goes out: its fragment, without the graph that `decompose_bloq` would make of it: about
ten times faster, and a work bit lives exactly as long as the description holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import qualtran

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.programs.angles import ry_word
from carlemanc.programs.fragment import Fragment, FragmentBuilder

Compile = Callable[[qualtran.Bloq], Fragment]


class FragmentWriter(BitCircuit):
    """Writes the gates into a fragment."""

    def __init__(self, bits: Sequence[Bit], compile_: Compile) -> None:
        super().__init__()
        self._compile = compile_
        self._builder = FragmentBuilder(len(bits))
        self._wires: dict[Bit, int] = {bit: wire for wire, bit in enumerate(bits)}

    def finish(self, bits: Sequence[Bit]) -> Fragment:
        """Return the fragment whose outputs are `bits`."""
        return self._builder.finish([self._wires[bit] for bit in bits])

    def x(self, bit: Bit) -> None:
        self._builder.add("x", self._wires[bit])

    def h(self, bit: Bit) -> None:
        self._builder.add("h", self._wires[bit])

    def z(self, bit: Bit) -> None:
        self._builder.add("z", self._wires[bit])

    def cx(self, control: Bit | None, target: Bit) -> None:
        if control is None:
            self.x(target)
        else:
            self._builder.add("cx", self._wires[control], self._wires[target])

    def cz(self, control: Bit | None, bit: Bit) -> None:
        if control is None:
            self.z(bit)
        else:
            self._builder.add("cz", self._wires[control], self._wires[bit])

    def ry(self, angle: float, target: Bit, eps: float) -> None:
        wire = self._wires[target]
        for name, turn in ry_word(angle):
            if name == "gphase":
                self._builder.add(name, angle=turn)
            else:
                self._builder.add(name, wire, angle=turn)

    def call(self, bloq: qualtran.Bloq, **bits: Bit | Sequence[Bit]) -> None:
        names: list[Bit] = []
        for register in bloq.signature:
            on = bits[register.name]
            names += on if isinstance(on, list) else [on]
        outputs = self._builder.place(self._compile(bloq), [self._wires[name] for name in names])
        self._wires.update(zip(names, outputs, strict=True))

    def _compute_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        wires = [self._wires[a], self._wires[b]]
        self._flip(wires, values)
        self._wires[target] = self._builder.take()
        self._builder.add("and", *wires, self._wires[target])
        self._flip(wires[::-1], values[::-1])

    def _erase_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        wires = [self._wires[a], self._wires[b]]
        wire = self._wires.pop(target)
        self._flip(wires, values)
        self._builder.add("and_dg", *wires, wire)
        self._builder.release(wire)
        self._flip(wires[::-1], values[::-1])

    def _flip(self, wires: Sequence[int], values: Sequence[int]) -> None:
        for wire, value in zip(wires, values, strict=True):
            if not value:
                self._builder.add("x", wire)

    def allocate(self) -> Bit:
        bit = self._new_name()
        self._wires[bit] = self._builder.take()
        return bit

    def free(self, bit: Bit) -> None:
        self._builder.release(self._wires.pop(bit))

    def relabel(self, a: Bit, b: Bit) -> None:
        self._wires[a], self._wires[b] = self._wires[b], self._wires[a]


def write_bits(bloq: BitBloq, compile_: Compile) -> Fragment:
    """Return the fragment of a bit bloq; `compile_` makes those of the bloqs it calls."""
    bits = bloq.boundary_bits()
    writer = FragmentWriter(bits, compile_)
    bloq.build(writer)
    return writer.finish(bits)
