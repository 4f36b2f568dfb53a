"""A polynomial of theta(T) as events: overlaps for its linear part, squares on a lattice, a row for the rest."""

from __future__ import annotations

from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, PolynomialMap
from carlemanc.model.polynomial_value import value_about_center
from carlemanc.observables.certificate import bound_of_part, certified_polynomial, dropped_part
from carlemanc.observables.event import Event, cost_of
from carlemanc.observables.observable import Observable
from carlemanc.observables.overlap_events import overlap_event, vector_of
from carlemanc.observables.quadratic_split import split_events, split_quadratic
from carlemanc.observables.question import OMITTED, Question
from carlemanc.observables.row_events import row_events
from carlemanc.observables.sensitivity import polynomial_sensitivity
from carlemanc.observables.truncated_state import product_of_state, truncated_state
from carlemanc.observables.vectors import along_u


def polynomial_observable(asked: Question) -> Observable:
    """Return the observable of a polynomial; arguments and errors are those of `observe`."""
    lifted, whole = asked.lifted, asked.whole
    moved = value_about_center(whole.map, asked.classical_end)
    scale = asked.checked_scale(moved)
    read, omitted = asked.split(bound_of_part, OMITTED * asked.precision * scale)
    events, state = _cheapest_events(asked, read), truncated_state(lifted)
    certificate = certified_polynomial(lifted, read, asked.end, lifted.systems[0].order)
    return Observable(
        name=whole.name,
        expression=whole.expression,
        constant=whole.constant,
        events=events,
        is_root=False,
        scale=scale,
        classical=whole.constant + moved,
        truncated=None if state is None else whole.constant - product_of_state(read, state, lifted),
        certificate=certificate + omitted + dropped_part(whole.map, asked.end),
        omitted=omitted,
        least_order=asked.least_order(read.operators),
        sensitivity=polynomial_sensitivity(read, asked.end, lifted.gamma),
    )


def _cheapest_events(asked: Question, read: PolynomialMap) -> tuple[Event, ...]:
    """Return the events of what is read: of the ways to read its degrees from 2 on the one of the least cost."""
    linear: list[Event] = []
    if 0 in read.operators:
        vector = vector_of(read.operators[0])
        linear.append(overlap_event(asked.lifted, asked.whole.name, vector, asked.end, -1.0))
    ways = [(*linear, *events) for events in _ways(asked, read)]
    return min(ways, key=cost_of)


def _ways(asked: Question, read: PolynomialMap) -> list[tuple[Event, ...]]:
    """Return events of the degrees >= 2 in one or two ways: by one row, or by squares and a row for what they leave."""
    row, gamma = along_u(read), asked.lifted.gamma
    if not row.operators:
        return [()]
    quadratic = read.operators.get(1)
    split = None if quadratic is None else split_quadratic(quadratic)
    if split is None or split.is_trivial:
        return [row_events(row, asked.end, gamma, asked.levels, asked.loading)]
    squares = split_events(split, asked.end, gamma)
    rest: dict[int, Operator] = {degree: item for degree, item in read.operators.items() if degree > 1}
    if split.rest is not None:
        rest[1] = split.rest
    if rest:
        left = along_u(read.with_tensors(rest))
        squares = (*squares, *row_events(left, asked.end, gamma, asked.levels, asked.loading))
    if not rest and not isinstance(quadratic, LatticeTensor):
        return [squares]
    return [squares, row_events(row, asked.end, gamma, asked.levels, asked.loading)]
