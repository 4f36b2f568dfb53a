"""The uniform superposition of an interval of basis states: the first few, moved by an addition."""

from __future__ import annotations

from functools import cached_property

import attrs

from carlemanc.bloqs.amplitudes.train_amplitudes import TrainAmplitudes
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.site_arithmetic import add_constant
from carlemanc.model.starts.exact_trains import Grid


@attrs.frozen(cache_hash=True)
class IntervalAmplitudes(BitBloq):
    """Map |0> to sign (high - low)^(-1/2) sum_{low <= i < high} |i>; unitary on all of the target.

    Args:
        size: number of target bits.
        low, high: the interval, 0 <= low < high <= 2^size.
        sign: +1 or -1.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: at most four rotations a bit, twice that when controlled, and size - 1 Toffoli; an aligned interval of 2^s
    sites takes Clifford gates alone.
    """

    size: int
    low: int
    high: int
    sign: int = 1
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"target": self.size}

    @property
    def values(self) -> tuple[float, ...]:
        """The first amplitude: the sign."""
        return (float(self.sign),)

    @cached_property
    def _first(self) -> TrainAmplitudes:
        count = self.high - self.low
        train = Grid(dims=(1 << self.size,)).interval("i", 0, count)
        return attrs.evolve(TrainAmplitudes.of(train.rounded(), self.eps), is_controlled=self.is_controlled)

    def build(self, circuit: BitCircuit) -> None:
        target = self.bits("target")
        circuit.call(self._first, ctrl=self.ctrl, target=target)
        zeros = (self.high - self.low - 1).bit_length()  # the interval is within the bits below
        if self.low % (1 << zeros) == 0:
            circuit.xor(self.low, target, self.ctrl)
        else:
            with circuit.active(self.ctrl) as on:
                add_constant(circuit, on, target, self.low)
        if self.sign < 0:
            circuit.negate(self.ctrl, target[0])
