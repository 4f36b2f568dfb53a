"""The time register of the right-hand side: one weight at time 0, another at times 1..T."""

from __future__ import annotations

import math

import attrs

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy


@attrs.frozen(cache_hash=True)
class TimeWeights(BitBloq):
    """Map |0> to a |0> + b sum_{t=1..last} |t>, normalized, with b = sqrt(rest) and a = sqrt(first).

    Every node of the rotation tree is either full (an even split) or on the path of 0 or of `last`; two flags
    say which, so a bit costs at most four rotations and two Toffoli whatever `last` is.

    Args:
        size: number of bits.
        last: the last time with weight, 1 <= last < 2^size.
        first, rest: non-negative weights (squared amplitudes) of time 0 and of each later time.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    References:
        Derived here; checked against the vector.
    """

    size: int
    last: int
    first: float
    rest: float
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"time": self.size}

    def build(self, circuit: BitCircuit) -> None:
        time = self.bits("time")
        flags: list[tuple[Bit, Bit]] = []
        steps: list[tuple[Bit, Bit, Bit, tuple[int, int]]] = []
        for position in range(self.size - 1, -1, -1):
            self._split(circuit, position, flags[-1] if flags else None)
            if position:
                flags.append(
                    self._follow(circuit, time[position], position, flags[-1] if flags else None, steps)
                )
        for a, b, target, values in reversed(steps):
            if a == b:
                circuit.cx(a, target)
                if values[0] == 0:
                    circuit.x(target)
                circuit.free(target)
            else:
                circuit.erase_and(a, b, target, values)

    def _follow(
        self,
        circuit: BitCircuit,
        bit: Bit,
        position: int,
        above: tuple[Bit, Bit] | None,
        steps: list[tuple[Bit, Bit, Bit, tuple[int, int]]],
    ) -> tuple[Bit, Bit]:
        """Return the flags [bits so far are those of 0] and [... of `last`] including `bit`."""
        result = []
        for which, wanted in enumerate((0, self.last >> position & 1)):
            if above is None:
                flag = circuit.allocate()
                if wanted == 0:
                    circuit.x(flag)
                circuit.cx(bit, flag)
                steps.append((bit, bit, flag, (wanted, wanted)))
            else:
                flag = circuit.and_(above[which], bit, (1, wanted))
                steps.append((above[which], bit, flag, (1, wanted)))
            result.append(flag)
        return result[0], result[1]

    def _split(self, circuit: BitCircuit, position: int, flags: tuple[Bit, Bit] | None) -> None:
        """Rotate bit `position` by the angle its node asks for."""
        half = 1 << position
        start_of_last = self.last >> (position + 1) << (position + 1)
        angles: tuple[float, ...] = (self._angle(0, half),)
        if flags:  # address bits: on the path of 0, on the path of `last`; both paths may run together
            angles = (math.pi / 2, *angles, self._angle(start_of_last, half), *angles)
        rotation = MultiplexedRy(angles, self.eps, self.is_controlled)
        circuit.call(rotation, ctrl=self.ctrl, address=list(flags or ()), target=("time", position))

    def _angle(self, start: int, half: int) -> float:
        low, high = self._weight(start, start + half), self._weight(start + half, start + 2 * half)
        return 2 * math.atan2(math.sqrt(high), math.sqrt(low))

    def _weight(self, start: int, stop: int) -> float:
        """Total weight of the times start..stop-1."""
        count = max(0, min(stop, self.last + 1) - max(start, 1))
        return self.rest * count + (self.first if start == 0 else 0.0)
