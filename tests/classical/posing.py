"""Questions as a spec poses them, and gradient descent from start to end to compare answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from carlemanc.classical.program import Answer
from carlemanc.classical.question import Question, Value, question_of
from carlemanc.linear_system.lifted import Lifted
from carlemanc.observables.polynomial import polynomial_of
from carlemanc.readout.weights import AllWeights
from carlemanc.sources.source import source_of
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.loading import load_spec


def posed(
    spec: str | Mapping[str, Any],
    *sets: str,
    values: Mapping[str, str] | None = None,
    precision: float = 1e-2,
) -> Question:
    """Pose a question: theta(T) to a relative precision, or values to that share of what gradient descent gives."""
    model = load_spec(spec, sets)
    lifted = lifted_of(model)
    if values is None:
        return question_of(lifted, AllWeights(), precision, source_of(model))
    end = descended(lifted)
    return Question(
        lifted=lifted,
        epsilon=precision,
        failure_probability=0.05,
        values=tuple(_value(lifted, end, name, text, precision) for name, text in values.items()),
        source=source_of(model),
    )


def _value(lifted: Lifted, end: np.ndarray, name: str, text: str, precision: float) -> Value:
    vocabulary = lifted.training.vocabulary
    assert vocabulary is not None
    polynomial = polynomial_of(lifted, name, text, vocabulary)
    known = Value(name=name, expression=text, polynomial=polynomial, error=0.0, scale=0.0)
    scale = abs(valued(known, end) - (0.0 if known.is_root else polynomial.constant))
    return Value(name=name, expression=text, polynomial=polynomial, error=precision * scale, scale=scale)


def descended(lifted: Lifted) -> np.ndarray:
    """u(T) by T dense steps with every entry written out."""
    u = np.array(lifted.u_in)
    for time in range(lifted.steps):
        u = _slope(lifted.sequence.at(time), u) + u
    return u


def _slope(map: Any, u: np.ndarray) -> np.ndarray:
    total = np.zeros(len(u))
    for tensor in map.tensors.values():
        np.add.at(total, tensor.rows, tensor.vals * np.prod(u[tensor.cols], axis=1))
    return total


def valued(value: Value, u: np.ndarray) -> float:
    """O at u, entry by entry."""
    map = value.polynomial.map
    if value.is_root:
        return float(np.linalg.norm(_slope(map, u)))
    parts = [
        float(u @ _slope(map.with_tensors({degree: tensor}), u)) / (degree + 1)
        for degree, tensor in map.tensors.items()
    ]
    return value.polynomial.constant - sum(parts)


def check(question: Question, answer: Answer) -> None:
    """Compare an answer with gradient descent: within the error that is allowed."""
    end = descended(question.lifted)
    if question.values:
        assert set(answer.values) == {value.name for value in question.values}
        for value in question.values:
            told = answer.values[value.name]
            assert abs(told.value - valued(value, end)) <= value.error + told.error_bar
        return
    assert answer.sites is not None
    assert answer.theta is not None
    found = np.array(question.lifted.center)
    found[answer.sites] = answer.theta
    off = np.linalg.norm(found - question.lifted.center - end)
    assert off <= question.epsilon * np.linalg.norm(end)
