r"""The norm of the gradient at theta(T): one event, ||sum_l F_l u^(x)l|| with the row of the loss itself.

$||grad L||^2 = ||F_0||^2 + 2 <F_0, \gamma R y> + \gamma^2 ||R y||^2$ with R_l = F_l gamma^(l-1), l >= 1, of learning
rate 1: the first is known, the last is what R leaves on level 1, and the second an overlap, there where the center is
no critical point. What is read is ||grad L||, the root of that sum.
"""

from __future__ import annotations

import numpy as np

from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import point_norm
from carlemanc.observables.certificate import bound_of_image, certified_norm, dropped_image
from carlemanc.observables.event import Event
from carlemanc.observables.observable import Observable
from carlemanc.observables.overlap_events import overlap_events
from carlemanc.observables.question import OMITTED, Question
from carlemanc.observables.row_events import image_event
from carlemanc.observables.sensitivity import norm_sensitivity
from carlemanc.observables.truncated_state import image_of_state, truncated_state
from carlemanc.observables.vectors import image, vector_of, with_operators


def gradient_observable(asked: Question) -> Observable:
    """Return the observable ||grad L||; arguments and errors are those of `observe`."""
    lifted, whole = asked.lifted, asked.whole
    norm = point_norm(image(whole.map, asked.classical_end))
    scale = asked.checked_scale(norm, bound_of_image(whole.map, asked.end))
    reading = asked.read(bound_of_image, OMITTED * asked.precision * scale, as_squares=False)
    read = reading.rest
    constant = point_norm(vector_of(read.operators[0])) ** 2 if 0 in read.operators else 0.0
    state = truncated_state(lifted)
    certificate = certified_norm(lifted, read, lifted.systems[0].order)
    return Observable(
        name=whole.name,
        expression=whole.expression,
        constant=constant,
        events=_events(asked, read),
        is_root=True,
        scale=scale,
        classical=scale,
        truncated=None if state is None else float(np.linalg.norm(image_of_state(read, state, lifted))),
        certificate=certificate + reading.omitted + dropped_image(whole.map, asked.end),
        omitted=reading.omitted,
        least_order=reading.least_order,
        sensitivity=norm_sensitivity(read, asked.end, lifted.gamma),
    )


def _events(asked: Question, read: PolynomialMap) -> tuple[Event, ...]:
    row = with_operators(read, {degree for degree in read.operators if degree})
    if not row.operators:
        return ()
    encoded = asked.encoded(row)
    square = image_event(encoded, asked.end)
    if 0 not in read.operators:
        return (square,)
    vector = vector_of(read.operators[0])
    return (square, *overlap_events(asked.lifted, asked.whole.name, vector, asked.end, 2.0, encoded))
