"""The plan of reading observables: for each, how often the circuits of its events run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import whole
from carlemanc.observables.observable import Observable
from carlemanc.readout.readout_circuit import ReadoutCircuit
from carlemanc.readout.readout_plan import OwnCircuits, Setting, refuse_impossible
from carlemanc.readout.value_plan import ValuePlan, plan_value

if TYPE_CHECKING:
    import numpy as np
    from qualtran import Bloq

USES = Formula(
    text="an event of probability P = s^2 m costs C/delta uses at the error delta of asin(sqrt P); the errors of the "
    "events are split for the fewest uses, 2 C (sum_i (w_i sqrt(P_i))^(2/3))^(3/2)/delta in all",
    status="derived here",
)
FAULTS = Formula(
    text="a use may fail as often as the claim of its estimator allows: .05 delta for maximum likelihood, a fifth of "
    "the failure probability over the uses of the circuit for phase estimation, 5 % of the error for shots; delta the "
    "error of asin(sqrt P)",
    status="measured",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An observable, and how precisely it is read.

    Args:
        observable: the observable.
        delta: absolute error that its readout may cause.
    """

    observable: Observable
    delta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservablesPlan(OwnCircuits):
    """Uses of a run in the circuits of events; `epsilon` is the error of theta(T) - center of the same effect.

    Args:
        wanted: the observables with their errors; each fails with `failure_probability`.
        precision: of solver and readout together, over the planned magnitude.
        size: ||y_1(T)||^2 = (||u(T)||/gamma)^2 as planned: the size of the event "a copy of theta(T)".
    """

    wanted: tuple[Wanted, ...]
    precision: float
    size: float

    KEYS = "method epsilon failure_probability source"

    def reading(self, wanted: Wanted, probability: float, setting: Setting | None = None) -> ValuePlan:
        """Return how an observable is read; arguments are those of `runs`.

        Raises InputError where the method loses the norm of x and nothing in its state is known.
        """
        if setting is not None and setting.scale is None and setting.calibration is None:
            problem = Problem(
                where="solver.method",
                found="one that loses the norm of x, and a start at the center",
                allowed="a method that keeps it, such as march or qsvt, or a start off the center, which calibrates",
            )
            raise InputError("nothing tells the norm of what is read", [problem])
        return plan_value(
            wanted.observable,
            wanted.delta,
            self.failure_probability,
            self.method,
            factor=probability / self.size if setting is None else setting.factor,
            calibration=None if setting is None else setting.calibration,
            access=None if setting is None else setting.access,
        )

    @property
    def need(self) -> str:
        """What the circuits of events make of them."""
        return f"and circuits of one or more uses of a run estimate events inside it ({self.source})"

    @property
    def target(self) -> str:
        """The precision of the observables."""
        number = len(self.wanted)
        return (
            f"in the circuits of {number} observable{'s' * (number > 1)}: each to within {100 * self.precision:g} % "
            f"of its planned magnitude with probability {1 - self.failure_probability:g}, solver included"
        )

    @property
    def inputs(self) -> Mapping[str, float | int]:
        """The absolute errors by the names of the observables, and the failure probability of each."""
        errors = {f"error of {one.observable.name}": one.delta for one in self.wanted}
        return errors | {"delta": self.failure_probability}

    @property
    def reads(self) -> str:
        """That observables are read."""
        return "the observables"

    def runs(self, probability: float, setting: Setting | None = None) -> int:
        """Return the uses of all circuits; see `ReadoutPlan.runs`."""
        refuse_impossible(probability)
        return whole(sum(self.reading(one, probability, setting).uses for one in self.wanted))

    def circuits(self, run: Bloq, probability: float, setting: Setting) -> tuple[ReadoutCircuit, ...]:
        """Return the circuits of all observables."""
        found = (self.reading(one, probability, setting).circuits(run, setting) for one in self.wanted)
        return tuple(circuit for circuits in found for circuit in circuits)

    def drawn(
        self, run: Bloq, probability: float, setting: Setting, rng: np.random.Generator
    ) -> tuple[ReadoutCircuit, ...]:
        """Return the circuits of all observables, the name of each before that of its event."""
        return tuple(
            replace(circuit, name=f"{one.observable.name}: {circuit.name}")
            for one in self.wanted
            for circuit in self.reading(one, probability, setting).drawn(run, setting, rng)
        )

    def achieved(self, runs: float, probability: float) -> float:
        """Return `epsilon`: the uses follow from it and are not given."""
        return self.epsilon

    def failure_budget(self, runs: int, probability: float) -> tuple[float, Formula]:
        """Return the least of what the estimators allow a use."""
        return min(self.reading(one, probability).fault_budget for one in self.wanted), FAULTS
