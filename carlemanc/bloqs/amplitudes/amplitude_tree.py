"""Amplitudes on a register, one vector per address, with a flag for what a vector lacks in norm."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookup_data import LookupShape
from carlemanc.bloqs.nearly import SAME
from carlemanc.bloqs.rotations.indexed_ry import IndexedRy, indexed_ry
from carlemanc.bloqs.rotations.loaded_ry import LoadedRy
from carlemanc.core.arrays import FloatArray, Mask


@attrs.frozen(cache_hash=True)
class AmplitudeTree(BitBloq):
    """Map |x>|0>|0> to |x> (sum_k a[x, k] |k>|0> + sqrt(1 - ||a[x]||^2) |..>|1>), target and flag.

    Args:
        layers: one rotation for the flag, addressed by x, then one per target bit from the highest down,
            addressed by the target bits above it (low) and x (high).
        is_controlled: do nothing where `ctrl` is 0.

    References:
        Grover and Rudolph, arXiv:quant-ph/0208112; angles multiplexed or loaded layer by layer.
    """

    layers: tuple[IndexedRy, ...]
    is_controlled: bool = False

    @property
    def address_size(self) -> int:
        """Number of address bits."""
        return self.layers[0].bit_registers()["address"] or 0

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.address_size, "target": len(self.layers) - 1, "flag": None}

    def build(self, circuit: BitCircuit) -> None:
        address, target = self.bits("address"), self.bits("target")
        size = len(target)
        for depth, layer in enumerate([*self.layers[1:], self.layers[0]]):
            turned: Bit = target[size - 1 - depth] if depth < size else "flag"
            above = target[size - depth :] if 0 < depth < size else []
            rotation = attrs.evolve(layer, is_controlled=self.is_controlled)
            circuit.call(rotation, ctrl=self.ctrl, address=[*above, *address], target=turned)


def amplitude_tree(amplitudes: FloatArray, loading: Loading, eps: float = 0.0) -> AmplitudeTree:
    """Return the tree of (2^a, 2^b) real amplitudes, each row of norm at most 1; zero rows only raise the flag.

    Args:
        amplitudes: rows by address.
        loading: prices loads against rotations.
        eps: synthesis precision of each rotation.
    """
    squares = amplitudes**2
    norms = np.minimum(1.0, squares.sum(axis=1))
    kept = np.sqrt(norms)
    lost = np.where(norms < 1 - SAME, np.sqrt(1 - norms), 0.0)
    if amplitudes.shape[1] == 1:  # the sign has no target bit to turn
        kept = amplitudes[:, 0]
    layers = [indexed_ry(2 * np.arctan2(lost, kept), loading, eps)]
    for angles, unused in _layer_angles(amplitudes, squares):
        layers.append(indexed_ry(angles, loading, eps, unused))
    return AmplitudeTree(tuple(layers))


def _layer_angles(amplitudes: FloatArray, squares: FloatArray) -> Iterator[tuple[FloatArray, Mask]]:
    size = (amplitudes.shape[1] - 1).bit_length()
    for depth in range(size):
        if depth == size - 1:
            low, high = amplitudes[:, ::2], amplitudes[:, 1::2]
        else:
            halves = squares.reshape(len(squares), 1 << depth, 2, -1).sum(axis=-1)
            low, high = np.sqrt(halves[:, :, 0]), np.sqrt(halves[:, :, 1])
        unused = (low == 0) & (high == 0)
        yield 2 * np.arctan2(high, low).reshape(-1), unused.reshape(-1)


def amplitude_tree_shape(
    *, addresses: int, bits: int, most: int, total: int, loading: Loading, eps: float = 0.0
) -> AmplitudeTree:
    """Return the tree of a table known by its shape: counted and not emitted.

    Addresses of no vector raise the flag, so that its table tells them from the others: at most one entry for each
    node of the address tree that has vectors on one side alone.

    Args:
        addresses: number of vectors; bits: those of the register that holds their addresses.
        most: entries of the largest vector.
        total: entries of all vectors.
    """
    lone = min((1 << bits) - addresses, addresses * (bits - addresses.bit_length() + 1))
    layers: list[IndexedRy] = [LoadedRy(LookupShape(addresses + lone, bits), loading.bits, loading, eps)]
    size = (most - 1).bit_length()
    for depth in range(size):
        nodes = min(addresses * -(-most >> (size - depth)), total)
        layers.append(LoadedRy(LookupShape(nodes, bits + depth), loading.bits, loading, eps))
    return AmplitudeTree(tuple(layers))
