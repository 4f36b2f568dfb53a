"""Selecting one of several units by a prefix code: as few rotations as units less one, no index unused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import attrs

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers


@attrs.frozen(cache_hash=True)
class UnitTree:
    """A binary tree whose leaves are numbered 0..U-1, of b = ceil(log2 U) bits; the last ones one bit shorter.

    A short leaf owns two selector values; its lowest bit is split as that of values 0 and 1 is, which makes the
    rotation of that bit independent of it.

    Args:
        weights: probability of each leaf, any scale.
    """

    weights: tuple[float, ...] = attrs.field(converter=numbers)

    @property
    def bits(self) -> int:
        """Selector bits b."""
        return (len(self.weights) - 1).bit_length()

    @cached_property
    def _long(self) -> int:
        """Number of leaves of full depth."""
        return 2 * len(self.weights) - (1 << self.bits)

    def leaf(self, number: int) -> tuple[int, int]:
        """Return (prefix, shift): the selector values of a leaf are those with value >> shift == prefix."""
        if number < self._long:
            return number, 0
        return (self._long >> 1) + number - self._long, 1

    @cached_property
    def amplitudes(self) -> tuple[float, ...]:
        """Square roots of the probabilities of all selector values."""
        weights, total = self.weights, sum(self.weights)
        values = [0.0] * (1 << self.bits)
        share = weights[0] / (weights[0] + weights[1]) if self._long < len(weights) else 1.0
        for number, weight in enumerate(weights):
            prefix, shift = self.leaf(number)
            if shift:
                values[2 * prefix], values[2 * prefix + 1] = weight * share, weight * (1 - share)
            else:
                values[prefix] = weight
        return tuple((value / total) ** 0.5 for value in values)

    def visit(
        self,
        circuit: BitCircuit,
        selector: Sequence[Bit],
        control: Bit,
        wanted: Callable[[int], bool],
        act: Callable[[int, Bit], None],
    ) -> None:
        """Call act(leaf, bit that is 1 where it is selected and `control` is 1) for every wanted leaf."""
        places = {self.leaf(number): number for number in range(len(self.weights)) if wanted(number)}

        def below(prefix: int, shift: int) -> bool:
            return any(
                place >> (shift - depth) == prefix if shift >= depth else False for place, depth in places
            )

        def walk(prefix: int, shift: int, here: Bit) -> None:
            if (prefix, shift) in places:
                act(places[prefix, shift], here)
                return
            low, high = below(2 * prefix, shift - 1), below(2 * prefix + 1, shift - 1)
            bit = selector[shift - 1]
            if high:
                with circuit.conjunction([here, bit]) as child:
                    walk(2 * prefix + 1, shift - 1, child)
                    if low:  # the sibling: here and not bit, by a CNOT
                        circuit.cx(here, child)
                        walk(2 * prefix, shift - 1, child)
                        circuit.cx(here, child)
            elif low:
                with circuit.conjunction([here, bit], [1, 0]) as child:
                    walk(2 * prefix, shift - 1, child)

        if places:
            walk(0, self.bits, control)

    @contextmanager
    def selected(
        self, circuit: BitCircuit, selector: Sequence[Bit], control: Bit, number: int
    ) -> Iterator[Bit]:
        """Yield a new bit that is 1 where a leaf is selected and `control` is 1."""
        prefix, shift = self.leaf(number)
        bits = list(selector[shift:])
        if not bits:
            with circuit.work(1) as (copy,):
                circuit.cx(control, copy)
                yield copy
                circuit.cx(control, copy)
            return
        values = [prefix >> i & 1 for i in range(len(bits))]
        with circuit.conjunction([control, *bits], [1, *values]) as here:
            yield here
