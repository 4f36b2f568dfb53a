"""`optimize`: the configurations of a spec that none other beats in T gates, seconds and physical qubits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carlemanc.commands.frontier_jobs import Candidate, SpecJob, estimated, frontier, searched
from carlemanc.commands.opening import open_spec
from carlemanc.core.atomic_output import atomic_directory, check_directory_place
from carlemanc.core.document import Document
from carlemanc.core.engine import Engine, engine
from carlemanc.core.errors import InputError
from carlemanc.core.frame import configuration_row, frame
from carlemanc.core.json_text import json_text
from carlemanc.core.progress import task, track
from carlemanc.core.shown import Plotted
from carlemanc.costs.physical.frontier import hardware_named
from carlemanc.evaluation.objective import OBJECTIVES
from carlemanc.evaluation.search.frontier import pareto
from carlemanc.sources.configuration import DEFAULT_HARDWARE
from carlemanc.sources.source import SpecLike, loaded
from carlemanc.spec.effective import resolved, resolved_text
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema import ModelSpec

if TYPE_CHECKING:
    from pandas import DataFrame

FRONTIER_FILE = "frontier.json"
_LOST = "a worker process of the search died (out of memory, or killed)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPoint(Document):
    """A configuration of the frontier, as an estimate of its own spec counts it.

    Args:
        file: of its spec in the directory, None where none was asked for.
        spec: with every choice written in.
        choices: each key with its value, and whether the spec or the search chose it.
        method: the method.
        t_count: every T gate of all runs.
        seconds: of all runs.
        physical_qubits, logical_qubits: of a run.
    """

    file: str | None
    spec: ModelSpec
    choices: Mapping[str, Mapping[str, Any]]
    method: str
    t_count: int
    seconds: float
    physical_qubits: int
    logical_qubits: int

    KEYS = "file method t_count seconds physical_qubits logical_qubits choices"

    @property
    def quantities(self) -> tuple[float, float, float]:
        """What the frontier is over."""
        return (float(self.t_count), self.seconds, float(self.physical_qubits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier(Plotted, Document):
    """The configurations that none other beats, fewest T gates first."""

    name: str
    hardware: str
    points: tuple[FrontierPoint, ...]

    BRIEF = "name hardware points"
    KEYS = "name hardware points"

    def to_frame(self) -> DataFrame:
        """Return the points as a pandas DataFrame, with what was chosen for each."""
        return frame(configuration_row(point.to_json(), point.choices) for point in self.points)


def optimize(
    spec: SpecLike,
    *,
    output: str | PathLike[str] | None = None,
    overrides: Iterable[str] = (),
    hardware: str = DEFAULT_HARDWARE,
    processes: int = 1,
    scheduler: str | None = None,
) -> Frontier:
    """Return the frontier of the keys that a spec leaves out, over T gates, seconds and physical qubits of all runs.

    Each objective is searched, with every method to the end; what none of all that was tried beats is estimated, and
    the frontier is of these estimates. Each point is a spec that gives the same numbers again.

    Args:
        spec: the model.
        output: directory for frontier.json and a spec of each point; None: no files.
        overrides: `KEY=VALUE` strings.
        hardware: preset of the physical costs.
        processes: local processes that share the work.
        scheduler: address of a Dask scheduler to use instead.

    Raises InputError where no method applies, CheckFailed where a worker died.
    """
    hardware_named(hardware)
    model = loaded(spec, overrides)
    if output is not None:
        check_directory_place(output)
    with engine(processes=processes, scheduler=scheduler, lost=_LOST) as workers:
        candidates = _candidates(model, workers, hardware)
        if not candidates:
            open_spec(model, hardware=hardware).choice  # noqa: B018  says why nothing applies, where nothing does
        points = _estimates(model, candidates, workers, hardware)
    if not points:
        raise InputError(
            f"no configuration of {model.name} within compile.max_qubits = {model.compile.max_qubits:,} has a physical "
            f"cost on {hardware}"
        )
    found = Frontier(name=model.name, hardware=hardware, points=tuple(points))
    return found if output is None else _written(found, model, Path(output))


def _candidates(model: ModelSpec, workers: Engine, hardware: str) -> Sequence[Candidate]:
    """Return what no configuration that was tried beats, of the searches for all objectives."""
    specs = [load_spec(model, (f"solver.objective={objective}",)) for objective in OBJECTIVES]
    jobs = [SpecJob.of(spec, hardware) for spec in specs]
    found: list[Candidate] = []
    for part in track(workers.in_order(searched, jobs), "search each objective", total=len(jobs)):
        found += part
    return frontier(found)


def _estimates(
    model: ModelSpec, candidates: Sequence[Candidate], workers: Engine, hardware: str
) -> list[FrontierPoint]:
    """Return the frontier of the estimates of some candidates."""
    specs = [resolved(model, one.choices) for one in candidates]
    jobs = [SpecJob.of(spec, hardware) for spec in specs]
    points = []
    with task("estimate the frontier", len(jobs)) as progress:
        for spec, one, numbers in zip(specs, candidates, workers.in_order(estimated, jobs), strict=True):
            progress.advance()
            if numbers is not None:
                points.append(FrontierPoint(file=None, spec=spec, choices=one.choices, **numbers))
    return pareto(points, lambda point: point.quantities)


def _written(found: Frontier, model: ModelSpec, directory: Path) -> Frontier:
    """Write the specs of the points and what they cost; return the frontier with their files."""
    points = tuple(
        replace(point, file=f"point-{number}.toml") for number, point in enumerate(found.points, start=1)
    )
    found = replace(found, points=points)
    with atomic_directory(directory) as place:
        for name, content in model.held.items():
            (place / name).write_bytes(content)
        for point in points:
            assert point.file is not None
            (place / point.file).write_text(resolved_text(model, point.choices, directory), encoding="utf-8")
        (place / FRONTIER_FILE).write_text(f"{json_text(found.to_json())}\n", encoding="utf-8")
    return found
