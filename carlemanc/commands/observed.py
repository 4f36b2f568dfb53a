"""Observables of a run: the circuits of their events, simulated one by one, and what is read of them.

Comes in: a design whose goal reads observables. Goes out: an `ObservedValue` each, from the exact probabilities of the
events, or from outcomes of the readout's own circuits, drawn from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carlemanc.backends.registry import simulate
from carlemanc.commands.backend_choice import DEFAULT, MAX_WORK, Amplitudes, refuse_long
from carlemanc.core.document import Document
from carlemanc.core.errors import InternalError
from carlemanc.core.progress import track
from carlemanc.evaluation.design import Design
from carlemanc.methods.flagged import Flagged
from carlemanc.observables.event import copies_of
from carlemanc.observables.observable import Observable
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import Program
from carlemanc.readout.observables_plan import ObservablesPlan
from carlemanc.readout.readout_plan import Setting
from carlemanc.readout.value_plan import ValuePlan

if TYPE_CHECKING:
    from qualtran import Bloq


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedValue(Document):
    """One observable, read.

    Args:
        name, expression: as the spec has them.
        value: what the circuits say.
        error_bar: half of the interval of the draws, with probability 1 - failure_probability; 0 where probabilities
            are exact.
        carleman: the value of the truncated iterate; None where that is too large to be solved.
        classical: the value after gradient descent; None where that was not run to the end.
        scale: planned magnitude, the constant apart.
        allowed: |value - carleman| that the solver's share of the precision leaves.
        certificate: proved bound of |carleman - classical|; None where nothing finite is proved.
        uses: of the run, in the circuits that were drawn; None where probabilities are exact.
    """

    name: str
    expression: str
    value: float
    error_bar: float
    carleman: float | None
    classical: float | None
    scale: float
    allowed: float
    certificate: float | None
    uses: int | None

    @property
    def failure(self) -> str | None:
        """What is wrong with it, or None; a draw is held against nothing."""
        if self.carleman is None or self.uses is not None:
            return None
        off = abs(self.value - self.carleman)
        if off <= self.allowed:
            return None
        return f"{self.name} is {off:.3g} from that of the Carleman iterate; the solver may take {self.allowed:.3g}"


def read_observables(
    design: Design, backend: str | None, *, seed: int | None = None
) -> tuple[ObservedValue, ...]:
    """Simulate the circuits of all events and return the values.

    Args:
        design: of the run; its goal reads observables.
        backend: `sparse`, `aer` or `cirq`; None: `sparse`.
        seed: of draws from the readout's own circuits; None: exact probabilities.

    Raises TooLarge where the circuits are too long for the back end.
    """
    plan = design.readout
    if not isinstance(plan, ObservablesPlan):
        raise InternalError("this goal reads no observables")
    simulator = _Simulator(design, backend or DEFAULT)
    rng = None if seed is None else np.random.default_rng(seed)
    found = []
    for wanted in track(plan.wanted, "observables", total=len(plan.wanted)):
        reading = plan.reading(wanted, design.plan.copy_probability, design.setting)
        exact = simulator.probabilities(reading)
        if rng is None:
            value, error = exact.value(), 0.0
        else:
            drawn = reading.measured(exact.events, exact.signs, rng)
            value, error = drawn.value, drawn.error
        found.append(
            _observed(wanted.observable, value, error, design, None if rng is None else reading.uses)
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probabilities:
    """Exact probabilities of the circuits of one observable.

    Args:
        observable: the observable.
        events: of its events, then of the calibration where there is one.
        signs: of the tests of signs; None where there is none.
        gaps: those of the reading.
        factor: probability of an event by its size.
    """

    observable: Observable
    events: tuple[float, ...]
    signs: tuple[float | None, ...]
    gaps: tuple[float, ...]
    factor: float

    def value(self) -> float:
        """Return the value that they stand for."""
        number = len(self.observable.events)
        signs = []
        for event, odds, gap in zip(self.observable.events, self.signs, self.gaps, strict=True):
            if event.sign is None or odds is None:
                signs.append(1)
                continue
            planned = 1 if event.sign.planned > 0 else -1
            signs.append(planned if odds > gap**2 * self.factor else -planned)
        return self.observable.value([odds / self.factor for odds in self.events[:number]], signs)


class _Simulator:
    """Simulates the circuits of a readout."""

    def __init__(self, design: Design, backend: str) -> None:
        self._design = design
        self._backend = backend
        self._setting: Setting = design.setting

    def probabilities(self, reading: ValuePlan) -> _Probabilities:
        """Return what the circuits of one observable show."""
        design, setting = self._design, self._setting
        run, access = design.circuit, design.access
        events = [self._event(event.circuit(run, access)) for event in reading.observable.events]
        signs = [
            None if event.sign is None else self._event(event.sign.circuit(run, access, scale=setting.scale))
            for event in reading.observable.events
        ]
        factor = setting.factor
        if setting.scale is None:
            known = access.answer.calibration
            assert known is not None, "a method that loses its norm is calibrated"
            events.append(self._event(Flagged(run, known.flag)))
            factor = events[-1] * copies_of(access) / known.norm**2
        return _Probabilities(
            observable=reading.observable,
            events=tuple(events),
            signs=tuple(signs),
            gaps=reading.gaps,
            factor=factor,
        )

    def _event(self, circuit: Bloq) -> float:
        """Return the probability that a circuit ends with all ancillas |0>."""
        refuse_long(self._design, circuit, self._backend)
        return _probability(emit(circuit), self._backend)


def run_alone(design: Design, backend: str) -> Amplitudes:
    """Return what a run succeeds with, and no amplitude of its answer. Raises TooLarge."""
    refuse_long(design, design.circuit, backend)
    program = emit(design.circuit)
    return Amplitudes(
        values=np.zeros((1, 0)),
        success=_probability(program, backend),
        backend=backend,
        width=program.width,
        gates=len(program),
        reason=None,
    )


def _probability(program: Program, backend: str) -> float:
    """Return the probability that all wires but those of `system` end in |0>."""
    kept = "system" if program.registers.get("system") else "ancilla"
    options: dict[str, Any] = {}
    if backend == DEFAULT:
        read = set(program.registers[kept]) if kept == "system" else set()
        others = [wire for wire in range(program.width) if wire not in read]
        options = {"max_work": MAX_WORK, "projected": others}  # what leaves the event is dropped at once
    state = simulate(program, backend, register=kept, **options)
    if kept == "system":
        return state.success_probability
    return float(np.abs(state.at(np.array([0]))[0]) ** 2)


def _observed(
    observable: Observable, value: float, error: float, design: Design, uses: int | None
) -> ObservedValue:
    share, epsilon = design.shares, design.at.epsilon
    solver = (share.polynomial + share.coefficients) * epsilon
    known = observable.certificate < float("inf")
    return ObservedValue(
        name=observable.name,
        expression=observable.expression,
        value=value,
        error_bar=error,
        carleman=observable.truncated,
        classical=observable.classical,
        scale=observable.scale,
        allowed=observable.sensitivity * solver + observable.omitted + 1e-9 * observable.scale,
        certificate=observable.certificate if known else None,
        uses=uses,
    )
