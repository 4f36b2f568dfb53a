"""Factors F_0 of the lifted map: inserting constant slots between the outputs of the other factors.

A row of B with F_0 != 0 is a tuple of degrees with zeros in it. The zeros are taken out, B = Z C: C applies
the nonzero degrees, Z inserts F_0 at the places of the zeros, so that no more than N slots are ever needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TypeVar

import attrs
import numpy as np

from carlemanc.bloqs.amplitudes.point_loader import Loader
from carlemanc.bloqs.arithmetic import at_least
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.nearly import is_below_one, turn
from carlemanc.bloqs.population import population
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.rotations.rotation_tree import RotationTree

T = TypeVar("T")
_TABULATED_SLOTS = 3
"""Up to this many slots the check of the pattern is a table: a few Toffoli more than the count, fewer qubits."""


@attrs.frozen(cache_hash=True, kw_only=True)
class ZeroInsertion(BitBloq):
    r"""Block-encode Z / (1 + alpha_0)^N: the sum over patterns h of alpha_0^|h| (insert F_0/||F_0|| at h).

    Registers:
        insert: one bit a place, entering in the preparation of `insertion_angle`; the block is the same
        state.
        overflow: one flag. Set where a pattern asks for more than N slots or for a place beyond the level.
        slots: N * m bits, slot by slot.
        level: N - 1 thermometer bits (levels 1..N).
        batch: beta bits, the number of the map in force; present where there are several loaders.
        shortfall: one flag, present where the maps' ||F_0|| differ: the block is its |0>.

    Args:
        loaders: F_0 / ||F_0|| on m bits, one per map.
        ratios: ||F_0|| of each map over the largest.
        slots: N >= 2.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    References:
        CONSTRUCTION.md lines 16-17, with one flag for all patterns (derived here, checked numerically).
    """

    loaders: tuple[Loader, ...]
    ratios: tuple[float, ...]
    slots: int
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def slot_bits(self) -> int:
        """Bits m of a slot."""
        return self.loaders[0].size

    @property
    def batch_bits(self) -> int:
        """Bits beta that number the maps."""
        return (len(self.loaders) - 1).bit_length()

    @property
    def has_shortfall(self) -> bool:
        """Whether some map's F_0 is shorter than the largest."""
        return is_below_one(min(self.ratios))

    @property
    def _lowest(self) -> int:
        """The level of a level register of zeros."""
        return 1

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "insert": self.slots,
            "overflow": None,
            "slots": self.slots * self.slot_bits,
            "level": self.slots - self._lowest,
            "batch": self.batch_bits,
        } | ({"shortfall": None} if self.has_shortfall else {})

    def build(self, circuit: BitCircuit) -> None:
        insert = self.bits("insert")
        self._check(circuit)
        for place in range(self.slots):
            with circuit.conjunction([self.ctrl, insert[place]]) as chosen:
                self._insert(circuit, place, chosen)
        if self.has_shortfall:
            angles = [
                turn(self._of_batch(self.ratios, batch) ** pattern.bit_count())
                for batch in range(1 << self.batch_bits)
                for pattern in range(1 << self.slots)
            ]
            rotation = MultiplexedRy(tuple(angles), self.eps, self.is_controlled)
            address = [*insert, *self.bits("batch")]
            circuit.call(rotation, ctrl=self.ctrl, address=address, target="shortfall")

    def _check(self, circuit: BitCircuit) -> None:
        """Flip `overflow` where the pattern does not fit the level, by a table for few slots (fewer qubits)."""
        if self.slots > _TABULATED_SLOTS:
            self._check_count(circuit)
            return
        check = Lookup(self._invalid, 1, self.is_controlled)
        address = [*self.bits("insert"), *self.bits("level")]
        circuit.call(check, ctrl=self.ctrl, address=address, target=["overflow"])

    @property
    def _invalid(self) -> tuple[int, ...]:
        """Addressed by insert bits (low) and level bits (high): 1 where the pattern does not fit the level.

        Bad level codes never get here unflagged; they repeat the entry of the level below.
        """
        table = []
        for code in range(1 << (self.slots - 1)):
            level = 1 + (~code & (code + 1)).bit_length() - 1
            table += [int(not _fits(pattern, level, self.slots)) for pattern in range(1 << self.slots)]
        return tuple(table)

    def _check_count(self, circuit: BitCircuit) -> None:
        """The same without a table.

        With k ones in the pattern the level ends at level + k: it must not pass N, and every place asked for must
        lie below it. Level and pattern in unary are one count: level + k = lowest level + number of ones in both.
        """
        insert = self.bits("insert")
        with circuit.work(self.slots) as copies:
            for bit, copy in zip(insert, copies, strict=True):
                circuit.cx(bit, copy)
            with ExitStack() as stack:
                count = stack.enter_context(population(circuit, [*copies, *self.bits("level")]))
                wrong = [stack.enter_context(at_least(circuit, count, self.slots + 1 - self._lowest))]
                for place in range(1 + self._lowest, self.slots):
                    reached = stack.enter_context(at_least(circuit, count, place + 1 - self._lowest))
                    wrong.append(stack.enter_context(circuit.conjunction([insert[place], reached], [1, 0])))
                circuit.flip_unless_zero("overflow", wrong, self.ctrl)
            for bit, copy in zip(insert, copies, strict=True):
                circuit.cx(bit, copy)

    @staticmethod
    def _of_batch(values: Sequence[T], batch: int) -> T:
        """The value of a batch; numbers that are not used repeat the first."""
        return values[batch if batch < len(values) else 0]

    def _insert(self, circuit: BitCircuit, place: int, chosen: Bit) -> None:
        """Move slots `place`.. one back, lengthen the level by one and load F_0 into the gap."""
        m, slots, level = self.slot_bits, self.bits("slots"), self.bits("level")
        for number in range(self.slots - 1, place, -1):
            for bit in range(m):
                circuit.cswap(chosen, slots[number * m + bit], slots[(number - 1) * m + bit])
        circuit.cx(chosen, level[-1])
        for position in range(len(level) - 1, max(place - self._lowest, 0), -1):
            circuit.cswap(chosen, level[position], level[position - 1])
        if m:
            self._load(circuit, chosen, slots[place * m : (place + 1) * m])
        else:
            self._load_sign(circuit, chosen)

    def _load(self, circuit: BitCircuit, chosen: Bit, target: list[Bit]) -> None:
        if not self.batch_bits:
            circuit.call(attrs.evolve(self.loaders[0], is_controlled=True), ctrl=chosen, target=target)
            return
        rows = tuple(self._of_batch(self.loaders, batch).dense_row() for batch in range(1 << self.batch_bits))
        load = RotationTree(rows, self.eps, True)
        circuit.call(load, ctrl=chosen, address=self.bits("batch"), target=target)

    def _load_sign(self, circuit: BitCircuit, chosen: Bit) -> None:
        """One weight only: F_0 is its sign."""
        signs = [
            int(self._of_batch(self.loaders, batch).values[0] < 0) for batch in range(1 << self.batch_bits)
        ]
        if all(signs):
            circuit.z(chosen)
        elif any(signs):
            load = Lookup(tuple(signs), 1)
            with circuit.work(1) as negative:
                circuit.call(load, address=self.bits("batch"), target=negative)
                circuit.cz(chosen, negative[0])
                circuit.call(load, address=self.bits("batch"), target=negative)


def _fits(pattern: int, level: int, slots: int) -> bool:
    """Whether inserting at the set bits of `pattern`, in order, is possible from `level` occupied slots."""
    total = level + pattern.bit_count()
    return total <= slots and pattern.bit_length() <= total


def insertion_angle(alpha_zero: float) -> float:
    """Angle of the Ry that prepares an insertion bit: |1> with probability alpha_0 / (1 + alpha_0)."""
    return float(2 * np.arctan(np.sqrt(alpha_zero)))


@attrs.frozen(cache_hash=True, kw_only=True)
class LevelZeroInsertion(ZeroInsertion):
    r"""`ZeroInsertion` for levels 0..N, thermometer bit r - 1 says level >= r.

    From level 0 only the pattern of the places 0..j-1 fits, and it makes $F_0^{\otimes j}$ on level j: the
    source of level j (derived here, checked on every column).

    Registers:
        level: N thermometer bits; the others as for `ZeroInsertion`.
    """

    @property
    def _lowest(self) -> int:
        return 0

    def _check(self, circuit: BitCircuit) -> None:
        """Flip `overflow` where the pattern does not fit the level; `_invalid` tabulates levels from 1 alone."""
        self._check_count(circuit)
