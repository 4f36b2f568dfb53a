"""One flag that scales every output level to the common subnormalization."""

from __future__ import annotations

import math

import attrs

from carlemanc.bloqs.bit_circuit import BitBloq, BitCircuit
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.tables import numbers


@attrs.frozen(cache_hash=True)
class LevelWeight(BitBloq):
    """Rotate `flag` so that its |0> amplitude is weights[a] on the a-th level of the thermometer register.

    Angles add along the thermometer: one rotation, then one controlled by each level bit.

    Args:
        weights: cos(theta_a / 2) per level, each in [0, 1].
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.
    """

    weights: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"flag": None, "level": len(self.weights) - 1}

    def build(self, circuit: BitCircuit) -> None:
        angles = [2 * math.acos(min(1.0, weight)) for weight in self.weights]
        self._rotate(circuit, angles[0], [])
        for bit, before, after in zip(self.bits("level"), angles, angles[1:], strict=False):
            self._rotate(circuit, after - before, [bit])

    def _rotate(self, circuit: BitCircuit, angle: float, bits: list[object]) -> None:
        controls = [*(["ctrl"] if self.is_controlled else []), *bits]
        if abs(angle) < 1e-14:
            return
        if not controls:
            circuit.call(MultiplexedRy((angle,), self.eps), target="flag")
            return
        with circuit.conjunction(controls) as active:
            circuit.call(MultiplexedRy((0.0, angle), self.eps), address=[active], target="flag")
