"""Loader of a real state with few nonzero amplitudes, from |0>."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from carlemanc.bloqs.bit_circuit import Bit, BitBloq, BitCircuit
from carlemanc.bloqs.lookup import Lookup
from carlemanc.bloqs.rotation_tree import RotationTree
from carlemanc.bloqs.tables import integers, numbers


@attrs.frozen(cache_hash=True)
class SparseAmplitudes(BitBloq):
    """Map |0> to sum_i amplitude_i |i> over the given support (normalized here).

    A rotation tree prepares the rank of the entry on ceil(log2 s) bits, a lookup turns rank into index, and a
    reverse lookup, one comparison per entry, erases the rank. A support that fills at least half of the
    register is prepared by the tree on the register itself.

    Args:
        size: number of target bits m.
        support: strictly increasing indices below 2^m.
        values: real amplitudes, not all zero.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost for s entries: s - 1 rotations (twice that when controlled), s - 2 Toffoli for the lookup and at most
    s (m - 1) for erasing the rank.

    References:
        The sparse recipe of QLSS.md section 4 (derived there); checked here against the vector.
    """

    size: int
    support: tuple[int, ...] = attrs.field(converter=integers)
    values: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    @classmethod
    def from_vector(cls, vector: np.ndarray, size: int, eps: float = 0.0) -> SparseAmplitudes:
        """Build from a dense vector of length <= 2^size, dropping exact zeros."""
        support = np.flatnonzero(vector)
        return cls(size, tuple(support.tolist()), tuple(vector[support].tolist()), eps)

    @property
    def rank_size(self) -> int:
        """Number of bits that number the support."""
        return (len(self.support) - 1).bit_length()

    @cached_property
    def _is_dense(self) -> bool:
        return self.rank_size >= self.size

    def build(self, circuit: BitCircuit) -> None:
        if not self.size:
            return
        control = {"ctrl": "ctrl"} if self.is_controlled else {}
        target = self.bits("target")
        if self._is_dense:
            row = np.zeros(1 << self.size)
            row[list(self.support)] = self.values
            circuit.call(RotationTree((tuple(row),), self.eps, self.is_controlled), **control, target=target)
            return
        if self.rank_size == 0:
            circuit.call(Lookup((self.support[0],), self.size, self.is_controlled), **control, target=target)
            if self.values[0] < 0:
                self._change_sign(circuit, target[0])
            return
        row = np.zeros(1 << self.rank_size)
        row[: len(self.values)] = self.values
        rank = [circuit.allocate() for _ in range(self.rank_size)]
        circuit.call(RotationTree((tuple(row),), self.eps, self.is_controlled), **control, target=rank)
        padded = self.support + (self.support[-1],) * (len(row) - len(self.support))
        circuit.call(Lookup(padded, self.size, self.is_controlled), **control, address=rank, target=target)
        self._erase_rank(circuit, target, rank)

    def _change_sign(self, circuit: BitCircuit, bit: Bit) -> None:
        """The phase -1: on `ctrl`, or as Z X Z X on any bit."""
        if self.is_controlled:
            circuit.z("ctrl")
            return
        for _ in range(2):
            circuit.z(bit)
            circuit.x(bit)

    def _erase_rank(self, circuit: BitCircuit, target: list[Bit], rank: list[Bit]) -> None:
        """XOR rank r into the rank bits where the target holds support[r]; rank 0 needs nothing."""
        control: list[Bit] = ["ctrl"] if self.is_controlled else []
        for number, index in enumerate(self.support):
            if number == 0:
                continue
            values = [*([1] * len(control)), *(index >> i & 1 for i in range(self.size))]
            with circuit.conjunction([*control, *target], values) as found:
                for i, bit in enumerate(rank):
                    if number >> i & 1:
                        circuit.cx(found, bit)
        for bit in rank:
            circuit.free(bit)
