"""The answer to a question from theta(T) itself."""

from __future__ import annotations

import math

from carlemanc.classical.program import Answer, Told
from carlemanc.classical.question import Question, Value
from carlemanc.model.polynomial_value import value_about_center
from carlemanc.model.weights import Point, Weights, as_array


def told_from(question: Question, end: Point) -> Answer:
    """Return what is asked of u(T) = theta(T) - center."""
    if question.values:
        return Answer(values={one.name: Told(value=value_at(one, end)) for one in question.values})
    return answer_of(question, end)


def answer_of(question: Question, end: Point) -> Answer:
    """Return every weight that can have moved from the center, from u(T)."""
    lifted = question.lifted
    sites = lifted.read_sites
    moved = end.at(sites) if isinstance(end, Weights) else as_array(end)[sites]
    return Answer(sites=sites, theta=lifted.sequence.maps[0].point.at(sites) + moved)


def value_at(one: Value, end: Point) -> float:
    """Return a value at u(T)."""
    whole = one.polynomial
    if not one.is_root:
        return whole.constant + value_about_center(whole.map, end)
    return float(
        math.sqrt(sum(float(x) ** 2 for x in as_array(whole.map.step(as_array(end)) - as_array(end))))
    )
