"""Real amplitude vectors on a register, chosen by an address: the rotation tree."""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np
import numpy.typing as npt

from carlemanc.bloqs.bit_circuit import BitBloq, BitCircuit
from carlemanc.bloqs.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.tables import number_rows


@attrs.frozen(cache_hash=True)
class RotationTree(BitBloq):
    """Map |address>|0> to |address> sum_k amplitude[address, k] |k>; amplitudes are real and may be negative.

    Args:
        amplitudes: 2^a rows (one per address) of 2^b amplitudes; each row is normalized here and must not be
        zero.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: at most 2^a (2^b - 1) rotations (twice that when controlled), no Toffoli.

    References:
        Grover and Rudolph, arXiv:quant-ph/0208112, with multiplexed rotations; checked numerically.
    """

    amplitudes: tuple[tuple[float, ...], ...] = attrs.field(converter=number_rows)
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def address_size(self) -> int:
        """Number of address bits a."""
        return (len(self.amplitudes) - 1).bit_length()

    @property
    def target_size(self) -> int:
        """Number of target bits b."""
        return (len(self.amplitudes[0]) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.address_size, "target": self.target_size}

    @cached_property
    def _layers(self) -> list[MultiplexedRy]:
        """Layer d rotates target bit b-1-d, multiplexed on the address and the d bits above it."""
        rows = np.array(self.amplitudes)
        if rows.shape != (1 << self.address_size, 1 << self.target_size):
            raise ValueError(f"amplitude table must be 2^a by 2^b, found {rows.shape}")
        layers = []
        for depth in range(self.target_size):
            angles = _layer_angles(rows, depth)
            layers.append(MultiplexedRy(angles.reshape(-1), self.eps, self.is_controlled))
        return layers

    def build(self, circuit: BitCircuit) -> None:
        target = self.bits("target")
        control = {"ctrl": "ctrl"} if self.is_controlled else {}
        for depth, layer in enumerate(self._layers):
            bit = target[self.target_size - 1 - depth]
            above = [target[self.target_size - depth + i] for i in range(depth)]
            address = [*above, *self.bits("address")]
            on = {"address": address} if address else {}
            circuit.call(layer, **control, **on, target=bit)


def _layer_angles(rows: npt.NDArray[np.float64], depth: int) -> npt.NDArray[np.float64]:
    """Angles of layer `depth`, (addresses, 2^depth): 2 atan2 of the two half norms, signed at the leaves.

    A node without weight may turn by any angle; it takes a neighbor's, which saves rotations.
    """
    halves = rows.reshape(len(rows), 1 << depth, 2, -1)
    leaf = halves.shape[-1] == 1
    low, high = (
        halves[:, :, side, 0] if leaf else np.linalg.norm(halves[:, :, side], axis=-1) for side in (0, 1)
    )
    angles = 2 * np.arctan2(high, low)
    _copy_into_idle(angles, (low == 0) & (high == 0))
    return angles


def _copy_into_idle(angles: npt.NDArray[np.float64], idle: npt.NDArray[np.bool_]) -> None:
    """Overwrite idle entries, (addresses, 2^d): half by half along each row, from the smallest halves up."""
    size = 1
    while size < angles.shape[1]:
        values, unused = angles.reshape(-1, 2, size), idle.reshape(-1, 2, size)
        for side in (0, 1):
            whole = unused[:, side].all(axis=1) & ~unused[:, 1 - side].all(axis=1)
            values[whole, side] = values[whole, 1 - side]
            unused[whole, side] = unused[whole, 1 - side]
        size *= 2
