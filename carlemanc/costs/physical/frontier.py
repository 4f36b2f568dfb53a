"""The trade-off between physical qubits and time: every layout, every factory, one factory to as many as help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from carlemanc.core.errors import InputError, Problem
from carlemanc.costs.physical.cost import (
    PhysicalCost,
    least_block,
    physical_cost,
    saturating_factories,
    volume_bound,
)
from carlemanc.costs.physical.factories import Factory, factories_for
from carlemanc.costs.physical.hardware import HARDWARE, Hardware
from carlemanc.costs.physical.job import LogicalJob
from carlemanc.costs.physical.layout import LAYOUTS, Layout

STEPS_PER_DOUBLING = 4
"""How finely numbers of factories are tried: all up to 8, then this many in every octave."""


def frontier(job: LogicalJob, hardware: Hardware, *, failure_budget: float) -> tuple[PhysicalCost, ...]:
    """Return the points no other point beats in both qubits and seconds, fewest qubits first.

    Raises InputError where no known factory meets the budget: the message says how good the states must be; and as
    `physical_cost` does.
    """
    hardware.check(failure_budget)
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


def least_volume(job: LogicalJob, hardware: Hardware, *, failure_budget: float) -> PhysicalCost | None:
    """Return `smallest_volume` of the frontier without working out the rest of it; None where there is no point.

    Ways to run the job are tried in the order of a lower bound of their volume, until that exceeds one found. A budget
    of 0 is one that no machine keeps.
    """
    if not failure_budget:
        return None
    ways = [
        (volume_bound(job, hardware, factory, qubits, time), layout, factory)
        for qubits, time, layout, factory in _ways(job, hardware, failure_budget)
    ]
    best: PhysicalCost | None = None
    for bound, layout, factory in sorted(ways, key=lambda way: way[0]):
        if best is not None and bound > best.volume:
            break
        points = [*([best] if best else []), *_points_of(job, hardware, layout, factory, failure_budget)]
        best = smallest_volume(points) if points else None
    return best


def smallest_volume(points: Iterable[PhysicalCost]) -> PhysicalCost:
    """Return the point of least qubits times seconds."""
    return min(points, key=lambda point: (point.volume, point.qubits))


def hardware_named(name: str) -> Hardware:
    """Return a preset. Raises InputError for an unknown name."""
    if name not in HARDWARE:
        problem = Problem(where="hardware", found=repr(name), allowed=", ".join(HARDWARE))
        raise InputError("no such hardware preset", [problem])
    return HARDWARE[name]


def _points(job: LogicalJob, hardware: Hardware, budget: float) -> list[PhysicalCost]:
    """Return the points of every way (layout, factory) but those that one point beats with any number of factories."""
    points: list[PhysicalCost] = []
    for qubits, time, layout, factory in sorted(_ways(job, hardware, budget), key=lambda way: way[:2]):
        if not any(point.qubits <= qubits and point.time < time for point in points):
            points.extend(_points_of(job, hardware, layout, factory, budget))
    return points


def _ways(
    job: LogicalJob, hardware: Hardware, budget: float
) -> Iterator[tuple[int, Fraction, Layout, Factory]]:
    """Yield each way with the fewest qubits and the shortest time that it may have."""
    for layout in LAYOUTS.values():
        least = least_block(job, hardware, layout, budget)
        if least is not None:
            for factory in factories_for(hardware.physical_error):
                made = factory.qubits if job.t_states else 0
                yield least[0] + made, least[1], layout, factory


def _points_of(
    job: LogicalJob, hardware: Hardware, layout: Layout, factory: Factory, budget: float
) -> Iterator[PhysicalCost]:
    distance = None
    for number in _numbers(saturating_factories(job, hardware, layout, factory)):
        point = physical_cost(
            job, hardware, layout, factory, number, failure_budget=budget, largest_distance=distance
        )
        if point is None:
            return  # more factories only shorten the time: what fails is the states or the distance
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
