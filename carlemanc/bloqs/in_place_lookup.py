"""Permutations of a register chosen by a selector, loaded both ways so that no copy is left behind."""

from __future__ import annotations

from functools import cached_property

import attrs

from carlemanc.bloqs.bit_circuit import BitBloq, BitCircuit
from carlemanc.bloqs.lookup import Lookup
from carlemanc.bloqs.tables import integer_rows


@attrs.frozen(cache_hash=True)
class InPlaceLookup(BitBloq):
    """Map |k>|s> to |k>|permutations[k][s]>.

    Where every permutation is s -> s XOR mask_k this is one lookup of the masks. Otherwise the image is
    looked up into work bits, the original is erased by the inverse lookup, and the two are exchanged.

    Args:
        permutations: 2^b rows, each a permutation of 0..2^m-1.
        is_controlled: do nothing where `ctrl` is 0.
    """

    permutations: tuple[tuple[int, ...], ...] = attrs.field(converter=integer_rows)
    is_controlled: bool = False

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
    def _masks(self) -> tuple[int, ...] | None:
        """mask_k, where every permutation is a XOR."""
        masks = tuple(row[0] for row in self.permutations)
        is_xor = all(
            image == s ^ mask
            for mask, row in zip(masks, self.permutations, strict=True)
            for s, image in enumerate(row)
        )
        return masks if is_xor else None

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
        control = {"ctrl": "ctrl"} if self.is_controlled else {}
        selector, target = self.bits("selector"), self.bits("target")
        if not target:
            return
        if self._masks is not None:
            address = {"address": selector} if selector else {}
            circuit.call(
                Lookup(self._masks, len(target), self.is_controlled), **control, **address, target=target
            )
            return
        image = [circuit.allocate() for _ in target]
        load = Lookup(self._table(inverse=False), len(target), self.is_controlled)
        erase = Lookup(self._table(inverse=True), len(target), self.is_controlled)
        circuit.call(load, **control, address=target + selector, target=image)
        circuit.call(erase, **control, address=image + selector, target=target)
        for old, new in zip(target, image, strict=True):
            if self.is_controlled:  # active: old = 0, new = image; idle: old untouched, new = 0
                circuit.cx(new, old)
                circuit.erase_and("ctrl", old, new)
            else:
                circuit.relabel(old, new)
                circuit.free(new)
