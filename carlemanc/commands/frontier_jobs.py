"""The work of `optimize` as jobs that cross a process: one search, or one estimate of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carlemanc.commands.opening import open_spec
from carlemanc.core.double_precision import as_float
from carlemanc.core.errors import CarlemancError
from carlemanc.core.memo import Memo
from carlemanc.evaluation.objective import physical_point, seconds_of
from carlemanc.evaluation.search.frontier import pareto, thinned
from carlemanc.evaluation.search.order import with_order
from carlemanc.evaluation.search.search import search
from carlemanc.evaluation.search.trial import Trial
from carlemanc.sources.choices import chosen_values
from carlemanc.sources.configuration import Request
from carlemanc.spec.problems import Origin
from carlemanc.spec.schema import ModelSpec

Choices = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecJob:
    """A spec to be searched, or estimated, as plain values.

    Args:
        tables, label, base, held: the spec.
        hardware: preset of the seconds.
    """

    tables: Mapping[str, Any]
    label: str
    base: str
    hardware: str
    held: Mapping[str, bytes]

    @classmethod
    def of(cls, spec: ModelSpec, hardware: str) -> SpecJob:
        """Return the job of a spec."""
        return cls(
            tables=spec.to_dict(),
            label=spec.origin,
            base=str(spec.base),
            hardware=hardware,
            held=dict(spec.held),
        )

    @property
    def spec(self) -> ModelSpec:
        """The spec again."""
        origin = Origin(label=self.label, base=Path(self.base), held=self.held)
        return ModelSpec.from_dict(dict(self.tables), origin=origin)


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


def frontier(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates that no other beats, thinned to about a digit."""
    return thinned(pareto(candidates, lambda one: one.quantities), lambda one: one.quantities)


def searched(job: SpecJob) -> list[Candidate]:
    """Return the frontier of what a search for `solver.objective` tried; none where nothing applies."""
    opened = open_spec(job.spec, hardware=job.hardware)
    memo, asked = opened.memo, opened.asked
    found = search(memo, with_order(memo, asked), every_method=True)
    trials = (one for one in found.trials.known.values() if isinstance(one, Trial))
    return frontier(
        candidate
        for trial in trials
        if not any(trial.rank[:3]) and (candidate := _candidate(memo, asked, trial)) is not None
    )


def _candidate(memo: Memo, asked: Request, trial: Trial) -> Candidate | None:
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


def estimated(job: SpecJob) -> dict[str, Any] | None:
    """Return the numbers of an estimate; None where it is refused, or has no physical cost."""
    from carlemanc.commands.estimate import estimate

    try:
        found = estimate(job.spec, hardware=job.hardware, levers=False)
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
