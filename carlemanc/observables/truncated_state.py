"""The truncated levels at T, solved classically where they are small, and what an observable is there."""

from __future__ import annotations

import math

import numpy as np

from carlemanc.core.arrays import FloatArray, Vector
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.polynomial_map import Operator, PolynomialMap, written_out


def truncated_state(lifted: Lifted) -> Vector | None:
    """Return y(T), packed, of the truncated system; None where the history is too large to be solved."""
    return lifted.history.solve()[lifted.steps] if lifted.is_solvable else None


def product_of_state(read: PolynomialMap, state: Vector, lifted: Lifted) -> float:
    """Return sum_l <gamma y_1, F_l gamma^l y_l> / (l + 1), y_0 = 1."""
    first = lifted.gamma * state[: lifted.n]
    parts = [
        float(first @ _applied(operator, state, lifted)) / (degree + 1)
        for degree, operator in read.operators.items()
    ]
    return math.fsum(parts)


def image_of_state(read: PolynomialMap, state: Vector, lifted: Lifted) -> FloatArray:
    """Return sum_l F_l gamma^l y_l, (n,)."""
    total = np.zeros(lifted.n)
    for operator in read.operators.values():
        total += _applied(operator, state, lifted)
    return total


def _applied(operator: Operator, state: Vector, lifted: Lifted) -> FloatArray:
    """Return F_l gamma^l y_l, (n,)."""
    tensor, n = written_out(operator), lifted.n
    if not tensor.degree:
        return np.asarray(np.bincount(tensor.rows, tensor.vals, minlength=n), dtype=np.float64)
    system = lifted.systems[0]
    level = system.split(state)[system.levels.index(tensor.degree)]
    place = np.zeros(len(tensor.rows), dtype=np.int64)
    for slot in range(tensor.degree):
        place = place * n + tensor.cols[:, slot]
    values = tensor.vals * level[place] * lifted.gamma**tensor.degree
    return np.asarray(np.bincount(tensor.rows, values, minlength=n), dtype=np.float64)
