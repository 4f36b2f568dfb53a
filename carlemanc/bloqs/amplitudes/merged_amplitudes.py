"""Loader of a sparse real state by merging basis states two at a time, the pairs found by a pruned decision tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import attrs
import numpy as np

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import integers, numbers
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy


class Split(NamedTuple):
    """One basis state becomes two: Ry on `bit` where `controls` have `values`, CNOTs from it, X on it."""

    angle: float
    bit: int
    controls: tuple[int, ...]
    values: tuple[int, ...]
    spread: tuple[int, ...]
    flip: bool


@attrs.frozen(cache_hash=True)
class MergedAmplitudes(BitBloq):
    """Map |0> to sum_i amplitude_i |i> over the given support (normalized here).

    Undone, the circuit merges two basis states of the support at a time until one is left. A pair is found by
    splitting the support on the bit that divides it least evenly, again and again, so that few bits tell the
    pair from all others: these are the controls of its rotation. CNOTs first make the two differ in one bit.
    Only |0> is mapped as said; the bloq is unitary on all of the target.

    Args:
        size: number of target bits m.
        support: distinct indices below 2^m.
        values: real amplitudes, not zero.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost for s entries: s - 1 rotations with c controls each, c mostly near log2 s and not m: two rotations (one where c
    = 0) and c - 1 Toffoli, one Toffoli more when controlled; O(s m) CNOTs. Cheaper than `SparseAmplitudes` where the
    support is scattered over many bits.

    References:
        N. Gleinig and T. Hoefler, DAC 2021 (from memory); the control of the whole is derived here: linear maps cancel
        against their inverse, a translation is undone where `ctrl` is 0. Checked against the vector, and as a unitary.
    """

    size: int
    support: tuple[int, ...] = attrs.field(converter=integers)
    values: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    def dense_row(self) -> tuple[float, ...]:
        """Return all 2^size amplitudes (not normalized)."""
        row = np.zeros(1 << self.size)
        row[list(self.support)] = self.values
        return tuple(row.tolist())

    @cached_property
    def _plan(self) -> tuple[int, float, list[Split]]:
        """The basis state to begin with, its sign, and the splits in the order of the circuit."""
        amplitudes = dict(zip(self.support, self.values, strict=True))
        splits = []
        while len(amplitudes) > 1:
            split, amplitudes = _merge(amplitudes, self.size)
            splits.append(split)
        ((start, value),) = amplitudes.items()
        return start, value, splits[::-1]

    def build(self, circuit: BitCircuit) -> None:
        if not self.size:
            return
        start, value, splits = self._plan
        target = self.bits("target")
        if value < 0:
            circuit.negate(self.ctrl, target[0])
        if self.is_controlled:  # off: these CNOTs and those of the splits cancel; on: they fix |0>
            for split in splits[::-1]:
                _spread(circuit, target, split)
        circuit.xor(start, target)
        for split in splits:
            self._rotate(circuit, target, split)
            _spread(circuit, target, split)
            if split.flip:
                circuit.x(target[split.bit])
        if self.is_controlled:
            self._undo_translation(circuit, target, start, splits)

    def _rotate(self, circuit: BitCircuit, target: list[Bit], split: Split) -> None:
        bits = [self.ctrl, *(target[bit] for bit in split.controls)]
        with circuit.conjunction(bits, [1, *split.values]) as here:
            if here is None:
                circuit.ry(split.angle, target[split.bit], self.eps)
                return
            turn = MultiplexedRy((split.angle,), self.eps, is_controlled=True)
            circuit.call(turn, ctrl=here, target=target[split.bit])

    def _undo_translation(
        self, circuit: BitCircuit, target: list[Bit], start: int, splits: Sequence[Split]
    ) -> None:
        """Without rotations |0> ends on this basis state: flip its bits back where `ctrl` is 0."""
        place = start
        for split in splits:
            if place >> split.bit & 1:
                place ^= sum(1 << bit for bit in split.spread)
            place ^= split.flip << split.bit
        circuit.xor(place, target)
        circuit.xor(place, target, self.ctrl)


def _spread(circuit: BitCircuit, target: Sequence[Bit], split: Split) -> None:
    for bit in split.spread:
        circuit.cx(target[split.bit], target[bit])


def _merge(amplitudes: dict[int, float], size: int) -> tuple[Split, dict[int, float]]:
    """Merge one pair: the split that undoes it, and the amplitudes after."""
    path, first = _narrow(list(amplitudes), size)
    bit, value = path.pop()
    rest = [x for x in amplitudes if x != first and all(x >> b & 1 == v for b, v in path)]
    more, second = _narrow(rest, size)
    path += more
    flip = value == 0  # then X makes the bit of `first` 1 and that of `second` 0
    moved = {x ^ (flip << bit): a for x, a in amplitudes.items()}
    first, second = first ^ (flip << bit), second ^ (flip << bit)
    mask = (first ^ second) & ~(1 << bit)
    after = {x ^ mask if x >> bit & 1 else x: a for x, a in moved.items()}
    high, low = after.pop(second | 1 << bit), after.pop(second)
    after[second] = float(np.hypot(low, high))
    split = Split(
        angle=float(2 * np.arctan2(high, low)),
        bit=bit,
        controls=tuple(b for b, _ in path),
        values=tuple(v for _, v in path),
        spread=tuple(b for b in range(size) if mask >> b & 1),
        flip=flip,
    )
    return split, after


def _narrow(entries: list[int], size: int) -> tuple[list[tuple[int, int]], int]:
    """Halve the entries on the least even bit until one is left: the (bit, value) taken, and the entry."""
    path = []
    while len(entries) > 1:
        ones = [sum(x >> bit & 1 for x in entries) for bit in range(size)]
        uneven = [min(count, len(entries) - count) or len(entries) for count in ones]
        bit = int(np.argmin(uneven))
        value = int(ones[bit] * 2 <= len(entries))
        entries = [x for x in entries if x >> bit & 1 == value]
        path.append((bit, value))
    return path, entries[0]
