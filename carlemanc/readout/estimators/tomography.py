r"""Tomography with amplitude estimation: all entries of a real vector whose support is known, residual by residual.

The event circuit U leaves x on its ancillas' |0>, x = s y_1(T) of norm sqrt(P), nonzero at d known places. Keep an
estimate e of it (0 at first). Beside U a loader of e on one more ancilla makes the flagged amplitude $k (x - e)$, $k
= 1/(1 + \|e\|)$ (module tomography_circuit), of which little is left; L uses amplify it to about sin(`TURN`).
Interference with a uniform reference r on the support reads it with signs: outcomes (0, i), (1, i) have odds $(A v_i
\pm r_i)^2/4$, v the residual's direction, A its amplitude, so $(N_{0i} - N_{1i})/(M r_i)$ is an unbiased estimate of
$A v_i$, and $A^2$ is twice the share of all these outcomes less 1. It is added to e, and the next round takes the
residual for `SHRINK` of this one.

Each round takes `SAMPLES` d flagged samples, so that its error is about .33 of the residual that it was made for
(times the square root of a chi-square of d over d, at the failure probability asked for). Last round and d alone
decide the cost: **uses = C d/delta**, C about $(1 + \sqrt P)/2$ of 16 (d = 201) to 21 (d = 8) at 95 %: simulated, no
round of any run went astray. The textbook form $(U|0> - V_e|0>)/2$ is the case $k = 1/2$, dearer by $2/(1 + \sqrt
P)$.

Failed operations. A circuit of L uses fails with probability f L and may end on any one entry: its share of the
estimate is $\sqrt{d} f L$ of the amplitude, and divided by k L, $2 \sqrt d f$ at most, whatever the depth. `BIAS` of
the error is left to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammainccinv

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import ceiling, floor, rounded_down, whole
from carlemanc.readout.estimators.estimator import refuse_unfit

if TYPE_CHECKING:
    from qualtran import Bloq

TURN = 0.7
"""Angle that the residual is amplified to if it is as large as guessed, radians; up to 2.2 times as large is told."""
SAMPLES = 6
"""Flagged samples of a round, by the number of entries."""
SHRINK = 0.55
"""Guess of the next residual, by this one."""
BIAS = 0.05
"""Share of the error that failed operations may bias."""
_FORMULA = Formula(
    text="uses = C d/delta, C = 16 to 21 times (1 + sqrt(P))/2 at 95 %: an estimate e, the residual amplified to "
    "sin(.7), 6 d flagged samples of its interference with a reference, the next residual .55 of this; constants "
    "simulated, not proved",
    status="measured",
    sources=("apeldoorn2022",),
    where="the scaling d/delta; rounds and constants derived here",
)


class Round(NamedTuple):
    """One round: its circuit's uses of the event circuit (odd), and how often it is run."""

    uses: int
    shots: int


@dataclass(frozen=True, kw_only=True)
class TomographyPlan:
    """How all entries are read.

    Args:
        dimension: d, entries that can be nonzero.
        norm: sqrt(P) of the event, at least half of the true one.
        delta: l2 error of x, in its units.
        failure: probability of a larger one, failed operations within their budget included.
    """

    dimension: int
    norm: float
    delta: float
    failure: float

    @property
    def samples(self) -> float:
        """Flagged samples of a round: for few entries as many as a rare failure takes."""
        return SAMPLES * max(self.dimension, math.log(1 / self.failure))

    @property
    def _spread(self) -> float:
        """l2 error of a round by the residual that it is made for, but for the failure probability."""
        chi_square = 2 * float(gammainccinv(self.dimension / 2, self.failure))
        square = (1 + math.sin(TURN) ** 2) * chi_square / (2 * self.samples)
        return math.sin(TURN) / TURN * math.sqrt(square)

    @cached_property
    def rounds(self) -> tuple[Round, ...]:
        """All rounds, at least two; the guesses are `SHRINK` apart, the first no less than the norm."""
        last = (1 - BIAS) * self.delta / self._spread
        steps = max(1, ceiling(math.log(self.norm / last) / math.log(1 / SHRINK)))
        found = []
        for step in range(steps, -1, -1):
            loaded = self.norm if step < steps else 0.0
            angle = math.asin(min(1.0, last / SHRINK**step / (1 + loaded)))
            uses = max(1, 2 * floor((TURN / angle - 1) / 2) + 1)
            found.append(Round(uses, whole(self.samples / math.sin(min(uses * angle, math.pi / 2)) ** 2)))
        return tuple(found)

    @property
    def uses(self) -> int:
        """Uses of the event circuit or its adjoint in all circuits, 4 digits."""
        return whole(sum(uses * shots for uses, shots in self.rounds))

    @property
    def loads(self) -> int:
        """Uses of the loader of the estimate, or its adjoint: one beside every use but those of the first round."""
        return whole(sum(uses * shots for uses, shots in self.rounds[1:]))

    @property
    def depth(self) -> int:
        """The most uses that one circuit holds."""
        return max(uses for uses, _ in self.rounds)

    @property
    def circuits(self) -> int:
        """Number of circuits that are run."""
        return whole(sum(shots for _, shots in self.rounds))

    @property
    def some_estimate(self) -> FloatArray:
        """An estimate, (d,), as good as any to count by: all entries differ, as those of a real one do."""
        some = 1 + np.modf(np.arange(self.dimension) * math.sqrt(2))[0]
        return np.asarray(self.norm * some / np.linalg.norm(some))

    def fault_budget(self) -> float:
        """Return the probability with which any operation of one use (and one load) may fail, unheralded."""
        return rounded_down(BIAS * self.delta / (2 * math.sqrt(self.dimension)), 3)

    @property
    def formula(self) -> Formula:
        """How the uses follow."""
        return _FORMULA

    def circuit(self, event: Bloq, indices: npt.ArrayLike, eps: float = 0.0) -> Bloq:
        """Return the deepest circuit, with an estimate as good as any in place of the one that runs will have.

        Args:
            event: the event circuit, registers `system` and `ancilla`.
            indices: (..., d) places of the entries in the system register; leading axes are copies.
            eps: synthesis precision of each rotation that is not of the event's.
        """
        from carlemanc.readout.estimators.tomography_circuit import round_circuit

        return round_circuit(event, indices, self.some_estimate, self.depth, eps)

    def measured(
        self, amplitudes: FloatArray, rng: np.random.Generator, *, fault: float = 0.0, entry: int = 0
    ) -> FloatArray:
        """Return what one repetition of the whole plan reads, (d,), drawn from exact odds.

        Args:
            amplitudes: x, (d,).
            rng: the draws.
            fault: probability that a use fails; the circuit then ends on `entry`, flag 0.
            entry: see there.
        """
        estimate = np.zeros(self.dimension)
        for uses, shots in self.rounds:
            odds = outcome_odds(amplitudes, estimate, uses)
            odds *= (1 - fault) ** uses
            odds[entry] += 1 - (1 - fault) ** uses
            drawn = rng.multinomial(shots, np.append(odds, max(0.0, 1 - odds.sum())))[:-1]
            estimate = refined(estimate, uses, shots, drawn[: self.dimension], drawn[self.dimension :])
        return estimate


def outcome_odds(amplitudes: FloatArray, estimate: FloatArray, uses: int) -> FloatArray:
    """Return the odds of (0, i), then of (1, i), (2 d,), all ancillas |0>, for a round with this estimate."""
    residual = (amplitudes - estimate) / (1 + np.linalg.norm(estimate))
    norm, reference = float(np.linalg.norm(residual)), 1 / math.sqrt(len(amplitudes))
    turned = math.sin(uses * math.asin(min(1.0, norm))) / norm if norm else float(uses)
    return np.concatenate([np.square(turned * residual + sign * reference) / 4 for sign in (1, -1)])


def refined(
    estimate: FloatArray,
    uses: int,
    shots: int,
    plus: Sequence[int] | IntArray,
    minus: Sequence[int] | IntArray,
) -> FloatArray:
    """Return the estimate after a round: counts of (0, i) and (1, i), (d,) each, all ancillas |0>."""
    plus, minus = np.asarray(plus), np.asarray(minus)
    amplified = (plus - minus) / shots * math.sqrt(len(estimate))
    square = 2 * float(plus.sum() + minus.sum()) / shots - 1
    amplitude = math.sqrt(min(1.0, max(square, 1 / shots)))
    back = math.sin(math.asin(amplitude) / uses) / amplitude
    return np.asarray(estimate + amplified * back * (1 + np.linalg.norm(estimate)))


def tomography(dimension: int, norm: float, delta: float, failure: float) -> TomographyPlan:
    """Return the plan; the arguments are its fields.

    Raises InputError for numbers outside their range.
    """
    named = (
        ("entries to read", dimension, dimension >= 1, "an integer above 0"),
        ("norm of what is read", norm, 0 < norm <= 1, "a number above 0, at most 1"),
        ("error of what is read", delta, 0 < delta < 1, "a number between 0 and 1"),
        ("failure probability", failure, 0 < failure < 1, "a number between 0 and 1"),
    )
    refuse_unfit("tomography needs a vector and an error", named)
    return TomographyPlan(dimension=dimension, norm=norm, delta=delta, failure=failure)
