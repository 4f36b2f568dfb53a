r"""How far u(T) may be off, in the 2-norm, so that everything that is asked for stays within its error.

A value $O(u) = O(0) - \sum_l <u, F_l u^{(x) l}> / (l + 1)$ is a sum of symmetric forms. Where u, ||u|| <= s and
||u||_inf <= w, is off by at most e, the form of degree l + 1 moves by at most the smaller of

    ||F_l|| ((s + e)^{l+1} - s^{l+1}) / (l + 1),
    m_l (e s w^{l-1} + \sum_{k>1} C(l+1, k) e^k w^{l+1-k} / (l + 1)),

and F_l u^l of the norm of a gradient by at most that of ||F_l|| ((s + e)^l - s^l) and m_l ((w + e)^l - w^l). m_l bounds
F_l with the 2-norm in any one slot and the maximum norm in the others (Schur's test); a change has no larger maximum
than its norm. Many small weights have a large 2-norm, and only the second forms know that they are small. Proved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carlemanc.carleman.lattice_run import end_point
from carlemanc.carleman.map_norms import ROUND_UP
from carlemanc.carleman.trajectory import sizes_along, steps_run
from carlemanc.classical.question import Question, Value
from carlemanc.core.rounding import rounded_down
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, written_out
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.starts.train_step import TrainWeights

_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSizes:
    """Bounds of u(T).

    Attributes:
        at_least, at_most: of ||u(T)||_2.
        largest: of ||u(T)||_inf, from above.
    """

    at_least: float
    at_most: float
    largest: float


def moved_at_most(value: Value, sizes: EndSizes, off: float) -> float:
    """Return the most that a value moves where u is off by `off`, in the 2-norm; inf beyond the range of doubles."""
    try:
        return _moved(value, sizes, off)
    except OverflowError:
        return math.inf


def _moved(value: Value, sizes: EndSizes, off: float) -> float:
    found = []
    size, largest = sizes.at_most, min(sizes.largest, sizes.at_most)
    for degree, operator in value.polynomial.map.operators.items():
        norm = operator.symmetric_norm2 * ROUND_UP
        slot = _slot_norm(operator) * ROUND_UP if degree > 1 else math.inf
        if value.is_root:
            found.append(min(norm * _growth(size, off, degree), _times(slot, _growth(largest, off, degree))))
            continue
        many = _growth(largest, off, degree + 1) / (degree + 1) + off * (size - largest) * largest ** max(
            degree - 1, 0
        )
        found.append(min(norm * _growth(size, off, degree + 1) / (degree + 1), _times(slot, many)))
    return math.fsum(found)


def _times(norm: float, moved: float) -> float:
    return math.inf if math.isinf(norm) else norm * moved


def _growth(size: float, off: float, power: int) -> float:
    """Return (s + e)^k - s^k without cancellation."""
    return math.fsum(math.comb(power, k) * off**k * size ** (power - k) for k in range(1, power + 1))


def _slot_norm(operator: Operator) -> float:
    """Return m_l: the root of the largest row sum times the largest sum over the entries of one site in one slot."""
    if isinstance(operator, LatticeTensor):
        stencils = math.fsum(
            abs(float(item.coefficient))
            if item.profile is None
            else float(np.abs(item.profile.floats()).max(initial=0.0))
            for item in operator.stencils
        )
        return math.sqrt(operator.norm_inf * (stencils + _slot_sum(operator.entries)))
    listed = written_out(operator)
    return math.sqrt(listed.norm_inf * _slot_sum(listed))


def _slot_sum(entries: SparseTensor) -> float:
    if not entries.nnz:
        return 0.0
    sums = []
    for column in entries.cols.T:
        _, place = np.unique(column, return_inverse=True)
        sums.append(float(np.bincount(place, np.abs(entries.vals)).max()))
    return max(sums, default=0.0)


def state_error(question: Question, sizes: EndSizes) -> float:
    """Return the largest 2-norm by which u(T) may be off, rounded down; 0 where none is known."""
    if not question.values:
        return rounded_down(question.epsilon * sizes.at_least)
    if not math.isfinite(sizes.at_most):
        return 0.0
    return rounded_down(min(_allowed(value, sizes) for value in question.values))


def _allowed(value: Value, sizes: EndSizes) -> float:
    """Return the largest error of u that leaves a value within its error, by bisection from below."""
    low, high = 0.0, max(sizes.at_most, 1e-300)
    while moved_at_most(value, sizes, high) <= value.error and high < 1e100:
        low, high = high, 2.0 * high
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if moved_at_most(value, sizes, middle) <= value.error:
            low = middle
        else:
            high = middle
    return low


def end_sizes(question: Question) -> EndSizes:
    """Return bounds of u(T): what planning knows, 0 from below where that is bounds alone."""
    lifted = question.lifted
    sequence, start = lifted.sequence, lifted.displacement
    most, is_listed = float(sizes_along(sequence, start)[-1]), sequence.maps[0].is_listed
    largest = most if is_listed else float(sizes_along(sequence, start, kind="inf")[-1])
    if steps_run(sequence, start) < lifted.steps:
        return EndSizes(at_least=0.0, at_most=most, largest=largest)
    end = None if is_listed else end_point(sequence, start)
    error = end.error if isinstance(end, TrainWeights) else 0.0
    return EndSizes(
        at_least=max(0.0, most / ROUND_UP - 2.0 * error), at_most=most * ROUND_UP, largest=largest * ROUND_UP
    )
