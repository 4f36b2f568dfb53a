r"""How far u(T) may be off, in the 2-norm, so that everything that is asked for stays within its error.

A value $O(u) = O(0) - \sum_l <u, F_l u^{(x) l}> / (l + 1)$ is a sum of symmetric forms, of which each is at most
||F_l Pi_sym|| on unit vectors, so that with ||u|| <= s a change of u by at most e moves it by at most
$\sum_l ||F_l|| ((s + e)^{l+1} - s^{l+1}) / (l + 1)$, and the norm of its gradient by
$\sum_{l > 0} ||F_l|| ((s + e)^l - s^l)$ (the mean value theorem; proved).
"""

from __future__ import annotations

import math

from carlemanc.carleman.lattice_run import end_point
from carlemanc.carleman.map_norms import ROUND_UP
from carlemanc.carleman.trajectory import sizes_along, steps_run
from carlemanc.classical.question import Question, Value
from carlemanc.core.rounding import rounded_down
from carlemanc.model.starts.train_step import TrainWeights

_HALVINGS = 60


def moved_at_most(value: Value, size: float, off: float) -> float:
    """Return the most that a value moves where u, of at most that size, is off by `off`."""
    found = []
    for degree, operator in value.polynomial.map.operators.items():
        norm = operator.symmetric_norm2 * ROUND_UP
        if value.is_root:
            found.append(norm * _growth(size, off, degree))
        else:
            found.append(norm * _growth(size, off, degree + 1) / (degree + 1))
    return math.fsum(found)


def _growth(size: float, off: float, power: int) -> float:
    """Return (s + e)^k - s^k without cancellation."""
    return math.fsum(math.comb(power, k) * off**k * size ** (power - k) for k in range(1, power + 1))


def state_error(question: Question, at_most: float, at_least: float) -> float:
    """Return the largest 2-norm by which u(T) may be off, rounded down; 0 where none is known.

    Args:
        question: what is asked for.
        at_most, at_least: bounds of ||u(T)||.
    """
    if not question.values:
        return rounded_down(question.epsilon * at_least)
    if not math.isfinite(at_most):
        return 0.0
    return rounded_down(min(_allowed(value, at_most) for value in question.values))


def _allowed(value: Value, size: float) -> float:
    """Return the largest error of u that leaves a value within its error, by bisection from below."""
    low, high = 0.0, max(size, 1e-300)
    while moved_at_most(value, size, high) <= value.error and high < 1e100:
        low, high = high, 2.0 * high
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if moved_at_most(value, size, middle) <= value.error:
            low = middle
        else:
            high = middle
    return low


def end_sizes(question: Question) -> tuple[float, float]:
    """Return bounds (at least, at most) of ||u(T)||: what planning knows, 0 from below where that is a bound alone."""
    lifted = question.lifted
    most = float(sizes_along(lifted.sequence, lifted.displacement)[-1])
    if steps_run(lifted.sequence, lifted.displacement) < lifted.steps:
        return 0.0, most
    end = None if lifted.sequence.maps[0].is_listed else end_point(lifted.sequence, lifted.displacement)
    error = end.error if isinstance(end, TrainWeights) else 0.0
    return max(0.0, most / ROUND_UP - 2.0 * error), most * ROUND_UP
