"""Observables of a run: the circuits of their events, simulated one by one, and what is read of them.

Comes in: a design whose goal reads observables. Goes out: an `ObservedValue` each, from the exact probabilities of the
events, or from outcomes of the readout's own circuits, drawn from these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from carlemanc.backends.registry import simulate
from carlemanc.commands.backend_choice import DEFAULT, MAX_WORK, Amplitudes, refuse_long
from carlemanc.core.document import Document
from carlemanc.core.errors import InternalError
from carlemanc.core.progress import track
from carlemanc.evaluation.design import Design
from carlemanc.observables.observable import Observable
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import Program
from carlemanc.readout.estimators.combined import Value
from carlemanc.readout.observables_plan import ObservablesPlan

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
    backend, setting = backend or DEFAULT, design.setting
    rng = None if seed is None else np.random.default_rng(seed)
    found = []
    for wanted in track(plan.wanted, "observables", total=len(plan.wanted)):
        reading = plan.reading(wanted, design.plan.copy_probability, setting)
        odds = [
            _probability(_emitted(design, circuit, backend), backend)
            for _, circuit, _ in reading.parts(design.circuit, setting)
        ]
        if rng is None:
            found.append(_observed(wanted.observable, Value(value=reading.value(odds), error=0.0), design))
        else:
            value = reading.measured(odds, rng)
            found.append(replace(_observed(wanted.observable, value, design), uses=reading.uses))
    return tuple(found)


def run_alone(design: Design, backend: str) -> Amplitudes:
    """Return what a run succeeds with, and no amplitude of its answer. Raises TooLarge."""
    program = _emitted(design, design.circuit, backend)
    return Amplitudes(
        values=np.zeros((1, 0)),
        success=_probability(program, backend),
        backend=backend,
        width=program.width,
        gates=len(program),
        reason=None,
    )


def _emitted(design: Design, circuit: Bloq, backend: str) -> Program:
    """Emit a circuit of a design. Raises TooLarge where that is too long for the back end."""
    refuse_long(design, circuit, backend)
    return emit(circuit)


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


def _observed(observable: Observable, read: Value, design: Design) -> ObservedValue:
    share, epsilon = design.shares, design.at.epsilon
    solver = (share.polynomial + share.coefficients) * epsilon
    return ObservedValue(
        name=observable.name,
        expression=observable.expression,
        value=read.value,
        error_bar=read.error,
        carleman=observable.truncated,
        classical=observable.classical,
        scale=observable.scale,
        allowed=observable.sensitivity * solver + observable.omitted + 1e-9 * observable.scale,
        certificate=observable.proved,
        uses=None,
    )
