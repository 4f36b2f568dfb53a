"""Coherent alias sampling: amplitudes up to garbage, without a rotation for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import attrs
import numpy as np

from carlemanc.bloqs.amplitudes.uniform_amplitudes import UniformAmplitudes
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.tables import numbers

_QUARTER = float(np.pi / 2)


@attrs.frozen(cache_hash=True)
class AliasAmplitudes(BitBloq):
    """Map |0> to sum_i sign_i sqrt(p_i) |i>|garbage_i>, p_i within 2^-precision / s of |value_i|^2 (normalized).

    The garbage is entangled with i: the bloq stands for a state only where its adjoint takes the garbage back with
    nothing but operators diagonal in i between (a linear combination of unitaries with the same preparation on both
    sides). It is no preparation of b/||b||, and no loader of `state_preparation` is made from it.

    Args:
        values: s real amplitudes.
        precision: mu, bits of the stored thresholds.
        eps: synthesis precision of the rotations of the uniform superposition.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        target: i, r = ceil(log2 s) bits.
        alternate, keep, coin, signs: the garbage: r, mu, mu and 2 bits.

    Cost: s - 2 Toffoli or fewer to read the table, mu to compare, r + 1 to exchange (one more when controlled); at
    most four rotations for each bit of the target, none where s is a power of two (2 mu T more when controlled).

    References:
        Babbush et al., Phys. Rev. X 8, 041015 (2018), section III.D; signs as a loaded bit that moves along with its
        entry (derived here). Checked against the probabilities.
    """

    values: tuple[float, ...] = attrs.field(converter=numbers)
    precision: int
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def index_size(self) -> int:
        """Number of target bits r."""
        return (len(self.values) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        r, mu = self.index_size, self.precision
        return {"target": r, "alternate": r, "keep": mu, "coin": mu, "signs": 2}

    @cached_property
    def thresholds(self) -> tuple[tuple[int, int], ...]:
        """(alternate, keep) of every entry: entry i stays where the coin is below keep."""
        odds = np.square(self.values)
        return _alias_table(_shares(odds / odds.sum(), 1 << self.precision), 1 << self.precision)

    def probabilities(self) -> tuple[float, ...]:
        """Return the p_i that the table stands for, s of them."""
        odds, whole = [0.0] * len(self.values), float(len(self.values) << self.precision)
        for entry, (alternate, keep) in enumerate(self.thresholds):
            odds[entry] += keep / whole
            odds[alternate] += ((1 << self.precision) - keep) / whole
        return tuple(odds)

    @cached_property
    def _table(self) -> tuple[int, ...]:
        """The word of every entry, least significant first: alternate, keep, own sign, sign of the alternate."""
        r, mu = self.index_size, self.precision
        words = []
        for entry, (alternate, keep) in enumerate(self.thresholds):
            own, other = (int(self.values[i] < 0) for i in (entry, alternate))
            words.append(alternate | keep << r | own << (r + mu) | other << (r + mu + 1))
        return tuple(words + [0] * ((1 << r) - len(words)))

    def build(self, circuit: BitCircuit) -> None:
        target, coin, signs = self.bits("target"), self.bits("coin"), self.bits("signs")
        alternate, keep = self.bits("alternate"), self.bits("keep")
        uniform = UniformAmplitudes(
            self.index_size, len(self.values), eps=self.eps, is_controlled=self.is_controlled
        )
        if target:
            circuit.call(uniform, ctrl=self.ctrl, target=target)
        for bit in coin:
            circuit.call(MultiplexedRy((_QUARTER,), self.eps, self.is_controlled), ctrl=self.ctrl, target=bit)
        word = [*alternate, *keep, *signs]
        load = Lookup(self._table, len(word), self.is_controlled)
        circuit.call(load, ctrl=self.ctrl, address=target, target=word)
        pairs = [*zip(target, alternate, strict=True), (signs[0], signs[1])]
        self._exchange(circuit, coin, keep, pairs)
        circuit.cz(self.ctrl, signs[0])

    def _exchange(
        self, circuit: BitCircuit, coin: Sequence[Bit], keep: Sequence[Bit], pairs: Sequence[tuple[Bit, Bit]]
    ) -> None:
        """Exchange the pairs where coin >= keep, by a chain of borrows that is undone."""
        borrows: list[Bit] = []
        for place, (a, k) in enumerate(zip(coin, keep, strict=True)):
            circuit.x(a)
            if place:
                circuit.cx(borrows[-1], a)
                circuit.cx(borrows[-1], k)
            borrows.append(circuit.and_(a, k))
            if place:
                circuit.cx(borrows[-2], borrows[-1])
        with circuit.conjunction([self.ctrl, borrows[-1]], [1, 0]) as swapped:
            for a, b in pairs:
                circuit.cswap(swapped, a, b)
        for place in reversed(range(len(coin))):
            a, k, borrow = coin[place], keep[place], borrows.pop()
            if place:
                circuit.cx(borrows[-1], borrow)
            circuit.erase_and(a, k, borrow)
            if place:
                circuit.cx(borrows[-1], k)
                circuit.cx(borrows[-1], a)
            circuit.x(a)


def _shares(odds: np.ndarray, capacity: int) -> list[int]:
    """Return integers near odds * s * capacity that sum to s * capacity: largest remainders."""
    exact = odds * len(odds) * capacity
    shares = np.floor(exact).astype(np.int64)
    missing = len(odds) * capacity - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    return [int(share) for share in shares]


def _alias_table(shares: Sequence[int], capacity: int) -> tuple[tuple[int, int], ...]:
    """Walker's table by Vose's two stacks: every entry keeps its own share below `capacity`, another fills up."""
    left = list(shares)
    table = [(entry, 0) for entry in range(len(left))]
    small = [entry for entry, share in enumerate(left) if share < capacity]
    large = [entry for entry, share in enumerate(left) if share > capacity]
    while small:
        entry, donor = small.pop(), large[-1]
        table[entry] = (donor, left[entry])
        left[donor] -= capacity - left[entry]
        if left[donor] <= capacity:
            large.pop()
            if left[donor] < capacity:
                small.append(donor)
    return tuple(table)
