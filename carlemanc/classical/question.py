"""What is asked of a classical computer: the same values, at the same precision, as of the quantum runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from carlemanc.core.errors import InternalError
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.expression.tree import GRADIENT_NORM
from carlemanc.observables.observable import Observable
from carlemanc.observables.polynomial import Polynomial, polynomial_of
from carlemanc.readout.goal import Goal
from carlemanc.readout.observables import Observables
from carlemanc.sources.source import Source


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Value:
    """One value that is asked for.

    Args:
        name, expression: as the spec has them.
        polynomial: O(theta) about the center; of a gradient norm, that of the loss, whose gradient it is the norm of.
        error: absolute error that is allowed, with the failure probability of the question.
        scale: planned magnitude, the constant apart.
    """

    name: str
    expression: str
    polynomial: Polynomial
    error: float
    scale: float

    @property
    def is_root(self) -> bool:
        """Whether it is the norm of a gradient, and no polynomial."""
        return self.expression == GRADIENT_NORM


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A question about theta(T).

    Args:
        lifted: the training, and the truncation that the quantum runs see (a classical program needs none).
        epsilon: error of theta(T) - center over its norm (the quantum runs' own), where theta is read.
        failure_probability: chance that the answer misses its precision.
        values: what is asked for, all of it together; none: theta(T) itself, every weight that can be nonzero.
        source: where the training is from, at other sizes too.
    """

    lifted: Lifted
    epsilon: float
    failure_probability: float
    values: tuple[Value, ...] = ()
    source: Source | None = None

    @cached_property
    def what(self) -> str:
        """What is asked for, in words."""
        return ", ".join(value.name for value in self.values) if self.values else "every weight"


def question_of(lifted: Lifted, goal: Goal, epsilon: float, source: Source | None = None) -> Question:
    """Return the question that a goal asks of a training, at `solver.epsilon`. Raises InputError as `observe` does."""
    values: tuple[Value, ...] = ()
    if isinstance(goal, Observables):
        values = tuple(_value(lifted, one, goal.precision) for one in goal.observed(lifted))
    return Question(
        lifted=lifted,
        epsilon=epsilon,
        failure_probability=goal.failure_probability,
        values=values,
        source=source,
    )


def _value(lifted: Lifted, one: Observable, precision: float) -> Value:
    return Value(
        name=one.name,
        expression=one.expression,
        polynomial=_polynomial(lifted, one.name, one.expression),
        error=precision * one.scale,
        scale=one.scale,
    )


@lru_cache(maxsize=64)
def _polynomial(lifted: Lifted, name: str, expression: str) -> Polynomial:
    vocabulary = lifted.training.vocabulary
    if vocabulary is None:
        raise InternalError("a training that comes from no spec names no observables")
    return polynomial_of(lifted, name, expression, vocabulary)
