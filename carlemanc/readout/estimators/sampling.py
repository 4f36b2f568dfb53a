r"""Shots: the event's frequency in runs of its circuit.

Two numbers of runs. Planned with is the exact one for the planned P: the least N (to 4 digits) from which on
$\hat\theta = \mathrm{asin}\sqrt{(k + 3/8)/(N + 3/4)}$ ([anscombe1948]), k binomial, is within its error with the
probability asked for; it is $z^2/(4\delta^2)$ with z the normal quantile, but for the steps of the binomial. Proved
for P is Bernstein's $N = 2 \ln(2/f) (P (1-P) + \Delta/3)/\Delta^2$, $\Delta$ the error of P: about twice as many at
95 %.

Failed runs. A run fails with probability f, and then shows the event with any probability $P_s$: the odds are $(1-f)
P + f P_s$, a bias of at most $f \max(P, P_s)$. It may take the share `BIAS` of the error, and the runs are planned
for the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, ndtri

from carlemanc.core.arrays import FloatArray
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import GUARD, rounded_down, whole, wholes
from carlemanc.readout.estimators.estimator import (
    Estimator,
    EventPlan,
    Reading,
    amplitude_delta,
    angle_of,
    check_event,
)

if TYPE_CHECKING:
    from qualtran import Bloq

BIAS = 0.05
"""Share of the error that failed runs may bias."""
_FORMULA = Formula(
    text="N shots, the least whose exact binomial interval at the planned P is within .95 of the error (the rest is "
    "left to failed runs), near z^2/(4 delta^2); proved by Bernstein: 2 ln(2/f) (P (1 - P) + D/3)/D^2, D the "
    "error of P",
    status="derived here",
)
_TRIED = (0.95, 8.0, 1.001)
"""Numbers of shots that are tried, by the normal one: from, to, and the factor between two."""
_LIKELIEST = 0.5
"""Largest failure probability that is planned for: above it the normal number of shots is no guide to the exact one."""
_MANY = (1000, 1.2)
"""From so many expected hits (and misses) on the normal number is nearly exact, and fewer beyond it are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingPlan(EventPlan):
    """Shots of one event circuit."""

    method = "sampling"

    @property
    def uses(self) -> int:
        return _binomial_shots(self.probability, (1 - BIAS) * self.delta, min(self.failure, _LIKELIEST))

    @property
    def depth(self) -> int:
        return 1

    @property
    def circuits(self) -> int:
        return self.uses

    @property
    def proved_uses(self) -> int:
        """Shots that Bernstein's inequality asks for at the planned P."""
        error = _probability_error(self.probability, (1 - BIAS) * self.delta)
        spread = self.probability * (1 - self.probability) + error / 3
        return whole(2 * math.log(2 / self.failure) * spread / error**2)

    def fault_budget(self, flagged: float = 1.0) -> float:
        error = _probability_error(self.probability, self.delta)
        return rounded_down(min(1.0, BIAS * error / max(self.probability, flagged)), 3)

    @property
    def formula(self) -> Formula:
        return _FORMULA

    def circuit(self, event: Bloq, eps: float = 0.0) -> Bloq:
        return event

    def measured(
        self, probability: float, rng: np.random.Generator, *, fault: float = 0.0, flagged: float = 1.0
    ) -> Reading:
        odds = (1 - fault) * probability + fault * flagged
        return self.read(int(rng.binomial(self.uses, odds)))

    def read(self, hits: int) -> Reading:
        """Return the interval, `hits` being the runs that ended on the event."""
        return Reading(angle=angle_of((hits + 0.375) / (self.uses + 0.75)), error=self.delta)


@dataclass(frozen=True)
class Sampling(Estimator):
    """Frequencies."""

    name = "sampling"
    power = 2
    tail = 0.0

    def plan(self, probability: float, delta: float, failure: float) -> SamplingPlan:
        check_event(probability, delta, failure)
        return SamplingPlan(probability=probability, delta=delta, failure=failure)

    def half(self, probability: float, failure: float) -> SamplingPlan:
        """Return shots alone: no circuit is undone."""
        return self.plan(probability, amplitude_delta(probability, math.sqrt(probability) / 2), failure)


def _probability_error(probability: float, delta: float) -> float:
    """The error of P that theta within delta stands for: that of the nearer end, one at 0 or 1 binding nothing."""
    angle = angle_of(probability)
    down = probability - math.sin(angle - delta) ** 2 if angle > delta else math.inf
    up = math.sin(angle + delta) ** 2 - probability if angle + delta < math.pi / 2 else math.inf
    return min(down, up)


@lru_cache(maxsize=1024)
def _binomial_shots(probability: float, delta: float, failure: float) -> int:
    """The number of 4 digits after the last one tried that is not enough; at 8 times the normal one every one is."""
    normal = (float(ndtri(failure / 2)) / (2 * delta)) ** 2
    first, last, factor = _TRIED
    if normal * min(probability, 1 - probability) > _MANY[0]:
        last = _MANY[1]
    steps = math.ceil(math.log(last / first) / math.log(factor))
    tried = wholes(np.array([normal * first * factor**step for step in range(steps)]))
    shots = np.array(tried, dtype=float)
    angle = angle_of(probability)
    low, high = (math.sin(min(math.pi / 2, max(0.0, angle + d))) ** 2 for d in (-delta, delta))
    most, least = ((shots + 0.75) * end - 0.375 for end in (high, low))
    within = _at_most(np.floor(most + GUARD * shots), shots, probability)
    within -= _at_most(np.ceil(least - GUARD * shots) - 1, shots, probability)
    short = np.flatnonzero(within < 1 - failure - GUARD)
    return tried[int(short[-1]) + 1 if len(short) else 0]


def _at_most(hits: FloatArray, shots: FloatArray, probability: float) -> FloatArray:
    """The probability of at most so many hits."""
    inside = np.clip(hits, 0, shots - 1)
    found = betainc(shots - inside, inside + 1, 1 - probability)
    return np.where(hits < 0, 0.0, np.where(hits >= shots, 1.0, found))
