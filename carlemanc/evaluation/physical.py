"""The physical cost of an estimate: one run in the surface code, and all runs in sequence."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.core.errors import InputError
from carlemanc.costs.physical import LogicalJob, PhysicalCost, smallest_volume
from carlemanc.costs.physical.frontier import frontier, hardware_named
from carlemanc.costs.physical.microsoft import MicrosoftEstimate, microsoft_estimate
from carlemanc.sources.configuration import DEFAULT_HARDWARE


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalEstimate(Document):
    """The frontier of one run on a machine, and the point of least volume, without which it has no document.

    Attributes:
        hardware: name of the preset; `source`: the paper of its numbers.
        runs: how often the circuit is run.
        failure_budget: probability at most that an operation of one run fails (`evaluation.faults`).
        points: none beaten in both qubits and time, fewest qubits first; empty where none is known.
        reason: why there is none.
        cross_check: what Microsoft's estimator says of the same run, where it was asked.
    """

    hardware: str
    source: str
    runs: int
    failure_budget: float
    points: tuple[PhysicalCost, ...]
    reason: str
    cross_check: MicrosoftEstimate | None = None

    KEYS = """
        *=best seconds_of_all_runs failure_budget hardware.name=hardware hardware.source=source frontier=points
        cross_check?
    """

    @property
    def best(self) -> PhysicalCost | None:
        """The point of least qubits times seconds."""
        return smallest_volume(self.points) if self.points else None

    @property
    def seconds_of_all_runs(self) -> float:
        """Time of all runs in sequence; infinite beyond the range of floats, 0 where no point is known."""
        return as_float(self.best.time * self.runs) if self.best else 0.0


def price_physical(
    job: LogicalJob,
    *,
    runs: int,
    failure_budget: float,
    hardware: str = DEFAULT_HARDWARE,
    cross_check: bool = False,
) -> PhysicalEstimate:
    """Return the physical cost of a run within its failure budget.

    With `cross_check`, Microsoft's estimator is asked too. Raises InputError for an unknown preset, and where that
    estimator is not installed or cannot price the job.
    """
    machine = hardware_named(hardware)
    try:
        points, reason = frontier(job, machine, failure_budget=failure_budget), ""
    except InputError as error:  # said in the result: no known factory is good enough
        points, reason = (), f"{error.title} ({error.problems[0].allowed})"
    return PhysicalEstimate(
        hardware=machine.name,
        source=machine.source,
        runs=runs,
        failure_budget=failure_budget,
        points=points,
        reason=reason,
        cross_check=microsoft_estimate(job, machine, failure_budget=failure_budget) if cross_check else None,
    )
