"""The goals by name (`readout.target`); their fields are keys of `[readout]`. A goal joins by one line here."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.lazy import loaded

if TYPE_CHECKING:
    from carlemanc.readout.goal import Goal

GOALS: Final[dict[str, str]] = {
    "theta": "carlemanc.readout.weights:AllWeights",
    "largest": "carlemanc.readout.largest:Largest",
    "observables": "carlemanc.readout.observables:Observables",
}
"""Goal -> "module:class"."""
ESTIMATORS: Final[dict[str, str]] = {
    "sampling": "carlemanc.readout.estimators.sampling:Sampling",
    "maximum-likelihood": "carlemanc.readout.estimators.maximum_likelihood:MaximumLikelihood",
    "phase-estimation": "carlemanc.readout.estimators.phase_estimation:PhaseEstimation",
}
"""Estimator of an event's probability (`readout.method` of observables) -> "module:class"."""


def goal_named(name: str, table: object) -> Goal:
    """Return the goal of that name, its fields taken from the attributes of `table` that it has.

    Raises InputError for a name that is not in `GOALS`.
    """
    if name not in GOALS:
        problem = Problem(where="readout.target", found=repr(name), allowed=", ".join(GOALS))
        raise InputError("unknown goal", [problem])
    made: Any = loaded(GOALS[name])
    names = [field.name for field in fields(made) if hasattr(table, field.name)]
    goal: Goal = made(**{name: getattr(table, name) for name in names})
    return goal
