r"""What the rotations of a circuit cost by each way to synthesize them: gates, qubits and errors.

Comes in: the rotations by |angle|, a precision and the name of a method. Goes out: `RotationPrices`, which tallies of
synthesized circuits equal where the method is emitted. One precision is asked of every method, so that each keeps
the l2 error of what is read within the same bound:

* gridsynth: a word within epsilon of the rotation in operator norm; errors of R rotations move the state by R epsilon.
* phase-gradient: rounding and catalyst together within R epsilon in operator norm (`phase_gradient`).
* mixed-fallback: a mixture of measured circuits, a channel within delta of the rotation in diamond distance (without
  the factor 1/2, so a unitary within epsilon in operator norm is within 2 epsilon). It has no state: what it
  guarantees is a distribution. Diamond distances add, so the outcomes of R rotations are off by D = R delta in L1
  (twice the total variation), and magnitudes read as square roots of frequencies by at most sqrt(D) in l2, since
  $|\sqrt q - \sqrt p|^2 \le |q - p|$. Signs are read from the same distance on twice as many outcomes: the wrong
  ones add at most $2 \sqrt{2 D}$ (the Chernoff argument of `readout.bounds` with
  $g_i = \max(0, \sqrt{q_{right}} - \sqrt{q_{wrong}})$, and $m_i \le g_i$ plus both moves). Both are relative to the
  square root of the probability P of a copy, as a state's error is, hence
  $(1 + 2\sqrt 2)^2 R \delta = (R \epsilon)^2$: post-selection divides delta by P, not by its square root (derived here;
  proved for sampling, where each reading is a shot; no coherent use of the circuit is covered).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from carlemanc.core.progress import track
from carlemanc.programs.gridsynth import Gridsynth, gridsynth_t
from carlemanc.programs.phase_gradient import TOP_BITS, PhaseGradient, phase_gradient

GRIDSYNTH, MIXED_FALLBACK, PHASE_GRADIENT = "gridsynth", "mixed-fallback", "phase-gradient"
SYNTHESES = (GRIDSYNTH, MIXED_FALLBACK, PHASE_GRADIENT)
"""The ways that rotations become Clifford+T."""
_SAMPLED = (1 + 2 * math.sqrt(2)) ** 2
"""(magnitudes and signs)^2: by how much the error of what is read exceeds sqrt(D / P), squared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPrices:
    """Gates and errors of single rotations by |angle|, and what all of them share.

    Args:
        synthesis: the method.
        epsilon: operator-norm precision asked of each rotation, or what a channel of that guarantee keeps.
        t: T gates outside ANDs. `ands`: ANDs computed; as many are undone. `error`: at most, in operator norm.
        shared_t: T gates once a circuit: those of the catalyst. `shared_error`: what it adds to the error.
        qubits: wires beside those of the circuit.
        measured: measurements a rotation, beside those that undo ANDs.
        source: how T is counted.
        bound: how `error` is known.
        synthesizer: what writes a circuit with these counts; None where there is none.
    """

    synthesis: str
    epsilon: float
    t: Callable[[float], int]
    ands: Callable[[float], int]
    error: Callable[[float], float]
    shared_t: int = 0
    shared_error: float = 0.0
    qubits: int = 0
    measured: int = 0
    source: str = GRIDSYNTH
    bound: str = ""
    synthesizer: Gridsynth | PhaseGradient | None = None

    @property
    def is_emitted(self) -> bool:
        """Whether a circuit with these counts can be written."""
        return self.synthesizer is not None

    @property
    def assumption(self) -> str:
        """What the counts rest on, in one line."""
        if self.is_emitted:
            return f"rotations by {self.synthesis}: {self.bound}; errors of unitaries add up in operator norm"
        return (
            f"rotations by {self.synthesis}: counted, no one circuit can be written; {self.bound}: what is read from "
            f"samples is then within what unitaries within {self.epsilon:.2g} in operator norm would give (diamond "
            "distances add, post-selection divides by the probability; derived here). Cliffords, depth and a second "
            "measurement that may follow are left out"
        )

    def total_t(self, rotations: Mapping[float, int]) -> int:
        """Return the T gates of rotations outside ANDs, without the catalyst's."""
        return sum(times * self.t(angle) for angle, times in rotations.items())

    def total_ands(self, rotations: Mapping[float, int]) -> int:
        """Return the ANDs that rotations compute."""
        return sum(times * self.ands(angle) for angle, times in rotations.items())

    def all_t(self, rotations: Mapping[float, int]) -> int:
        """Return every T gate that synthesized rotations take: the catalyst's too, and four an AND."""
        return self.total_t(rotations) + self.shared_t + 4 * self.total_ands(rotations) if rotations else 0

    def total_error(self, rotations: Mapping[float, int]) -> float:
        """Return the operator-norm error of rotations, at most, without the catalyst's."""
        return math.fsum(times * self.error(angle) for angle, times in rotations.items())


def rotation_prices(
    rotations: Mapping[float, int], epsilon: float, synthesis: str, *, exact: bool
) -> RotationPrices:
    """Return the prices of a circuit's rotations.

    Args:
        rotations: |angle| -> number.
        epsilon: see `RotationPrices`.
        synthesis: "gridsynth", "phase-gradient" or "mixed-fallback".
        exact: work every angle out; otherwise T is by a fit or a bound and errors are the precision.
    """
    number = sum(rotations.values())
    if synthesis == MIXED_FALLBACK:
        return _mixed_fallback(number, epsilon)
    if synthesis == PHASE_GRADIENT and number:
        return _phase_gradient(rotations, number, epsilon, exact=exact)
    return _gridsynth(rotations, epsilon, exact=exact)


def _gridsynth(rotations: Mapping[float, int], epsilon: float, *, exact: bool) -> RotationPrices:
    if not exact:
        each = math.ceil(gridsynth_t(epsilon))
        return RotationPrices(
            synthesis=GRIDSYNTH,
            epsilon=epsilon,
            t=lambda angle: each,
            ands=lambda angle: 0,
            error=lambda angle: epsilon,
            source="fit 3.02 log2(1/delta) + 1.77, delta = 2 eps the diamond distance (Ross-Selinger)",
            bound=f"each within {epsilon:.2g} in operator norm",
            synthesizer=Gridsynth(epsilon=epsilon),
        )
    made = Gridsynth(epsilon=epsilon)
    table = {
        angle: (made.t(angle), made.error(angle))
        for angle in track(sorted(rotations), "synthesize rotations")
    }
    return RotationPrices(
        synthesis=GRIDSYNTH,
        epsilon=epsilon,
        t=lambda angle: table[angle][0],
        ands=lambda angle: 0,
        error=lambda angle: table[angle][1],
        bound="gridsynth words, multiplied out",
        synthesizer=made,
    )


def _phase_gradient(
    rotations: Mapping[float, int], number: int, epsilon: float, *, exact: bool
) -> RotationPrices:
    made = phase_gradient(number, epsilon)
    rounding = math.pi * 2.0 ** -(made.bits + 1)
    return RotationPrices(
        synthesis=PHASE_GRADIENT,
        epsilon=epsilon,
        t=made.t if exact else lambda angle: 1,
        ands=made.ands if exact else lambda angle: made.wires,
        error=made.error if exact else lambda angle: rounding,
        shared_t=made.catalyst_t,
        shared_error=made.catalyst_whole_error,
        qubits=made.added_wires(rotations) if exact else 2 * made.wires,
        source=f"additions of {made.bits}-bit angles" + ("" if exact else ", no trailing zeros assumed"),
        bound=f"{made.bits}-bit angles, and the catalyst's words once",
        synthesizer=made,
    )


def _mixed_fallback(number: int, epsilon: float) -> RotationPrices:
    delta = fallback_distance(epsilon, number)
    each = math.ceil(mixed_fallback_t(delta))
    return RotationPrices(
        synthesis=MIXED_FALLBACK,
        epsilon=epsilon,
        t=lambda angle: each,
        ands=lambda angle: 0,
        error=lambda angle: epsilon,
        qubits=1 if number else 0,
        measured=1,
        source=f"0.53 log2(1/delta) + 5.3 at a diamond distance of {delta:.2g} (slope of Kliuchnikov et al., "
        "constant of Beverland et al.)",
        bound=f"channels within {delta:.2g} in diamond distance, as sampling reads them",
    )


def mixed_fallback_t(distance: float) -> float:
    """Return the mean T count of a rotation by mixed fallback within a diamond distance (without the factor 1/2).

    0.53 log2(1/delta) + 5.3: Kliuchnikov et al., Quantum 7, 1208 (2023); the constant as in Beverland et al.,
    arXiv:2211.07629. One more qubit and a measurement whose outcome decides whether a word follows.
    """
    return max(0.0, 0.53 * math.log2(1 / distance) + 5.3)


def fallback_distance(epsilon: float, rotations: int) -> float:
    """Return the diamond distance a rotation at which sampling reads as well as with words within epsilon each."""
    return min(1.0, rotations * epsilon**2 / _SAMPLED)


def smooth_price(synthesis: str) -> Callable[[float, float], float]:
    """Return (operator-norm error a rotation, rotations in the circuit) -> T gates of one, four an AND."""
    if synthesis == MIXED_FALLBACK:
        return lambda error, rotations: mixed_fallback_t(rotations * error**2 / _SAMPLED)
    if synthesis == PHASE_GRADIENT:
        return _smooth_gradient_t
    return lambda error, rotations: gridsynth_t(error)


def _smooth_gradient_t(error: float, rotations: float) -> float:
    """Mean T of a rotation by addition: a bit of the wires is a trailing zero, and the catalyst is shared."""
    wires = max(1.0, math.log2(math.pi / 2 / error) + 0.5 - TOP_BITS)
    catalyst = 2 * wires * gridsynth_t(min(0.25, error * max(rotations, 1.0) / (8 * wires)))
    return 4 * max(0.0, wires - 1) + 1 + catalyst / max(rotations, 1.0)
