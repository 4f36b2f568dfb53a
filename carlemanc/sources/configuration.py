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


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a spec asks for.

    Args:
        at: its configuration; where the method is left to be chosen, that of the leading one.
        candidates: every method of ours with the options of the spec, by name, in the order of the registry, and the
            one of the spec.
        leading: the name of the method that settles the encoding of L which all methods that invert share.
        asked: the name of the method of the spec; None where it is left to be chosen.
    """

    at: Configuration
    candidates: dict[str, AnyMethod]
    leading: str
    asked: str | None


def request_of(spec: ModelSpec, upload: Upload | None = None) -> Request:
    """Return what a spec asks for, or for one segment of its schedule.

    Raises InputError for a method that does not load, TooLarge for too many steps.
    """
    table = spec.solver
    asked = LEADING if table.method == AUTO else table.method
    candidates = {name: _method(name, table) for name in dict.fromkeys([*METHODS, asked])}
    inverts = candidates[LEADING].traits.access
    at = Configuration(
        source=source_of(spec, upload),
        lift=lift_of(spec),
        method=candidates[asked],
        goal=goal_named(spec.readout.target, spec.readout),
        reading=Reading(memory=spec.compile.memory, ancilla_budget=spec.compile.ancilla_budget),
        epsilon=spec.solver.epsilon,
        synthesis=spec.compile.synthesis,
    )
    return Request(
        at=at,
        candidates=candidates,
        leading=asked if at.method.traits.access is inverts else LEADING,
        asked=None if table.method == AUTO else table.method,
    )


def with_offered(request: Request) -> Request:
    """Return a request with the methods of installed packages as candidates too: their code is run.

    Raises InputError for one that does not load.
    """
    more = {
        name: _amplified_alike(request.at.method, method_named(name))
        for name in offered()
        if name not in request.candidates
    }
    return replace(request, candidates=request.candidates | more) if more else request


def _amplified_alike(one: AnyMethod, other: AnyMethod) -> AnyMethod:
    """Return another method with the rounds around it that the first one has."""
    return replace(one, inner=other) if isinstance(one, Amplified) else other


def _method(name: str, table: SolverTable) -> AnyMethod:
    options = METHODS[name].options if name in METHODS else ()
    given = {key: getattr(table, key) for key in options if hasattr(table, key)}
    method = method_named(name, **given)
    if not table.amplification:
        return method
    return Amplified(
        inner=method,
        target="ancillas" if table.amplification == "ancillas" else "readout",
        form=table.amplification_form,
        least_success=table.amplification_success,
    )
