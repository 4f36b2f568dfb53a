"""The work of `optimize` as jobs that cross a process: one search, or one estimate of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carlemanc.commands.opening import open_spec
from carlemanc.core.double_precision import as_float
from carlemanc.core.errors import CarlemancError
from carlemanc.evaluation.objective import physical_point, seconds_of
from carlemanc.evaluation.search.frontier import pareto, thinned
from carlemanc.evaluation.search.order import with_order
from carlemanc.evaluation.search.search import search
from carlemanc.evaluation.search.trial import Trial
from carlemanc.sources.choices import chosen_values
from carlemanc.spec.problems import Origin
from carlemanc.spec.schema import ModelSpec

Choices = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchJob:
    """A search for one objective.

    Args:
        tables, label, base: the spec.
        objective: `solver.objective`.
        hardware: preset of the seconds.
    """

    tables: Mapping[str, Any]
    label: str
    base: str
    objective: str
    hardware: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A configuration that a search found, by its choices, with its numbers before everything is counted."""

    choices: Choices
    t_count: int
    seconds: float
    qubits: int

    @property
    def quantities(self) -> tuple[float, float, float]:
        """What a frontier is over."""
        return (float(self.t_count), self.seconds, float(self.qubits))


def searched(job: SearchJob) -> list[Candidate]:
    """Return what a search tried and nothing else of it beats, thinned to about a digit; none where nothing applies."""
    origin = Origin(label=job.label, base=Path(job.base))
    spec = ModelSpec.from_dict(dict(job.tables), origin=origin)
    opened = open_spec(spec, (f"solver.objective={job.objective}",), hardware=job.hardware)
    request = with_order(opened.memo, opened.asked)
    found = search(opened.memo, request, every_method=True)
    taken = [
        trial for trial in found.trials.known.values() if isinstance(trial, Trial) and not any(trial.rank[:3])
    ]
    numbers = [candidate for trial in taken if (candidate := _candidate(opened.memo, opened.asked, trial))]
    kept = thinned(pareto(numbers, lambda one: one.quantities), lambda one: one.quantities)
    return kept


def _candidate(memo: Any, asked: Any, trial: Trial) -> Candidate | None:
    """Return a trial as plain values; None where no machine keeps its failure budget."""
    point = physical_point(trial.cost, asked.hardware)
    seconds = seconds_of(trial.cost, point)
    if point is None or seconds is None:
        return None
    return Candidate(
        choices=chosen_values(asked, trial.at, memo),
        t_count=trial.cost.expected_t,
        seconds=as_float(seconds),
        qubits=point.qubits,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateJob:
    """An estimate of a spec with every choice written in."""

    tables: Mapping[str, Any]
    label: str
    base: str
    hardware: str


def estimated(job: EstimateJob) -> dict[str, Any] | None:
    """Return the numbers of an estimate; None where it is refused, or has no physical cost."""
    from carlemanc.commands.estimate import estimate

    origin = Origin(label=job.label, base=Path(job.base))
    try:
        found = estimate(ModelSpec.from_dict(dict(job.tables), origin=origin), hardware=job.hardware)
    except CarlemancError:
        return None
    best = found.physical.best
    if best is None:
        return None
    return {
        "t_count": found.total.t_in_all,
        "seconds": found.physical.seconds_of_all_runs,
        "physical_qubits": best.qubits,
        "logical_qubits": found.logical_qubits,
        "method": found.plan.method,
    }
