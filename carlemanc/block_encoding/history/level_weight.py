"""One flag that scales every output level to the common subnormalization."""

from __future__ import annotations

import attrs

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.nearly import SAME, turn


@attrs.frozen(cache_hash=True)
class LevelWeight(BitBloq):
    """Rotate `flag` so that its |0> amplitude is weights[a] on the a-th level of the thermometer register.

    Angles add along the thermometer, one for each bit that is 1. A rotation by a where a bit is 1 is one by a/2 and
    one by -a/2 between two CNOTs; the former need no bit, so that one rotation does for all of them.

    Args:
        weights: cos(theta_a / 2) per level, each in [0, 1].
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: one rotation more than there are changes of weight from level to level, ctrl = 0 being a level of weight 1.
    """

    weights: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"flag": None, "level": len(self.weights) - 1}

    def build(self, circuit: BitCircuit) -> None:
        angles = [turn(weight) for weight in self.weights]
        control: list[Bit] = ["ctrl"] if self.is_controlled else []
        terms = [(angles[0], control)]
        for bit, before, after in zip(self.bits("level"), angles, angles[1:], strict=False):
            terms.append((after - before, [*control, bit]))
        terms = [(angle, bits) for angle, bits in terms if abs(angle) > SAME]
        always = sum(angle if not bits else angle / 2 for angle, bits in terms)
        if abs(always) > SAME:
            circuit.ry(always, "flag", self.eps)
        for angle, bits in terms:
            if bits:
                with circuit.conjunction(bits) as active:
                    circuit.cx(active, "flag")
                    circuit.ry(-angle / 2, "flag", self.eps)
                    circuit.cx(active, "flag")
