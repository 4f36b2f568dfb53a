"""A configuration: everything that decides what a run is and costs, as a value that compares and hashes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from carlemanc.access.access import Reading
from carlemanc.linear_system.lifted import Lift
from carlemanc.methods.amplified import Amplified
from carlemanc.methods.method import AnyMethod
from carlemanc.methods.registry import LEADING, METHODS, method_named, offered
from carlemanc.model.upload import Upload
from carlemanc.readout.goal import Goal
from carlemanc.readout.registry import goal_named
from carlemanc.sources.source import Source, source_of
from carlemanc.sources.systems import lift_of
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.schema_compilation import SolverTable

AUTO = "auto"
DEFAULT_HARDWARE = "superconducting"
"""Preset of `costs.physical` that seconds are of where none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is run and how; another one is `dataclasses.replace` of this.

    Args:
        source: what is trained or solved.
        lift: how it becomes linear.
        method: amplified or not.
        goal: what is read.
        reading: how tables are read.
        epsilon: relative error allowed to theta(T) - center.
        synthesis: how rotations become Clifford+T.
    """

    source: Source
    lift: Lift
    method: AnyMethod
    goal: Goal
    reading: Reading
    epsilon: float
    synthesis: str

    @property
    def plain_method(self) -> AnyMethod:
        """The method, without the rounds around it."""
        return self.method.inner if isinstance(self.method, Amplified) else self.method

    def with_method(self, method: AnyMethod) -> Configuration:
        """Return the same with another method in the rounds, if any, that are around this one's."""
        if isinstance(self.method, Amplified):
            method = replace(self.method, inner=method)
        return replace(self, method=method)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a spec asks for.

    Args:
        at: its configuration; a key that is left to be chosen has the value that holds where nothing is searched: the
            leading method, no rounds, gamma and padding by their own rules, no ancilla budget, words, samples.
        candidates: every method of ours with the options of the spec, by name, in the order of the registry, and the
            one of the spec.
        leading: the name of the method that settles the encoding of L which all methods that invert share.
        free: the keys that are left to be chosen, in the order of the schema.
        rounds: the rounds of amplification that a method is given where it is given any.
        objective: what free keys are chosen for.
        max_qubits: logical qubits that they are chosen within.
        hardware: preset whose seconds are compared.
    """

    at: Configuration
    candidates: dict[str, AnyMethod]
    leading: str
    free: tuple[str, ...]
    rounds: Amplified
    objective: str
    max_qubits: int
    hardware: str = DEFAULT_HARDWARE

    @property
    def asked(self) -> str | None:
        """The name of the method of the spec; None where it is left to be chosen."""
        return None if METHOD in self.free else self.at.plain_method.name


METHOD, AMPLIFICATION = "solver.method", "solver.amplification"
ORDER, PADDING, RESCALING = "carleman.order", "carleman.padding", "carleman.rescaling"
ANCILLA_BUDGET, SYNTHESIS, READOUT = "compile.ancilla_budget", "compile.synthesis", "readout.method"
UNSEARCHED_SYNTHESIS, UNSEARCHED_READOUT = "gridsynth", "sampling"


def request_of(spec: ModelSpec, upload: Upload | None = None) -> Request:
    """Return what a spec asks for, or for one segment of its schedule.

    Raises InputError for a method that does not load, TooLarge for too many steps.
    """
    table, compiled = spec.solver, spec.compile
    asked = LEADING if table.method == AUTO else table.method
    candidates = {name: _method(name, table) for name in dict.fromkeys([*METHODS, asked])}
    inverts = candidates[LEADING].traits.access
    rounds = Amplified(
        inner=candidates[asked],
        target="ancillas" if table.amplification == "ancillas" else "readout",
        form=table.amplification_form,
        least_success=table.amplification_success,
    )
    at = Configuration(
        source=source_of(spec, upload),
        lift=lift_of(spec),
        method=rounds if table.amplification not in (False, AUTO) else candidates[asked],
        goal=_goal(spec),
        reading=Reading(
            memory=compiled.memory,
            ancilla_budget=0 if compiled.ancilla_budget == AUTO else int(compiled.ancilla_budget),
        ),
        epsilon=table.epsilon,
        synthesis=UNSEARCHED_SYNTHESIS if compiled.synthesis == AUTO else compiled.synthesis,
    )
    return Request(
        at=at,
        candidates=candidates,
        leading=asked if candidates[asked].traits.access is inverts else LEADING,
        free=_free(spec),
        rounds=rounds,
        objective=table.objective,
        max_qubits=compiled.max_qubits,
    )


def _free(spec: ModelSpec) -> tuple[str, ...]:
    """Return the keys that are left to be chosen; a linear system as it is has nothing to lift."""
    values: dict[str, object] = {
        METHOD: spec.solver.method,
        AMPLIFICATION: spec.solver.amplification,
        ANCILLA_BUDGET: spec.compile.ancilla_budget,
        SYNTHESIS: spec.compile.synthesis,
    }
    if spec.system is None:
        values |= {PADDING: spec.carleman.padding, RESCALING: spec.carleman.rescaling}
    if spec.readout.target != "observables":  # whose estimator is chosen for each of them, by itself
        values[READOUT] = spec.readout.method
    return tuple(key for key, value in values.items() if value == AUTO)


def _goal(spec: ModelSpec) -> Goal:
    """Return the goal; weights are sampled where nothing is searched."""
    table = spec.readout
    if table.target != "observables" and table.method == AUTO:
        table = table.model_copy(update={"method": UNSEARCHED_READOUT})
    return goal_named(table.target, table)


def with_offered(request: Request) -> Request:
    """Return a request with the methods of installed packages as candidates too: their code is run.

    Raises InputError for one that does not load.
    """
    more = {name: method_named(name) for name in offered() if name not in request.candidates}
    return replace(request, candidates=request.candidates | more) if more else request


def _method(name: str, table: SolverTable) -> AnyMethod:
    options = METHODS[name].options if name in METHODS else ()
    given = {key: getattr(table, key) for key in options if hasattr(table, key)}
    return method_named(name, **given)
