"""Loader of a real state with few nonzero amplitudes, from |0>, in place and unitary on every other state."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from carlemanc.bloqs.amplitudes.affine_frame import AffineFrame, affine_frame
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import integers, numbers
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.core.arrays import FloatArray


@attrs.frozen(cache_hash=True)
class SparseAmplitudes(BitBloq):
    """Map |0> to sum_i amplitude_i |i> over the given support (normalized here).

    A rotation tree puts the amplitudes on b = ceil(log2 s) bits of the target, an affine map by CNOTs carries
    that face to one chosen to hold much of the support, and each entry outside it is brought in by one
    transposition. No bit but the target is used, so the bloq is unitary on all of it, which its use inside a
    block encoding needs: there it also meets states that are flagged already.

    Args:
        size: number of target bits m.
        support: strictly increasing indices below 2^m.
        values: real amplitudes, not all zero.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost for s entries: at most 2^b - 1 rotations (twice that when controlled) and m - 2 Toffoli (m - 1 when
    controlled) for each entry outside the face: none where the support is an affine subspace, at most
    s - b - 1 entries ever.

    References:
        Derived here; checked against the vector, and as a unitary.
    """

    size: int
    support: tuple[int, ...] = attrs.field(converter=integers)
    values: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    @classmethod
    def from_vector(cls, vector: FloatArray, size: int, eps: float = 0.0) -> SparseAmplitudes:
        """Build from a dense vector of length <= 2^size, dropping exact zeros."""
        support = np.flatnonzero(vector)
        return cls(size, tuple(support.tolist()), tuple(vector[support].tolist()), eps)

    def dense_row(self) -> tuple[float, ...]:
        """Return all 2^size amplitudes (not normalized)."""
        row = np.zeros(1 << self.size)
        row[list(self.support)] = self.values
        return tuple(row.tolist())

    @property
    def rank_size(self) -> int:
        """Number of bits that number the support."""
        return (len(self.support) - 1).bit_length()

    @cached_property
    def _frame(self) -> AffineFrame:
        return affine_frame(self.support, self.size, self.rank_size)

    @cached_property
    def _moved(self) -> list[tuple[int, int]]:
        """(place in the face, place outside) of every entry the face does not hold; in frame coordinates."""
        taken = {place for place in map(self._frame.coordinates, self.support) if self._frame.on_face(place)}
        free = [place for place in self._frame.face() if place not in taken]
        moved = []
        for place in map(self._frame.coordinates, self.support):
            if not self._frame.on_face(place):
                below = place & self._frame.face_mask
                home = below if below in free else free[0]
                free.remove(home)
                moved.append((home, place))
        return moved

    @cached_property
    def _row(self) -> tuple[float, ...]:
        """Amplitudes on the face, addressed by its bits."""
        home = {place: inside for inside, place in self._moved}
        row = np.zeros(1 << self.rank_size)
        for index, value in zip(self.support, self.values, strict=True):
            place = self._frame.coordinates(index)
            row[self._frame.rank(home.get(place, place))] = value
        return tuple(row.tolist())

    def build(self, circuit: BitCircuit) -> None:
        if not self.size:
            return
        target = self.bits("target")
        face = [target[bit] for bit in self._frame.pivots]
        if self.is_controlled:  # off: the map and its inverse cancel; on: the map fixes |0>
            self._spread(circuit, target)
        if face:
            tree = RotationTree((self._row,), self.eps, self.is_controlled)
            circuit.call(tree, ctrl=self.ctrl, target=face)
        elif self.values[0] < 0:
            circuit.negate(self.ctrl, target[0])
        for inside, outside in self._moved:
            self._transpose(circuit, target, inside, outside)
        self._spread(circuit, target)
        circuit.xor(self._frame.origin, target, self.ctrl)

    def _spread(self, circuit: BitCircuit, target: list[Bit]) -> None:
        """The linear part of the frame, its own inverse: CNOTs from pivots to other bits."""
        for pivot, vector in zip(self._frame.pivots, self._frame.basis, strict=True):
            for position, bit in enumerate(target):
                if position != pivot and vector >> position & 1:
                    circuit.cx(target[pivot], bit)

    def _transpose(self, circuit: BitCircuit, target: list[Bit], inside: int, outside: int) -> None:
        """Exchange two basis states: align their bits to one where they differ, flip that one, and back."""
        difference = inside ^ outside
        flipped = (difference & ~self._frame.face_mask).bit_length() - 1
        aligned = [i for i in range(self.size) if difference >> i & 1 and i != flipped]
        for i in aligned:
            circuit.cx(target[flipped], target[i])
        pattern = inside ^ sum((inside >> flipped & 1) << i for i in aligned)
        others = [i for i in range(self.size) if i != flipped]
        bits, values = [target[i] for i in others], [pattern >> i & 1 for i in others]
        circuit.flip(target[flipped], [self.ctrl, *bits], [1, *values])
        for i in aligned:
            circuit.cx(target[flipped], target[i])
