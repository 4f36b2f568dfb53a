"""A shift by one and the check that a vacant slot is zero, on one carry chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from carlemanc.block_encoding.stencil.stencil_terms import Sites, StencilUnit
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


class Shift(NamedTuple):
    """A shift by one: where it is wanted, of which bits, downward rather than upward, by which bit turned around."""

    here: Bit
    bits: list[Bit]
    downward: bool
    direction: Bit | None


def chain_axes(sites: Sites, units: Sequence[StencilUnit]) -> dict[int, int]:
    """StencilUnit -> axis: terms of degree 1 that step by one along an axis, one unit an axis."""
    found: dict[int, int] = {}
    for number, unit in enumerate(units):
        offset = unit.terms[0].offsets[0]
        moving = [axis for axis, along in enumerate(offset) if along]
        if unit.degree > 1 or len(moving) != 1 or abs(offset[moving[0]]) != 1:
            continue
        if sites.steps_plainly(moving[0]) and moving[0] not in found.values():
            found[number] = moving[0]
    return found


def step_or_check(
    circuit: BitCircuit, vacant: Bit, clean: Bit, steps: Sequence[Shift], rest: Sequence[Bit], dirty: Bit
) -> None:
    """Shift where a step says so; flip `dirty` where `clean` is 1 and all bits are 0; zero stays zero there.

    `clean` is 1 only where `vacant` is, and no shift is asked for where `vacant` is. An increment computes the
    carry of all ones; a vacant slot, complemented, is all ones exactly where it is zero, and the increment takes
    it back to zero. Toffoli: for f bits f + 1 and two for the direction, against f - 1 and another f of a shift
    and a check apart. Derived here.
    """
    if not steps:
        circuit.flip(dirty, [clean, *rest], [1] + [0] * len(rest))
        return
    (here, bits, downward, direction), later = steps[0], steps[1:]
    with _mask(circuit, here, direction) as turned:
        _flip(circuit, here, turned, bits, downward)
    for bit in bits:
        circuit.cx(vacant, bit)
    circuit.cx(vacant, here)
    carries = [here]
    for bit in bits[:-1]:
        carries.append(circuit.and_(carries[-1], bit))
    with circuit.conjunction([carries[-1], bits[-1], clean]) as still:
        step_or_check(circuit, vacant, still, later, rest, dirty)
    for position in range(len(bits) - 1, -1, -1):
        circuit.cx(carries[position], bits[position])
        if position:
            circuit.erase_and(carries[position - 1], bits[position - 1], carries[position])
    circuit.cx(vacant, here)
    with _mask(circuit, here, direction) as turned:
        _flip(circuit, here, turned, bits, downward)


def _flip(circuit: BitCircuit, here: Bit, turned: Bit | None, bits: Sequence[Bit], downward: bool) -> None:
    """Complement the bits where the shift goes down."""
    for bit in bits:
        if turned is not None:
            circuit.cx(turned, bit)
        if downward:
            circuit.cx(here, bit)


@contextmanager
def _mask(circuit: BitCircuit, here: Bit, direction: Bit | None) -> Iterator[Bit | None]:
    if direction is None:
        yield None
        return
    both = circuit.and_(here, direction)
    yield both
    circuit.erase_and(here, direction, both)
