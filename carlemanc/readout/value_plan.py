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
        """Return the circuits that read the observable, for their counts.

        Args:
            run: the bloq of one run.
            setting: of the run.
        """
        found = (part.counted(event, name) for part, event, name in self._parts(run, setting))
        return tuple(circuit for circuits in found for circuit in circuits)

    def drawn(self, run: Bloq, setting: Setting, rng: np.random.Generator) -> tuple[ReadoutCircuit, ...]:
        """Return the circuits of one execution; arguments as for `circuits`, and the draws."""
        found = (part.drawn(event, name, rng) for part, event, name in self._parts(run, setting))
        return tuple(circuit for circuits in found for circuit in circuits)

    def _parts(self, run: Bloq, setting: Setting) -> Iterator[tuple[EventPlan, Bloq, str]]:
        """Yield the plan of each event and sign, and of the calibration, with its event circuit and its name."""
        access = setting.access
        for event, part in zip(self.observable.events, self.events.events, strict=True):
            yield part, event.circuit(run, access), event.name
        for event, test in zip(self.observable.events, self.signs, strict=True):
            if event.sign is not None and test is not None:
                circuit = event.sign.circuit(run, access, scale=setting.scale)
                yield test, circuit, f"sign of the {event.name}"
        if self.events.calibration is not None and access.answer.calibration is not None:
            yield (
                self.events.calibration,
                Flagged(run, access.answer.calibration.flag),
                "calibration: the start",
            )

    def measured(
        self, probabilities: Sequence[float], signs: Sequence[float | None], rng: np.random.Generator
    ) -> Value:
        """Return what one repetition of all circuits reads.

        Args:
            probabilities: true ones of the events, that of the calibration last.
            signs: true ones of the tests of signs; None where there is none.
            rng: the draws.
        """
        plan = self.events
        readings = [
            part.measured(probability, rng)
            for part, probability in zip(plan.parts, probabilities, strict=True)
        ]
        found = plan.value(readings)
        factor = plan.factor
        if plan.calibration is not None:
            factor *= readings[-1].probability / plan.calibration.probability
        sizes = [reading.probability / factor for reading in readings[: len(plan.terms)]]
        drawn = [
            1 if test is None or odds is None else _drawn_sign(event, test, gap, odds, factor, rng)
            for event, test, gap, odds in zip(
                self.observable.events, self.signs, self.gaps, signs, strict=True
            )
        ]
        value = self.observable.value(sizes, drawn)
        error = found.error
        if self.observable.is_root and value:
            error = value - math.sqrt(max(0.0, value**2 - error))
        return Value(value=value, error=error)


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


def _drawn_sign(
    event: Event, test: EventPlan, gap: float, probability: float, factor: float, rng: np.random.Generator
) -> int:
    assert event.sign is not None
    planned = 1 if event.sign.planned > 0 else -1
    found = math.sqrt(test.measured(probability, rng).probability / factor)
    return planned if found > gap else -planned
