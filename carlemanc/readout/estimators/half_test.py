r"""Whether an amplitude is above half of what is planned: one depth, a few runs, a majority at a threshold.

An event of planned angle t is turned to $L t$, about `TURN`, by L uses. Where its amplitude is 3/4 to 5/4 of the
planned one it shows with at least a probability $p_+$, where it is at most 1/4 of it with at most $p_-$: the number of
runs and the threshold between the two follow from exact binomials (derived here). A sign is told so
(`observables.event.SignTest`): with an amplitude of 1/2 to 3/2 of the planned size its event has 3/4 to 5/4 of the
planned amplitude if the signs agree, and at most 1/4 if not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from carlemanc.core.formula import Formula
from carlemanc.core.rounding import GUARD, floor, rounded_down
from carlemanc.readout.estimators.estimator import EventPlan, Reading, angle_of, check_event

if TYPE_CHECKING:
    from qualtran import Bloq

TURN = 1.2
"""Angle that the planned amplitude is turned to, radians, at most."""
FAULTS = 0.02
"""Probability that any operation of one circuit fails."""
_MOST = 400
_FORMULA = Formula(
    text="L uses turn the planned angle to at most 1.2; the runs and the threshold by exact binomials",
    status="derived here",
)


@dataclass(frozen=True, kw_only=True)
class HalfTest(EventPlan):
    """Runs of one depth; what is read is the planned angle, or 0."""

    method = "half-test"

    @cached_property
    def uses_of_a_circuit(self) -> int:
        """L, odd: of the two next to `TURN` the one of fewer uses in all."""
        low = max(1, 2 * floor((TURN / angle_of(self.probability) - 1) / 2) + 1)
        return min((low, low + 2), key=lambda uses: uses * _least_runs(*self._odds(uses), self.failure)[0])

    @property
    def odds(self) -> tuple[float, float]:
        """Least probability above, and largest below, failed runs included."""
        return self._odds(self.uses_of_a_circuit)

    def _odds(self, uses: int) -> tuple[float, float]:
        planned = math.sqrt(self.probability)
        turned = [uses * math.asin(min(1.0, planned * part)) for part in (0.75, 1.25)]
        below = uses * math.asin(planned / 4)
        least = min(math.sin(angle) ** 2 for angle in turned)
        return (1 - FAULTS) * (least if turned[1] < math.pi else 0.0), math.sin(below) ** 2 + FAULTS

    @property
    def runs(self) -> tuple[int, int]:
        """Number of runs, and the hits from which on the amplitude is told to be above half."""
        runs, hits = _least_runs(*self.odds, self.failure)
        return int(runs), hits

    @property
    def uses(self) -> int:
        return self.circuits * self.uses_of_a_circuit

    @property
    def depth(self) -> int:
        return self.uses_of_a_circuit

    @property
    def circuits(self) -> int:
        return self.runs[0]

    def fault_budget(self, flagged: float = 1.0) -> float:
        return rounded_down(FAULTS / self.uses_of_a_circuit, 3)

    @property
    def formula(self) -> Formula:
        return _FORMULA

    def circuit(self, event: Bloq, eps: float = 0.0) -> Bloq:
        from carlemanc.methods.amplification_circuit import grover_rounds

        return grover_rounds(event, self.uses_of_a_circuit)

    def measured(
        self, probability: float, rng: np.random.Generator, *, fault: float = 0.0, flagged: float = 1.0
    ) -> Reading:
        sound = (1 - fault) ** self.uses_of_a_circuit
        shown = math.sin(self.uses_of_a_circuit * angle_of(probability)) ** 2
        runs, least = self.runs
        hits = int(rng.binomial(runs, sound * shown + (1 - sound) * flagged))
        return Reading(angle=angle_of(self.probability) if hits >= least else 0.0, error=self.delta)


def half_test(probability: float, failure: float) -> HalfTest:
    """Return the test of an event of this planned probability. Raises InputError for numbers outside their range."""
    delta = min(0.5, angle_of(probability) / 2)
    check_event(probability, delta, failure)
    return HalfTest(probability=probability, delta=delta, failure=failure)


@lru_cache(maxsize=1024)
def _least_runs(above: float, below: float, failure: float) -> tuple[float, int]:
    """The fewest runs for which some threshold is missed from above, and reached from below, as rarely as wanted.

    Infinite where `_MOST` would not do.
    """
    runs = np.arange(1, _MOST)
    least = binom.ppf(failure, runs, above)
    hits = np.stack([least, least + 1], axis=1)  # of each number of runs the two thresholds that may do
    errors = np.maximum(binom.cdf(hits - 1, runs[:, None], above), binom.sf(hits - 1, runs[:, None], below))
    good = np.argwhere((hits > 0) & (errors <= failure * (1 - GUARD)))
    if not len(good):
        return math.inf, 0
    first, threshold = good[0]
    return int(runs[first]), int(hits[first, threshold])
