"""What every estimator promises: a plan for one event, and an interval from the outcomes of its circuits."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.formula import Formula
from carlemanc.readout.readout_circuit import ReadoutCircuit

if TYPE_CHECKING:
    from qualtran import Bloq

WIDEST = 0.5
"""Largest error of theta that is planned for, radians: theta lies in [0, pi/2]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An interval for theta = asin(sqrt(P)).

    Args:
        angle: the estimate, radians, in [0, pi/2].
        error: half of the interval, radians.
    """

    angle: float
    error: float

    @property
    def probability(self) -> float:
        """The estimate of P."""
        return math.sin(self.angle) ** 2

    @property
    def amplitude(self) -> float:
        """The estimate of sqrt(P)."""
        return math.sin(self.angle)

    @property
    def low(self) -> float:
        """Lower end, radians."""
        return max(0.0, self.angle - self.error)

    @property
    def high(self) -> float:
        """Upper end, radians."""
        return min(math.pi / 2, self.angle + self.error)

    @property
    def probability_error(self) -> float:
        """Distance from the estimate of P to the further end of its interval."""
        middle = self.probability
        return max(math.sin(self.high) ** 2 - middle, middle - math.sin(self.low) ** 2)

    @property
    def amplitude_error(self) -> float:
        """Distance from the estimate of sqrt(P) to the further end of its interval."""
        middle = self.amplitude
        return max(math.sin(self.high) - middle, middle - math.sin(self.low))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan(ABC):
    """How one event is read; what a plan promises holds for every true P, of which `probability` is a guess.

    Args:
        probability: P as planned with.
        delta: error of theta = asin(sqrt(P)), radians.
        failure: probability of an error above delta, failed operations within their budget included.
    """

    method: ClassVar[str]
    probability: float
    delta: float
    failure: float

    @property
    @abstractmethod
    def uses(self) -> int:
        """Uses of the event circuit or its adjoint in all circuits; 4 digits, the mean where they are drawn."""

    @property
    @abstractmethod
    def depth(self) -> int:
        """The most uses that one circuit holds."""

    @property
    @abstractmethod
    def circuits(self) -> int:
        """Number of circuits that are run."""

    @abstractmethod
    def fault_budget(self, flagged: float = 1.0) -> float:
        """Return the probability with which any operation of one use may fail, unheralded.

        Args:
            flagged: largest probability of the event in a run that failed; nothing is known of it: 1.
        """

    @property
    @abstractmethod
    def formula(self) -> Formula:
        """How the uses follow."""

    @abstractmethod
    def circuit(self, event: Bloq, eps: float = 0.0) -> Bloq:
        """Return the deepest circuit of the plan.

        Args:
            event: the event circuit, registers `system` and `ancilla`.
            eps: synthesis precision of each rotation that is not of the event's.
        """

    def counted(self, event: Bloq, name: str) -> list[ReadoutCircuit]:
        """Return the circuits of the whole plan, and how often each runs, for their counts.

        Circuits of r rounds use the event circuit or its adjoint 2r + 1 times, and their counts are linear in r: all of
        them together are so many plain circuits, and so many rounds more.

        Args:
            event: the event circuit.
            name: of the event.
        """
        from carlemanc.methods.amplification_circuit import grover_rounds

        rounds = Fraction(self.uses - self.circuits, 2)
        found = [ReadoutCircuit(name=name, bloq=event, times=Fraction(self.circuits))]
        if rounds > 0:
            one = ReadoutCircuit(
                name=f"{name}, rounds", bloq=grover_rounds(event, 3), times=rounds, beyond=event
            )
            found.append(one)
        return found

    def drawn(self, event: Bloq, name: str, rng: np.random.Generator) -> list[ReadoutCircuit]:
        """Return the circuits of one execution, each with its uses of the event circuit and how often it runs.

        Args:
            event: the event circuit.
            name: of the event.
            rng: draws the depths where these are random.
        """
        return [
            ReadoutCircuit(
                name=name, bloq=self.circuit(event), times=Fraction(self.circuits), uses=self.depth
            )
        ]

    @abstractmethod
    def measured(
        self, probability: float, rng: np.random.Generator, *, fault: float = 0.0, flagged: float = 1.0
    ) -> Reading:
        """Return what one repetition of the whole plan reads: outcomes drawn from exact odds, then the estimate.

        Args:
            probability: the true P.
            rng: the draws.
            fault: probability that a use fails; a circuit in which one does ends in noise.
            flagged: probability of the event in that noise.
        """


class Estimator(ABC):
    """An algorithm; its frozen dataclass holds its options."""

    name: ClassVar[str]
    power: ClassVar[int]
    """Uses grow as 1/delta to this power."""
    tail: ClassVar[float]
    """A sum of m events, their squared errors added, takes each at failure/m^tail: 0 for bell-shaped errors."""

    @abstractmethod
    def plan(self, probability: float, delta: float, failure: float) -> EventPlan:
        """Return the plan that reads theta within `delta`, but for probability `failure`."""

    @abstractmethod
    def half(self, probability: float, failure: float) -> EventPlan:
        """Return the plan that tells whether sqrt(P) is above half of that of the planned `probability`."""


def refuse_unfit(title: str, named: Iterable[tuple[str, object, bool, str]]) -> None:
    """Raise InputError where a number does not fit: (where, what was found, whether it fits, what is allowed) each."""
    problems = [
        Problem(where=where, found=repr(found), allowed=allowed)
        for where, found, fits, allowed in named
        if not fits
    ]
    if problems:
        raise InputError(title, problems)


def check_event(probability: float, delta: float, failure: float) -> None:
    """Raise InputError for numbers outside their range."""
    named = (
        ("probability of the event", probability, 0 <= probability <= 1, "a number from 0 to 1"),
        ("error of the angle", delta, 0 < delta <= WIDEST, f"a number above 0, at most {WIDEST}"),
        ("failure probability", failure, 0 < failure < 1, "a number between 0 and 1"),
    )
    refuse_unfit("an estimate needs a probability and an error", named)


def angle_of(probability: float) -> float:
    """Return theta = asin(sqrt(P)), radians."""
    return math.asin(math.sqrt(min(1.0, max(0.0, probability))))


def probability_delta(probability: float, error: float) -> float:
    """Return the error of theta, at most `WIDEST`, that keeps P within `error` of this P."""
    return _delta(angle_of(probability), angle_of(probability - error), angle_of(probability + error))


def amplitude_delta(probability: float, error: float) -> float:
    """Return the error of theta, at most `WIDEST`, that keeps sqrt(P) within `error` of that of this P."""
    amplitude = math.sqrt(probability)
    low, high = (math.asin(min(1.0, max(0.0, amplitude + shift))) for shift in (-error, error))
    return _delta(angle_of(probability), low, high)


def _delta(angle: float, low: float, high: float) -> float:
    """The smaller distance to an end; one at 0 or pi/2 binds nothing."""
    ends = [angle - low if low > 0 else WIDEST, high - angle if high < math.pi / 2 else WIDEST]
    return min(*ends, WIDEST)
