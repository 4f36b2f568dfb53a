r"""Rotations by addition into a phase-gradient state: a catalyst made once, ANDs instead of words of T gates.

Comes in: a `Program` and the b bits of its angles. Goes out: a `Program` without rz and ry. The catalyst is
$|g> = 2^{-B/2} \sum_k e^{-2 \pi i k / 2^b} |k>$ on B = b - 3 wires. Adding c modulo 2^B multiplies it by
$e^{2 \pi i c / 2^b}$ but for the carry out, which a T gate on the carry turns back ($e^{i \pi/4}$ each), so an addition
of c controlled by a wire is diag(1, e^{2 pi i c / 2^b}) on it, and the catalyst is as before (C. Gidney,
arXiv:1709.06648; Sanders et al., arXiv:2007.07391; the bits above pi/4 left out, derived here, tested). A rotation by
|theta| is quarter turns and an addition of at most pi/4, a negative one the inverse circuit.

Errors. Rounding an angle to multiples of 2 pi / 2^b moves it by at most pi / 2^b, and rz by half of that in operator
norm, pi / 2^(b+1), the global phase kept (proved). The catalyst's error enters twice, however many rotations there are:
with V the exact preparation of |g>, V~ the synthesized one and U all the additions, V^dag U V |0> = |0> R with R the
rounded rotations exactly, and ||V~^dag U V~ - V^dag U V|| <= 2 ||V~ - V|| (linearity; proved).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from carlemanc.core.errors import TooLarge
from carlemanc.programs.angles import eighths, rz_word
from carlemanc.programs.gridsynth import Gridsynth, gridsynth_t, rest_of
from carlemanc.programs.placed_gates import TARGET, PlacedGate, inverse_gates, on_wire

TOP_BITS: Final = 3
"""Bits of an angle that stand for pi, pi/2 and pi/4: they are Clifford gates and one T."""
MOST_BITS: Final = 50
"""An angle of more bits says nothing: it is a float."""
_LARGEST_ERROR: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseGradient:
    """How the rotations of one circuit are made.

    Args:
        bits: b; angles are multiples of 2 pi / 2^b.
        catalyst_error: operator-norm precision of each rotation of the catalyst.
    """

    bits: int
    catalyst_error: float

    @property
    def wires(self) -> int:
        """Wires of the catalyst."""
        return self.bits - TOP_BITS

    def steps(self, angle: float) -> int:
        """Return c: the size of the addition for rz(angle), 0 to 2^(b-3), the quarter turns left out."""
        return round(abs(rest_of(angle)) / (2 * math.pi) * (1 << self.bits))

    def ands(self, angle: float) -> int:
        """Return the ANDs of rz(angle): one for each bit from the last 1 of c on; as many are undone."""
        c = self.steps(angle)
        return self.wires - _zeros(c) if self._adds(c) and eighths(angle) is None else 0

    def t(self, angle: float) -> int:
        """Return the T gates of rz(angle) outside ANDs: that of the carry, or of a rounded angle of pi/4."""
        return int(self.steps(angle) != 0) if eighths(angle) is None else 0

    def error(self, angle: float) -> float:
        """Return the operator-norm error of rz(angle) by rounding."""
        if eighths(angle) is not None:
            return 0.0
        moved = abs(abs(rest_of(angle)) - self.steps(angle) * 2 * math.pi / (1 << self.bits))
        return 2 * math.sin(moved / 4)

    def added_wires(self, angles: Iterable[float]) -> int:
        """Return the wires of the catalyst, and of the carries that the additions for these angles share."""
        return self.wires + max((self.ands(angle) for angle in angles), default=0)

    @property
    def catalyst_t(self) -> int:
        """T gates that prepare the catalyst and undo it."""
        return 2 * sum(self._catalyst.t(self._catalyst_angle(j)) for j in range(self.wires))

    @property
    def catalyst_whole_error(self) -> float:
        """Operator-norm error, at most, of the catalyst's preparation and its inverse together."""
        return 2 * math.fsum(self._catalyst.error(self._catalyst_angle(j)) for j in range(self.wires))

    def _adds(self, c: int) -> bool:
        return 0 < c < 1 << self.wires

    def _catalyst_angle(self, j: int) -> float:
        """Size of the phase of |1> on wire j of the catalyst; the phase is negative."""
        return 2 * math.pi * 2.0 ** (j - self.bits)

    @property
    def _catalyst(self) -> Gridsynth:
        return Gridsynth(epsilon=self.catalyst_error)

    # --- gates ---------------------------------------------------------------------------------------------

    def catalyst_gates(self, first: int) -> list[PlacedGate]:
        """Return the gates that make the catalyst on wires `first`.. from |0>, least significant first."""
        gates: list[PlacedGate] = []
        for j in range(self.wires):
            angle = self._catalyst_angle(j)
            gates += [("h", (first + j,), 0.0), *on_wire(self._catalyst.word(-angle), first + j)]
            gates.append(("gphase", (), -angle / 2))
        return gates

    def rotation_gates(self, angle: float, first: int) -> list[PlacedGate]:
        """Return the gates of rz(angle) on `TARGET`; the catalyst starts at wire `first`, the carries behind it."""
        if eighths(angle) is not None:
            return on_wire(rz_word(angle))
        turns, rest = round(angle / (math.pi / 2)), rest_of(angle)
        gates = self._part_turn(self.steps(angle), first)
        if rest < 0:
            gates = inverse_gates(gates)
        return [*on_wire(rz_word(turns * (math.pi / 2))), *gates]

    def _part_turn(self, c: int, first: int) -> list[PlacedGate]:
        """Return the gates of rz by 2 pi c / 2^b, 0 <= c <= 2^(b-3)."""
        angle = 2 * math.pi * c / (1 << self.bits)
        if not self._adds(c):
            return on_wire(rz_word(math.pi / 4 if c else 0.0))
        return [*self._addition(c, first), ("gphase", (), -angle / 2)]

    def _addition(self, c: int, first: int) -> list[PlacedGate]:
        """Return the gates that add c, controlled by the target, to the catalyst, T on the carry out."""
        zeros, carry = _zeros(c), first + self.wires - _zeros(c) - 1  # carry + i is the carry into bit i
        start: PlacedGate = ("and", (TARGET, first + zeros, carry + zeros + 1), 0.0)
        up: list[PlacedGate] = [start]
        down: list[list[PlacedGate]] = []
        for i in range(zeros + 1, self.wires):
            into, out, bit = carry + i, carry + i + 1, first + i
            if c >> i & 1:
                up += [_cx(into, TARGET), _cx(into, bit), ("and", (TARGET, bit, out), 0.0)]
                up += [_cx(into, out), _cx(into, TARGET)]
                down.append(
                    [
                        *(_cx(into, TARGET), _cx(into, out), ("and_dg", (TARGET, bit, out), 0.0)),
                        *(_cx(into, TARGET), _cx(TARGET, bit)),
                    ]
                )
            else:
                up.append(("and", (bit, into, out), 0.0))
                down.append([("and_dg", (bit, into, out), 0.0), _cx(into, bit)])
        last: list[PlacedGate] = [("and_dg", start[1], 0.0), _cx(TARGET, first + zeros)]
        turned: PlacedGate = ("t", (carry + self.wires,), 0.0)
        return [*up, turned, *(gate for gates in reversed(down) for gate in gates), *last]


def phase_gradient(rotations: int, epsilon: float) -> PhaseGradient:
    """Return the cheapest phase gradient that makes a number of rotations within epsilon each, the catalyst included.

    The bits are the fewest for which rounding leaves room, or up to two more where a coarser catalyst saves more.
    Raises TooLarge where angles would need more than `MOST_BITS`.
    """
    total, found = epsilon * max(1, rotations), []
    least = max(TOP_BITS + 1, math.ceil(math.log2(math.pi / 2 / epsilon)))
    for bits in range(least, least + 3):
        left = total - max(1, rotations) * math.pi * 2.0 ** -(bits + 1)
        wires = bits - TOP_BITS
        if left > total * 1e-3:
            each = min(left / (2 * wires), _LARGEST_ERROR)
            cost = 4 * rotations * (wires - 1) + 2 * wires * gridsynth_t(each)
            found.append((cost, bits, each))
    _, bits, each = min(found)
    if bits > MOST_BITS:
        raise TooLarge(
            "the phase gradient",
            size=f"{bits} bits an angle, to keep a rotation within {epsilon:.3g}",
            limit=f"{MOST_BITS} bits",
            instead='Raise solver.epsilon, or use compile.synthesis = "gridsynth".',
        )
    return PhaseGradient(bits=bits, catalyst_error=each)


def _zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _cx(control: int, target: int) -> PlacedGate:
    return ("cx", (control, target), 0.0)
