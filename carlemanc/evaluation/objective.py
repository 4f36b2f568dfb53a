"""What configurations are compared by: seconds, T gates, qubits or volume of all runs (`solver.objective`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

from carlemanc.costs.physical import LogicalJob, PhysicalCost
from carlemanc.costs.physical.frontier import hardware_named, least_volume
from carlemanc.costs.physical.hardware import Hardware
from carlemanc.evaluation.evaluate import Evaluation

Rank: TypeAlias = tuple[Fraction | int, ...]
"""Compared in order, less is better."""


@dataclass(frozen=True, slots=True)
class Objective:
    """One of them.

    Args:
        title: in words.
        rank: of an evaluation and its physical cost, None where no machine keeps its failure budget.
    """

    title: str
    rank: Callable[[Evaluation, PhysicalCost | None], Rank]


def _seconds(cost: Evaluation, point: PhysicalCost | None) -> Rank:
    time = seconds_of(cost, point)
    return (1, cost.expected_t) if time is None else (0, time)


def _volume(cost: Evaluation, point: PhysicalCost | None) -> Rank:
    time = seconds_of(cost, point)
    return (1, cost.expected_t) if time is None or point is None else (0, time * point.qubits)


OBJECTIVES: Final[Mapping[str, Objective]] = {
    "seconds": Objective("seconds of all runs", _seconds),
    "t": Objective("T gates of all runs", lambda cost, point: (cost.expected_t,)),
    "qubits": Objective("logical qubits", lambda cost, point: (cost.qubits, cost.expected_t)),
    "volume": Objective("physical qubits times seconds of all runs", _volume),
}
"""`solver.objective` -> how it ranks."""


def seconds_of(cost: Evaluation, point: PhysicalCost | None) -> Fraction | None:
    """Return the seconds of all runs in sequence, at the T rate of one run; None where no machine keeps the budget."""
    return None if point is None else point.time * Fraction(cost.expected_t, max(1, cost.t_of_a_run))


def physical_point(cost: Evaluation, hardware: str) -> PhysicalCost | None:
    """Return the point of least qubits times seconds of one run, as `price_physical` takes it."""
    return least_volume_point(cost.job, hardware_named(hardware), cost.failure_budget)


@lru_cache(maxsize=65536)
def least_volume_point(job: LogicalJob, hardware: Hardware, failure_budget: float) -> PhysicalCost | None:
    """Return `costs.physical.frontier.least_volume`, worked out once: the same jobs come up again and again."""
    return least_volume(job, hardware, failure_budget=failure_budget)
