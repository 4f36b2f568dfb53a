"""Loader of a state that is a tensor train over bits: a staircase of multiplexed rotations, in place."""

from __future__ import annotations

import attrs

from carlemanc.bloqs.amplitudes.train_layers import Layer, train_layers
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.model.starts.train import Train


@attrs.frozen(cache_hash=True)
class TrainAmplitudes(BitBloq):
    """Map |0> to f / ||f||.

    No bit but the target is used, so the bloq is unitary on all of it.

    Args:
        size: number of target bits m.
        layers: rotations, in the order of the circuit (`train_layers`).
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: a product over bits one rotation a bit, Clifford where both values have the same size; rank 2^b at most 4^b
    rotations a bit, fewer where the function has zeros or equal parts; twice that when controlled. No Toffoli.
    """

    size: int
    layers: tuple[Layer, ...]
    eps: float = 0.0
    is_controlled: bool = False

    @classmethod
    def of(cls, train: Train, eps: float = 0.0) -> TrainAmplitudes:
        """Return the loader of a rounded train."""
        return cls(train.bits, train_layers(train), eps)

    @property
    def values(self) -> tuple[float, ...]:
        """The sign of a start of no bits: positive."""
        return (1.0,)

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    def build(self, circuit: BitCircuit) -> None:
        target = self.bits("target")
        for layer in self.layers:
            turn = MultiplexedRy(layer.angles, self.eps, self.is_controlled)
            address = [target[bit] for bit in layer.address]
            circuit.call(turn, ctrl=self.ctrl, address=address, target=target[layer.target])
