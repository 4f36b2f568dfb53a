r"""How the value of one observable is read: an estimate of each of its events, and a test of each uncertain sign.

The sign of an amplitude a is that of the plan where an event of size $(gap\,|1 + a/planned|)^2$ is larger than gap^2
(`observables.event.SignTest`), which one depth tells where |a| is half to three halves of what is planned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from carlemanc.access.access import Access
from carlemanc.core.rounding import whole
from carlemanc.methods.flagged import Flagged
from carlemanc.observables.event import Event
from carlemanc.observables.observable import Observable
from carlemanc.readout.estimators.combined import CombinedPlan, Term, Value, combined
from carlemanc.readout.estimators.estimator import EventPlan
from carlemanc.readout.estimators.registry import ESTIMATORS
from carlemanc.readout.readout_circuit import ReadoutCircuit
from carlemanc.readout.readout_plan import Setting

if TYPE_CHECKING:
    from qualtran import Bloq

SIGNS = 0.1
"""Share of the failure probability that wrong signs have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePlan:
    """How an observable is read.

    Args:
        observable: the observable.
        events: the estimate of its events, that of the calibration included.
        signs: for each event the test of its sign; None where there is nothing to test.
        gaps: for each event sqrt(m) of that test where the amplitude is zero, 0 without a test.
    """

    observable: Observable
    events: CombinedPlan
    signs: tuple[EventPlan | None, ...]
    gaps: tuple[float, ...]

    @property
    def tests(self) -> tuple[EventPlan, ...]:
        """The tests of signs."""
        return tuple(sign for sign in self.signs if sign is not None)

    @property
    def uses(self) -> int:
        """Uses of the run in all circuits, 4 digits."""
        return whole(self.events.uses + sum(test.uses for test in self.tests))

    @property
    def depth(self) -> int:
        """The most uses that one circuit holds."""
        return max(self.events.depth, *(test.depth for test in self.tests), 0)

    @property
    def fault_budget(self) -> float:
        """Probability with which any operation of one use may fail."""
        return min(self.events.fault_budget(), *(test.fault_budget() for test in self.tests), 1.0)

    def circuits(self, run: Bloq, setting: Setting) -> tuple[ReadoutCircuit, ...]:
        """Return the circuits that read the observable, for their counts; arguments are those of `parts`."""
        found = (part.counted(event, name) for part, event, name in self.parts(run, setting))
        return tuple(circuit for circuits in found for circuit in circuits)

    def drawn(self, run: Bloq, setting: Setting, rng: np.random.Generator) -> tuple[ReadoutCircuit, ...]:
        """Return the circuits of one execution; arguments are those of `parts`, and the draws."""
        found = (part.drawn(event, name, rng) for part, event, name in self.parts(run, setting))
        return tuple(circuit for circuits in found for circuit in circuits)

    def parts(self, run: Bloq, setting: Setting) -> Iterator[tuple[EventPlan, Bloq, str]]:
        """Yield each estimate with its event circuit and name: of the events, the calibration, the tests of signs.

        Args:
            run: the bloq of one run.
            setting: of the run.
        """
        access = setting.access
        for event, part in zip(self.observable.events, self.events.events, strict=True):
            yield part, event.circuit(run, access), event.name
        if self.events.calibration is not None and access.answer.calibration is not None:
            circuit = Flagged(run, access.answer.calibration.flag)
            yield self.events.calibration, circuit, "calibration: the start"
        for event, test in zip(self.observable.events, self.signs, strict=True):
            if event.sign is not None and test is not None:
                sign = event.sign.circuit(run, access, scale=setting.scale)
                yield test, sign, f"sign of the {event.name}"

    def measured(self, odds: Sequence[float], rng: np.random.Generator) -> Value:
        """Return what one repetition of all circuits reads, drawn from true probabilities in the order of `parts`."""
        plans = (*self.events.parts, *self.tests)
        readings = [part.measured(probability, rng) for part, probability in zip(plans, odds, strict=True)]
        value = self.value([reading.probability for reading in readings])
        error = self.events.value(readings[: len(self.events.parts)]).error
        if self.observable.is_root and value:
            error = value - math.sqrt(max(0.0, value**2 - error))
        return Value(value=value, error=error)

    def value(self, odds: Sequence[float]) -> float:
        """Return the value of the observable for probabilities, true or estimated, in the order of `parts`."""
        plan, number = self.events, len(self.events.parts)
        factor = plan.factor
        if plan.calibration is not None:
            factor *= odds[number - 1] / plan.calibration.probability
        tested = iter(odds[number:])
        signs = [
            1 if event.sign is None or test is None else event.sign.told(next(tested) / factor, gap)
            for event, test, gap in zip(self.observable.events, self.signs, self.gaps, strict=True)
        ]
        return self.observable.value([size / factor for size in odds[: len(plan.terms)]], signs)


@lru_cache(maxsize=4096)
def plan_value(
    observable: Observable,
    delta: float,
    failure: float,
    method: str,
    *,
    factor: float,
    calibration: float | None = None,
    access: Access[Any] | None = None,
) -> ValuePlan:
    """Return how an observable is read.

    Args:
        observable: the observable.
        delta: absolute error of the sum of its events.
        failure: probability of a larger one.
        method: name of the estimator, or "auto".
        factor: probability of an event by its size, as planned with.
        calibration: planned probability of the event whose size is known, where the factor is to be measured.
        access: says whether signs are told by the start beside the answer; None: they are not.
    """
    signed = [event for event in observable.events if event.sign is not None]
    events = combined(
        [
            Term(
                probability=min(1.0, event.size * factor),
                weight=event.weight,
                is_amplitude=event.kind == "amplitude",
            )
            for event in observable.events
        ],
        delta,
        failure * (1 - SIGNS) if signed else failure,
        method,
        factor=factor,
        constant=observable.constant,
        calibration=calibration,
    )
    estimator = ESTIMATORS[events.method]
    each = failure * SIGNS / max(1, len(signed))
    gaps = tuple(_gap(event, access) for event in observable.events)
    return ValuePlan(
        observable=observable,
        events=events,
        signs=tuple(estimator.half(min(1.0, 4 * gap**2 * factor), each) if gap else None for gap in gaps),
        gaps=gaps,
    )


def _gap(event: Event, access: Access[Any] | None) -> float:
    if event.sign is None:
        return 0.0
    return abs(event.sign.planned) / 2 if access is None else event.sign.gap(access)
