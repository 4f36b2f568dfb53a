"""Permutations of a register chosen by a selector, loaded both ways so that no copy is left behind."""

from __future__ import annotations

from functools import cached_property

import attrs

from carlemanc.bloqs.arithmetic import Add
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.converters import integer_rows
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.lookups.table_load import xor_of


@attrs.frozen(cache_hash=True)
class InPlaceLookup(BitBloq):
    """Map |k>|s> to |k>|permutations[k][s]>.

    Where every permutation is s -> s XOR mask_k or s -> s + shift_k mod 2^m, the masks are looked up onto the
    target, and the shifts into work bits, added, and looked up again. Otherwise the image is looked up into work
    bits, the original is erased by the inverse lookup, and the two are exchanged.

    Args:
        permutations: 2^b rows, each a permutation of 0..2^m-1.
        is_controlled: do nothing where `ctrl` is 0.
        loading: memory and qubits the lookups of images may use; None: none.
    """

    permutations: tuple[tuple[int, ...], ...] = attrs.field(converter=integer_rows)
    is_controlled: bool = False
    loading: Loading | None = None

    @property
    def selector_size(self) -> int:
        """Number of selector bits b."""
        return (len(self.permutations) - 1).bit_length()

    @property
    def target_size(self) -> int:
        """Number of target bits m."""
        return (len(self.permutations[0]) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        return {"selector": self.selector_size, "target": self.target_size}

    @cached_property
    def _moves(self) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
        """(masks, shifts), one of the two zero for each selector; None where some permutation is neither."""
        moves = [_move(row) for row in self.permutations]
        if any(move is None for move in moves):
            return None
        return tuple(move[0] for move in moves if move), tuple(move[1] for move in moves if move)

    def _table(self, inverse: bool) -> tuple[int, ...]:
        """Entries addressed by value (low bits) and selector (high bits): equal permutations share a load."""
        size = len(self.permutations[0])
        table = [0] * (size * len(self.permutations))
        for k, row in enumerate(self.permutations):
            if sorted(row) != list(range(len(row))):
                raise ValueError(f"row {k} is not a permutation")
            for value, image in enumerate(row):
                source, result = (image, value) if inverse else (value, image)
                table[k * size + source] = result
        return tuple(table)

    def build(self, circuit: BitCircuit) -> None:
        selector, target = self.bits("selector"), self.bits("target")
        if not target:
            return
        if self._moves is None:
            self._exchange(circuit)
            return
        masks, shifts = (Lookup(table, len(target), self.is_controlled) for table in self._moves)
        circuit.call(masks, ctrl=self.ctrl, address=selector, target=target)
        if any(shifts.table):
            with circuit.work(len(target)) as shift:
                circuit.call(shifts, ctrl=self.ctrl, address=selector, target=shift)
                circuit.call(Add(len(target)), addend=shift, target=target)
                circuit.call(shifts, ctrl=self.ctrl, address=selector, target=shift)

    def _exchange(self, circuit: BitCircuit) -> None:
        """Load the image, erase the original, and let them change places."""
        selector, target = self.bits("selector"), self.bits("target")
        image = [circuit.allocate() for _ in target]
        load, erase = (
            xor_of(self._table(inverse=inverse), len(target), self.loading, self.is_controlled)
            for inverse in (False, True)
        )
        circuit.call(load, ctrl=self.ctrl, address=target + selector, target=image)
        circuit.call(erase, ctrl=self.ctrl, address=image + selector, target=target)
        for old, new in zip(target, image, strict=True):
            if self.is_controlled:  # on: old = 0, new = image; off: old untouched, new = 0
                circuit.cx(new, old)
                circuit.erase_and("ctrl", old, new)
            else:
                circuit.relabel(old, new)
                circuit.free(new)


def _move(row: tuple[int, ...]) -> tuple[int, int] | None:
    """(mask, 0) of a XOR, (0, shift) of an addition modulo 2^m, None of any other permutation."""
    first = row[0]
    if all(image == s ^ first for s, image in enumerate(row)):
        return first, 0
    if all(image == (s + first) % len(row) for s, image in enumerate(row)):
        return 0, first
    return None
