r"""Amplitude estimation by maximum likelihood: Grover rounds of many depths, each run a few times, one likelihood.

A circuit of k rounds uses the event circuit or its adjoint $L = 2k + 1$ times and shows the event with probability
$\sin^2(L\theta)$ [suzuki2020]. Depths fall from the largest by the factor 3/2 down to 1, and the smaller ones are run
more often: $b + s \log_2(L_{max}/L)$ times. With fixed depths the estimate fails at some thetas where many of them
resonate (coverage of "95 %" down to .835, measured), so **every execution draws its depths afresh**: the runs of a
level are two groups, each with a depth drawn within $(3/2)^{\pm 1/2}$ of the level's, uniform in its logarithm.

The constants b, s and $\lambda = L_{max} \delta$ are no theorem: they are chosen and checked by simulation (`LEVELS`,
with operations that fail at the budget and then always or never show the event), over thetas from 0 to pi/2, those
within ten errors of an end among them. The estimate is kept delta/2 away from the ends, which only moves its interval
inward: without that, a theta a little above delta is missed whenever no run shows the event. Below the last row the
median of several executions is read, wrong only where half of them are (proved from the row).

No control, no phase register, and a circuit 10 times shallower than phase estimation for twice the uses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betainc

from carlemanc.core.arrays import IntArray
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import ceiling, floor, rounded_down, whole
from carlemanc.readout.estimators.estimator import Estimator, EventPlan, Reading, check_event
from carlemanc.readout.estimators.half_test import HalfTest, half_test
from carlemanc.readout.estimators.likelihood import most_likely
from carlemanc.readout.readout_circuit import ReadoutCircuit

if TYPE_CHECKING:
    from qualtran import Bloq

RATIO = 1.5
"""Factor from one level's depth to the next."""


class Level(NamedTuple):
    """Constants of a failure probability: shots = base + slope log2(L_max/L), L_max = reach/delta."""

    failure: float
    base: float
    slope: float
    reach: float


LEVELS = (
    Level(0.045, 6, 1.5, 0.45),
    Level(0.025, 7, 1.5, 0.52),
    Level(0.01, 7, 2, 0.65),
    Level(0.005, 9, 2, 0.8),
    Level(0.001, 12, 2, 0.95),
)
"""Uses * delta = 10.8, 14.0, 19.1, 28.3, 42 at most. The worst theta fails with .034, .021, .012, .0047, .0006, between
the rows with .029 for .035, .026 for .027, .016 for .016, .0087 for .007 (simulated; about half of that on average)."""
COARSEST = 0.025
"""A larger error is read as this one, radians: the schedules are too short to have constants."""
FAULTS = 0.05
"""Failure probability of a use by delta: L_max times it is .0225 at 95 %."""
_FORMULA = Formula(
    text="uses = C/delta, C = 10.8 at 95 %, 19.0 at 99 %: depths L drawn afresh about L_max/1.5^k in two groups a "
    "level, 6 + 1.5 log2(L_max/L) shots of each level, L_max = .45/delta (95 %); constants simulated, not proved",
    status="measured",
    sources=("suzuki2020",),
    where="the likelihood; schedule and constants derived here",
)


@dataclass(frozen=True, kw_only=True)
class LikelihoodPlan(EventPlan):
    """Grover rounds of random depths."""

    method = "maximum-likelihood"

    @cached_property
    def level(self) -> Level:
        """The constants in force: between two rows linear in the logarithm of the failure, whole shots rounded down."""
        if self.failure >= LEVELS[0].failure:
            return LEVELS[0]
        for above, below in pairwise(LEVELS):
            if self.failure >= below.failure:
                share = math.log(above.failure / self.failure) / math.log(above.failure / below.failure)
                _, base, slope, reach = (a + share * (b - a) for a, b in zip(above, below, strict=True))
                return Level(self.failure, float(floor(base)), slope, reach)
        return LEVELS[-1]

    @cached_property
    def executions(self) -> int:
        """How often the whole is executed, the median of the estimates being read; odd."""
        single, times = self.level.failure, 1
        while times > 1 or single > self.failure:
            most = (times + 1) // 2
            wrong = float(betainc(most, times - most + 1, single))  # half of them or more
            if wrong <= self.failure:
                break
            times += 2
        return times

    @cached_property
    def levels(self) -> tuple[tuple[float, int], ...]:
        """(middle depth, shots) of each level from the largest, the last of depth 1."""
        _, base, slope, reach = self.level
        found, top = [], reach / min(self.delta, COARSEST)
        depth = top
        while depth > RATIO:
            found.append((depth, ceiling(base + slope * math.log2(top / depth))))
            depth /= RATIO
        return (*found, (1.0, ceiling(base + slope * math.log2(top))))

    @property
    def uses(self) -> int:
        once = sum(shots * _mean_depth(depth) for depth, shots in self.levels)
        return whole(self.executions * once)

    @property
    def depth(self) -> int:
        return _odd(self.levels[0][0] * math.sqrt(RATIO))

    @property
    def circuits(self) -> int:
        return self.executions * sum(shots for _, shots in self.levels)

    def fault_budget(self, flagged: float = 1.0) -> float:
        return rounded_down(FAULTS * min(self.delta, COARSEST), 3)

    @property
    def formula(self) -> Formula:
        return _FORMULA

    def schedule(self, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
        """Draw the circuits of one execution: uses of the event circuit in each (odd), and runs of each."""
        depths, shots = [], []
        for middle, runs in self.levels:
            for part in ((runs + 1) // 2, runs // 2):
                drawn = middle * RATIO ** (float(rng.random()) - 0.5)
                depths.append(_odd(drawn) if middle > 1 else 1)
                shots.append(part)
        return np.array(depths), np.array(shots)

    def circuit(self, event: Bloq, eps: float = 0.0) -> Bloq:
        from carlemanc.methods.amplification_circuit import grover_rounds

        return grover_rounds(event, self.depth)

    def drawn(self, event: Bloq, name: str, rng: np.random.Generator) -> list[ReadoutCircuit]:
        from carlemanc.methods.amplification_circuit import grover_rounds

        found: dict[int, int] = {}
        for _ in range(self.executions):
            for depth, shots in zip(*self.schedule(rng), strict=True):
                found[int(depth)] = found.get(int(depth), 0) + int(shots)
        return [
            ReadoutCircuit(name=name, bloq=grover_rounds(event, depth), times=Fraction(shots), uses=depth)
            for depth, shots in sorted(found.items())
        ]

    def measured(
        self, probability: float, rng: np.random.Generator, *, fault: float = 0.0, flagged: float = 1.0
    ) -> Reading:
        angle = math.asin(math.sqrt(probability))
        found = []
        for _ in range(self.executions):
            depths, shots = self.schedule(rng)
            sound = (1 - fault) ** depths
            odds = sound * np.sin(depths * angle) ** 2 + (1 - sound) * flagged
            found.append(self.angle(depths, shots, rng.binomial(shots, odds)))
        return Reading(angle=float(np.median(found)), error=self.delta)

    def angle(self, depths: IntArray, shots: IntArray, hits: IntArray) -> float:
        """Return the estimate of one execution, `hits` being the runs of each circuit that ended on the event."""
        delta = min(self.delta, COARSEST)
        return float(np.clip(most_likely(depths, shots, hits, delta / 50), delta / 2, (math.pi - delta) / 2))


@dataclass(frozen=True)
class MaximumLikelihood(Estimator):
    """Grover rounds of random depths."""

    name = "maximum-likelihood"
    power = 1
    tail = 0.0

    def plan(self, probability: float, delta: float, failure: float) -> LikelihoodPlan:
        check_event(probability, delta, failure)
        return LikelihoodPlan(probability=probability, delta=delta, failure=failure)

    def half(self, probability: float, failure: float) -> HalfTest:
        """Return rounds of one depth; see `half_test`."""
        return half_test(probability, failure)


def _odd(depth: float) -> int:
    """The odd integer nearest to a depth of at least 1/2."""
    return 2 * math.floor(depth / 2) + 1


def _mean_depth(middle: float) -> float:
    """The mean of the odd integer nearest to a depth that is drawn about its middle: sum_j 2 P(depth >= 2j) + 1."""
    if middle == 1:
        return 1.0
    low, high = middle / math.sqrt(RATIO), middle * math.sqrt(RATIO)
    if middle > 1000:  # the rounding to odd integers averages out
        return (high - low) / math.log(RATIO)
    steps = np.arange(2, high + 2, 2)
    beyond = np.clip(np.log(high / steps) / math.log(RATIO), 0, 1)
    return 1 + 2 * float(beyond.sum())
