"""A polynomial of theta(T) as events: overlaps for its linear part, squares on a lattice, a row for the rest."""

from __future__ import annotations

import math

from carlemanc.core.arrays import Vector
from carlemanc.model.polynomial_map import Operator, PolynomialMap
from carlemanc.model.polynomial_value import value_about_center
from carlemanc.observables.certificate import (
    bound_of_part,
    certified_polynomial,
    certified_square,
    dropped_part,
)
from carlemanc.observables.even_powers import EvenPower
from carlemanc.observables.event import Event, cost_of
from carlemanc.observables.few_sites import few_site_events, few_sites
from carlemanc.observables.observable import Observable
from carlemanc.observables.overlap_events import overlap_events
from carlemanc.observables.quadratic_split import split_events, split_quadratic
from carlemanc.observables.question import OMITTED, Question, Reading
from carlemanc.observables.row_events import image_event, row_events
from carlemanc.observables.sensitivity import polynomial_sensitivity, square_sensitivity
from carlemanc.observables.truncated_state import image_of_state, product_of_state, truncated_state
from carlemanc.observables.vectors import along_u, vector_of


def polynomial_observable(asked: Question) -> Observable:
    """Return the observable of a polynomial; arguments and errors are those of `observe`."""
    lifted, whole = asked.lifted, asked.whole
    moved = value_about_center(whole.map, asked.classical_end)
    scale = asked.checked_scale(moved, bound_of_part(whole.map, asked.end))
    reading = asked.read(bound_of_part, OMITTED * asked.precision * scale, as_squares=True)
    read, powers, order = reading.rest, reading.powers, lifted.systems[0].order
    state = truncated_state(lifted)
    certificate = certified_polynomial(lifted, read, asked.end, order)
    certificate += math.fsum(certified_square(lifted, power.row, asked.end, order) for power in powers)
    return Observable(
        name=whole.name,
        expression=whole.expression,
        constant=whole.constant,
        events=(*_cheapest_events(asked, read), *(_power_event(asked, power) for power in powers)),
        is_root=False,
        scale=scale,
        classical=whole.constant + moved,
        truncated=None if state is None else _truncated(asked, reading, state),
        certificate=certificate + reading.omitted + dropped_part(whole.map, asked.end),
        omitted=reading.omitted,
        least_order=reading.least_order,
        sensitivity=polynomial_sensitivity(read, asked.end, lifted.gamma)
        + math.fsum(square_sensitivity(power.row, asked.end, lifted.gamma) for power in powers),
    )


def _truncated(asked: Question, reading: Reading, state: Vector) -> float:
    """Return the value of the truncated levels."""
    parts = [asked.whole.constant, -product_of_state(reading.rest, state, asked.lifted)]
    for power in reading.powers:
        moved = image_of_state(power.row, state, asked.lifted)
        parts.append(power.sign * float(moved @ moved))
    return math.fsum(parts)


def _power_event(asked: Question, power: EvenPower) -> Event:
    """Return the event of a square of a higher level: what its row leaves on level 1."""
    return image_event(asked.encoded(power.row), asked.end, power.sign)


def _cheapest_events(asked: Question, read: PolynomialMap) -> tuple[Event, ...]:
    """Return the events of what is read: of the ways to read its degrees from 2 on the one of the least cost."""
    linear: list[Event] = []
    if 0 in read.operators:
        vector = vector_of(read.operators[0])
        linear = overlap_events(asked.lifted, asked.whole.name, vector, asked.end, -1.0)
    ways = [(*linear, *events) for events in _ways(asked, read)]
    return min(ways, key=cost_of)


def _ways(asked: Question, read: PolynomialMap) -> list[tuple[Event, ...]]:
    """Return events of the degrees >= 2 in a few ways: by squares, with a row for what they leave, or by one row."""
    if not any(read.operators):
        return [()]
    quadratic, gamma = read.operators.get(1), asked.lifted.gamma
    ways = []
    if quadratic is not None:
        split = split_quadratic(quadratic)
        squares = () if split.is_trivial else split_events(split, asked.end, gamma)
        few = None if split.rest is None else few_sites(split.rest)
        if few is not None:
            sites = few_site_events(few, asked.end, gamma)
            ways.append((*squares, *sites, *_by_row(asked, read, few.rest)))
        if squares:
            ways.append((*squares, *_by_row(asked, read, split.rest)))
    return [*ways, _by_row(asked, read, quadratic)]


def _by_row(asked: Question, read: PolynomialMap, quadratic: Operator | None) -> tuple[Event, ...]:
    """Return the events of one row: the degrees from 3 on, and what is left of the quadratic part."""
    left: dict[int, Operator] = {degree: item for degree, item in read.operators.items() if degree > 1}
    if quadratic is not None:
        left[1] = quadratic
    if not left:
        return ()
    return row_events(asked.encoded(along_u(read.with_tensors(left))), asked.end)
