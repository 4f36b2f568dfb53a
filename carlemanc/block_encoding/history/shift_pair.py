"""The qubit c that adds -S (x) B to the identity: the states it is put in and projected on."""

from __future__ import annotations

import math

import attrs
from qualtran.bloqs.basic_gates import Ry

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.nearly import SAME, turn
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.core.formula import Formula

EQUAL = Formula(
    text="alpha = 1 + alpha_B, alpha_B the subnormalization of the step I + A", status="derived here"
)
ONE_SIDED = Formula(
    text="alpha = sqrt(2 (1 + alpha_B^2)), alpha_B the subnormalization of the step I + A",
    status="derived here",
)


@attrs.frozen(cache_hash=True, kw_only=True)
class ShiftPair:
    r"""Two states of c whose products of amplitudes are 1/alpha on |0> and alpha_B/alpha on |1>.

    * Equal sides, cos|0> + sin|1> with tan^2 = alpha_B: two rotations, alpha = 1 + alpha_B.
    * One-sided, |+> and cos|0> + sin|1> with tan = alpha_B: one rotation, alpha = sqrt(2 (1 + alpha_B^2)), the least
      that |+> allows (Cauchy-Schwarz); near alpha_B = 1 hardly more (derived here).

    Args:
        alpha_step: alpha_B.
        is_one_sided: which of the two.
        when_off: product of the amplitudes on |0> where a control is 0 and c is only turned and turned back.
        eps: synthesis precision of each rotation.
    """

    alpha_step: float
    is_one_sided: bool
    when_off: float = 1.0
    eps: float = 0.0

    @property
    def alpha(self) -> float:
        """Subnormalization of 1 and alpha_B together."""
        return math.hypot(1, self.alpha_step) * math.sqrt(2) if self.is_one_sided else 1 + self.alpha_step

    @property
    def formula(self) -> Formula:
        """How alpha follows from alpha_B."""
        return ONE_SIDED if self.is_one_sided else EQUAL

    @property
    def _angles(self) -> tuple[float, float]:
        """Of the state c is put in, and of the one it is projected on."""
        if self.is_one_sided:
            return math.pi / 2, 2 * math.atan(self.alpha_step)
        angle = 2 * math.atan(math.sqrt(self.alpha_step))
        return angle, angle

    def prepare(self, circuit: BitCircuit, c: Bit) -> None:
        """Put c, in |0>, in the first state."""
        circuit.call(Ry(self._angles[0], eps=self.eps), q=c)

    def unprepare(self, circuit: BitCircuit, c: Bit, ctrl: Bit | None) -> None:
        """Take the second state to |0>; where `ctrl` is 0 the first, or one of overlap `when_off` with it."""
        first, second = self._angles
        off = first - turn(self.when_off)
        if ctrl is None or abs(off - second) <= SAME:
            circuit.call(Ry(-second, eps=self.eps), q=c)
        else:
            circuit.call(MultiplexedRy((-off, -second), self.eps), address=[ctrl], target=c)
