"""The uniform superposition of the first n basis states."""

from __future__ import annotations

import attrs

from carlemanc.bloqs.amplitudes.time_weights import TimeWeights
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy


@attrs.frozen(cache_hash=True)
class UniformAmplitudes(BitBloq):
    """Map |0> to sign n^(-1/2) sum_{i < n} |i>; unitary on all of the target.

    Args:
        size: number of target bits, n <= 2^size.
        count: n.
        sign: +1 or -1.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: Hadamard gates where n = 2^size (two T each when controlled), else at most four rotations a bit.
    """

    size: int
    count: int
    sign: int = 1
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    @property
    def values(self) -> tuple[float, ...]:
        """The first amplitude: the sign."""
        return (float(self.sign),)

    def dense_row(self) -> tuple[float, ...]:
        """Return all 2^size amplitudes (not normalized)."""
        return tuple(float(self.sign) if i < self.count else 0.0 for i in range(1 << self.size))

    def build(self, circuit: BitCircuit) -> None:
        target = self.bits("target")
        if self.count == 1 << self.size:
            turn = MultiplexedRy((1.5707963267948966,), self.eps, self.is_controlled)
            for bit in target:
                circuit.call(turn, ctrl=self.ctrl, target=bit)
        else:
            weights = TimeWeights(self.size, self.count - 1, 1.0, 1.0, self.eps, self.is_controlled)
            circuit.call(weights, ctrl=self.ctrl, time=target)
        if self.sign < 0:
            circuit.negate(self.ctrl, target[0])
