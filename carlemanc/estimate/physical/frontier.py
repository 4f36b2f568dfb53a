"""The trade-off between physical qubits and time: every layout, every factory, one factory to as many as help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from carlemanc.core.errors import InputError, Problem
from carlemanc.estimate.physical.cost import PhysicalCost, physical_cost, saturating_factories
from carlemanc.estimate.physical.factories import factories_for
from carlemanc.estimate.physical.hardware import HARDWARE, Hardware
from carlemanc.estimate.physical.job import LogicalJob
from carlemanc.estimate.physical.layout import LAYOUTS

STEPS_PER_DOUBLING = 4
"""How finely numbers of factories are tried: all up to 8, then this many in every octave."""


def frontier(
    job: LogicalJob, hardware: Hardware, *, failure_budget: float = 0.01
) -> tuple[PhysicalCost, ...]:
    """Return the points no other point beats in both qubits and seconds, fewest qubits first.

    Raises InputError where no known factory meets the budget: the message says how good the states must be.
    """
    found = _pareto(_points(job, hardware, failure_budget))
    if found:
        return found
    states = max(job.t_states, 1)
    best = min(factories_for(hardware.physical_error), key=lambda factory: factory.error)
    problem = Problem(
        where="failure budget",
        found=f"{failure_budget:g} for {Decimal(states):.3g} T states",
        allowed=f"what the best known factory reaches: {best.name}, error {best.error:.2g} a state",
        help="a smaller job, a larger budget or hardware with fewer errors",
    )
    raise InputError("no known magic-state factory is good enough for this job", [problem])


def smallest_volume(points: Iterable[PhysicalCost]) -> PhysicalCost:
    """Return the point of least qubits times seconds."""
    return min(points, key=lambda point: (point.volume, point.qubits))


def hardware_named(name: str) -> Hardware:
    """Return a preset. Raises InputError for an unknown name."""
    if name not in HARDWARE:
        problem = Problem(where="hardware", found=repr(name), allowed=", ".join(HARDWARE))
        raise InputError("no such hardware preset", [problem])
    return HARDWARE[name]


def _points(job: LogicalJob, hardware: Hardware, budget: float) -> Iterator[PhysicalCost]:
    for layout in LAYOUTS.values():
        for factory in factories_for(hardware.physical_error):
            distance = None
            for number in _numbers(saturating_factories(job, hardware, layout, factory)):
                point = physical_cost(
                    job, hardware, layout, factory, number, failure_budget=budget, largest_distance=distance
                )
                if point is None:
                    break  # more factories only shorten the time: what fails is the states or the distance
                distance = point.distance
                yield point


def _numbers(most: int) -> Iterator[int]:
    """1 to 8, then numbers in geometric steps, and the most that help."""
    number = 1
    while number < most:
        yield number
        number = number + 1 if number < 8 else max(number + 1, round(number * 2 ** (1 / STEPS_PER_DOUBLING)))
    yield most


def _pareto(points: Iterable[PhysicalCost]) -> tuple[PhysicalCost, ...]:
    kept: list[PhysicalCost] = []
    for point in sorted(points, key=lambda point: (point.qubits, point.time)):
        if not kept or point.time < kept[-1].time:
            kept.append(point)
    return tuple(kept)
