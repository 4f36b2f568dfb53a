"""Increment, addition and comparison with a constant, by carry chains of temporary ANDs (Gidney 2018)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


@contextmanager
def at_least(circuit: BitCircuit, bits: Sequence[Bit], constant: int) -> Iterator[Bit | None]:
    """Yield a bit that is 1 where the number in `bits` (least significant first) is >= constant.

    Yields None where that always holds (constant <= 0); at most len(bits) - 1 Toffoli. The constant must be
    below 2^len(bits).
    """
    if constant >= 1 << len(bits):
        raise ValueError(f"{constant} does not fit in {len(bits)} bits")
    if constant <= 0:
        yield None
        return
    start = (constant & -constant).bit_length() - 1
    last, steps = bits[start], []
    for position in range(start + 1, len(bits)):
        carry, bit = last, bits[position]
        if constant >> position & 1:
            last = circuit.and_(carry, bit)
        else:
            last = circuit.and_(carry, bit, (0, 0))
            circuit.x(last)
        steps.append((carry, bit, last, constant >> position & 1))
    yield last
    for carry, bit, target, both in reversed(steps):
        if both:
            circuit.erase_and(carry, bit, target)
        else:
            circuit.x(target)
            circuit.erase_and(carry, bit, target, (0, 0))


@attrs.frozen(cache_hash=True)
class Increment(BitBloq):
    """Map |t> to |t + 1 mod 2^size>.

    Args:
        size: number of bits.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: size - 2 Toffoli, size - 1 when controlled.
    """

    size: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    def build(self, circuit: BitCircuit) -> None:
        bits = self.bits("target")
        carries: list[Bit] = ["ctrl"] if self.is_controlled else []
        chained = bits[: self.size - 1] if self.is_controlled else bits[1 : self.size - 1]
        if not self.is_controlled and self.size > 1:
            carries = [bits[0]]
        for bit in chained:
            carries.append(circuit.and_(carries[-1], bit))
        for position in range(self.size - 1, -1, -1):
            self._flip(circuit, bits, carries, position)

    def _flip(self, circuit: BitCircuit, bits: list[Bit], carries: list[Bit], position: int) -> None:
        """Flip bit `position` under its carry, then give the carry back."""
        index = position if self.is_controlled else position - 1
        if index < 0:
            circuit.x(bits[position])
            return
        circuit.cx(carries[index], bits[position])
        if index > 0:
            circuit.erase_and(carries[index - 1], bits[position - 1], carries[index])


@attrs.frozen(cache_hash=True)
class Add(BitBloq):
    """Map |a>|t> to |a>|t + a mod 2^size>.

    Args:
        size: number of bits of each.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: size - 1 Toffoli, 2 size - 1 when controlled.

    References:
        Gidney, Quantum 2, 74 (2018), figure 1.
    """

    size: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"addend": self.size, "target": self.size}

    def build(self, circuit: BitCircuit) -> None:
        addend = self.bits("addend")
        if not self.is_controlled:
            _add(circuit, addend, self.bits("target"))
            return
        masked = [circuit.and_("ctrl", bit) for bit in addend]
        _add(circuit, masked, self.bits("target"))
        for bit, mask in zip(addend[::-1], masked[::-1], strict=True):
            circuit.erase_and("ctrl", bit, mask)


def _add(circuit: BitCircuit, addend: Sequence[Bit], target: Sequence[Bit]) -> None:
    carries: list[Bit] = []
    for a, t in zip(addend[:-1], target[:-1], strict=True):
        if carries:
            circuit.cx(carries[-1], a)
            circuit.cx(carries[-1], t)
        carries.append(circuit.and_(a, t))
        if len(carries) > 1:
            circuit.cx(carries[-2], carries[-1])
    if carries:
        circuit.cx(carries[-1], target[-1])
    circuit.cx(addend[-1], target[-1])
    for a, t in zip(addend[-2::-1], target[-2::-1], strict=True):
        carry = carries.pop()
        if carries:
            circuit.cx(carries[-1], carry)
        circuit.erase_and(a, t, carry)
        if carries:
            circuit.cx(carries[-1], a)
        circuit.cx(a, t)
