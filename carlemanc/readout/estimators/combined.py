r"""A value of several events: value = constant + sum_i w_i m_i + sum_j w_j (sqrt(m_j) - shift_j), m = P/factor.

`factor` takes the size of an event to its probability: s^2 times the copies of the last step, s the amplitude scale
of the method. Where the method loses its norm the factor is measured: one more event, the calibration, has a size
that is known (at t = 0 the state is b), and its probability is that size times the factor.

Split of the error. To first order the errors of the events add with weights $v_i = \partial value/\partial q_i$,
$q_i$ = P or sqrt(P), and being independent their squares add: $\sum (v_i \Delta_i)^2 = \delta^2$. An event costs
$(s_i/\Delta_i)^a$, $s_i = dq_i/d\theta$ and a the power of the estimator, so the least total has $\Delta_i \propto
s_i^{a/(a+2)} / v_i^{2/(a+2)}$ (Lagrange; for amplitude estimation $k_i^{1/3}/w_i^{2/3}$ and in all $2 C (\sum (w_i
k_i)^{2/3})^{3/2}/\delta$ uses, k = sqrt(P)). Squares add where errors are independent and bell-shaped; how much rarer
each may fail so that the sum fails as rarely as it should is the estimator's `tail` (simulated for 1 to 5 events, not
proved: 0 for shots and for maximum likelihood, 1/2 for the window of phase estimation, whose errors have far tails).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.formula import Formula
from carlemanc.core.rounding import coarse, whole
from carlemanc.readout.estimators.estimator import (
    Estimator,
    EventPlan,
    Reading,
    amplitude_delta,
    probability_delta,
    refuse_unfit,
)
from carlemanc.readout.estimators.registry import ESTIMATORS

SPLIT = Formula(
    text="the error of a value splits so that sum (v_i D_i)^2 = delta^2 at the least uses, D_i ~ k_i^(1/3)/w_i^(2/3) "
    "for amplitude estimation: 2 C (sum (w_i k_i)^(2/3))^(3/2)/delta in all, k_i = sqrt(P_i)",
    status="derived here",
)
"""How the events of a value share its error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What one event adds to a value.

    Args:
        probability: P of the event as planned with.
        weight: w, of its size m = P/factor, or of the root of it.
        is_amplitude: w (sqrt(m) - shift) in place of w m.
        shift: see there.
    """

    probability: float
    weight: float
    is_amplitude: bool = False
    shift: float = 0.0

    def value(self, probability: float, factor: float) -> float:
        """Return the term for a probability."""
        size = probability / factor
        return self.weight * (math.sqrt(size) - self.shift if self.is_amplitude else size)

    def sensitivity(self, factor: float) -> float:
        """Return |d term/dq|, q = sqrt(P) for an amplitude, else P."""
        return abs(self.weight) / (math.sqrt(factor) if self.is_amplitude else factor)

    def slope(self, probability: float, factor: float) -> float:
        """Return d term/d ln(factor)."""
        if self.is_amplitude:
            return -self.weight * math.sqrt(probability / factor) / 2
        return -self.weight * probability / factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value with its error bar."""

    value: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedPlan:
    """How the events of a value are read.

    Args:
        method: name of the estimator.
        terms: what each event adds.
        factor: probability by size, as planned with.
        constant: added to the value.
        events: the plan of each term's event.
        calibration: the plan of the event whose size is known; None: `factor` is exact.
        delta: error of the value.
        failure: probability of a larger one.
    """

    method: str
    terms: tuple[Term, ...]
    factor: float
    constant: float
    events: tuple[EventPlan, ...]
    calibration: EventPlan | None
    delta: float
    failure: float

    @property
    def parts(self) -> tuple[EventPlan, ...]:
        """The plans of all events, the calibration last."""
        return self.events if self.calibration is None else (*self.events, self.calibration)

    @property
    def uses(self) -> int:
        """Uses of all event circuits or their adjoints, 4 digits."""
        return whole(sum(part.uses for part in self.parts))

    @property
    def depth(self) -> int:
        """The most uses that one circuit holds."""
        return max(part.depth for part in self.parts)

    @property
    def circuits(self) -> int:
        """Number of circuits that are run."""
        return sum(part.circuits for part in self.parts)

    @property
    def references(self) -> tuple[Formula, ...]:
        """How the uses follow, and where there are several events how they share the error."""
        own = self.parts[0].formula
        return (own, SPLIT) if len(self.parts) > 1 else (own,)

    def fault_budget(self, flagged: float = 1.0) -> float:
        """Return the probability with which any operation of one use may fail."""
        return min(part.fault_budget(flagged) for part in self.parts)

    def value(self, readings: Sequence[Reading]) -> Value:
        """Return the value that the readings stand for, in the order of `parts`."""
        factor, terms = self.factor, readings[: len(self.terms)]
        spread = 0.0
        if self.calibration is not None:
            known = readings[-1]
            factor *= known.probability / self.calibration.probability
            slope = sum(
                term.slope(read.probability, factor) for term, read in zip(self.terms, terms, strict=True)
            )
            spread = (slope * known.probability_error / known.probability) ** 2
        found = self.constant
        for term, read in zip(self.terms, terms, strict=True):
            found += term.value(read.probability, factor)
            error = read.amplitude_error if term.is_amplitude else read.probability_error
            spread += (term.sensitivity(factor) * error) ** 2
        return Value(value=found, error=math.sqrt(spread))

    def measured(
        self,
        probabilities: Sequence[float],
        rng: np.random.Generator,
        *,
        fault: float = 0.0,
        flagged: float = 1.0,
    ) -> Value:
        """Return what one repetition of the whole plan reads, drawn from the true probabilities of `parts`."""
        return self.value(
            [
                part.measured(probability, rng, fault=fault, flagged=flagged)
                for part, probability in zip(self.parts, probabilities, strict=True)
            ]
        )


def combined(
    terms: Sequence[Term],
    delta: float,
    failure: float,
    method: str = "auto",
    *,
    factor: float = 1.0,
    constant: float = 0.0,
    calibration: float | None = None,
    price: Callable[[CombinedPlan], float] = lambda plan: plan.uses,
) -> CombinedPlan:
    """Return the plan of a value.

    Args:
        terms: at least one, of weight other than 0.
        delta: absolute error of the value.
        failure: probability of a larger one.
        method: a name of `ESTIMATORS`; "auto": the one with the least price.
        factor: probability by size, as planned with.
        constant: added to the value.
        calibration: planned probability of the calibrating event, where `factor` is to be measured.
        price: of a plan, for "auto"; its uses by default.

    Raises InputError where the numbers are no values to plan with.
    """
    _check(terms, delta, factor, calibration)
    tried = ESTIMATORS.values() if method == "auto" else (ESTIMATORS[method],)
    plans = [
        _combined(tuple(terms), delta, failure, estimator, factor, constant, calibration)
        for estimator in tried
    ]
    return min(plans, key=lambda plan: coarse(price(plan)))


def _combined(
    terms: tuple[Term, ...],
    delta: float,
    failure: float,
    estimator: Estimator,
    factor: float,
    constant: float,
    calibration: float | None,
) -> CombinedPlan:
    events = [(term.probability, term.sensitivity(factor), term.is_amplitude) for term in terms]
    if calibration is not None:
        slope = abs(sum(term.slope(term.probability, factor) for term in terms))
        events.append((calibration, max(slope, delta) / calibration, False))
    errors = _split(events, delta, estimator.power)
    each = failure / len(events) ** estimator.tail
    plans = []
    for (probability, _, is_amplitude), error in zip(events, errors, strict=True):
        angle = (amplitude_delta if is_amplitude else probability_delta)(probability, error)
        plans.append(estimator.plan(probability, angle, each))
    return CombinedPlan(
        method=estimator.name,
        terms=terms,
        factor=factor,
        constant=constant,
        events=tuple(plans[: len(terms)]),
        calibration=None if calibration is None else plans[-1],
        delta=delta,
        failure=failure,
    )


def _split(events: Sequence[tuple[float, float, bool]], delta: float, power: int) -> list[float]:
    """Return the error of each event's q; a P near 0 or 1 is priced as the error that it will have about."""
    shares = []
    for probability, weight, is_amplitude in events:
        about = min(0.25, delta / weight / math.sqrt(len(events)))
        if is_amplitude:
            slope = math.sqrt(max(1 - probability, about))
        else:
            slope = 2 * math.sqrt(max(probability * (1 - probability), about))
        shares.append(slope ** (power / (power + 2)) / weight ** (2 / (power + 2)))
    norm = math.sqrt(sum((weight * share) ** 2 for (_, weight, _), share in zip(events, shares, strict=True)))
    return [delta * share / norm for share in shares]


def _check(terms: Sequence[Term], delta: float, factor: float, calibration: float | None) -> None:
    named = [
        ("terms of the value", terms, len(terms) > 0, "at least one event"),
        *(("weight of an event", term.weight, term.weight != 0, "a number other than 0") for term in terms),
        ("error of the value", delta, delta > 0, "a positive number"),
        ("probability by size", factor, factor > 0, "a positive number"),
        (
            "probability of the calibrating event",
            calibration,
            calibration is None or 0 < calibration <= 1,
            "a number above 0, at most 1",
        ),
    ]
    refuse_unfit("a value needs events and an error", named)
