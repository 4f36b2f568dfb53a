"""`run --backend paths`: the march's own numbers from classical walks over its encoded step, at any n."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from carlemanc.access.steps import steps
from carlemanc.classical.paths.asked import march_quantities, value_quantity
from carlemanc.classical.paths.forms import Sampled
from carlemanc.classical.paths.sampling import sample, sample_within
from carlemanc.classical.paths.walk import walk_of
from carlemanc.classical.question import question_of
from carlemanc.commands.opening import open_spec
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.shown import Shown
from carlemanc.methods.march import March
from carlemanc.model.upload import Upload
from carlemanc.observables.observable import Observable
from carlemanc.readout.goal import Goal
from carlemanc.sources.source import SpecLike
from carlemanc.sources.systems import with_entries
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema import ModelSpec

NAME = "paths"
WALKS = 500_000
"""Walks where no number is given: about 1 % of a success of a hundredth, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probability(Document):
    """A probability of the march as walks tell it, beside the planned one, which is of the exact lift where n is large.

    Args:
        name: in words.
        value, error_bar: of the truncated system.
        planned: what circuits are planned with.
    """

    name: str
    value: float
    error_bar: float
    planned: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedValue(Document):
    """An observable as walks tell it.

    Args:
        name, expression: as the spec has them.
        value, error_bar: of the truncated system, as its circuits would read it.
        carleman: the same, solved classically; None where that is too large.
        classical: the value after gradient descent; None where that was not run to the end.
        certificate: proved bound of |truncated - gradient descent|; None where nothing finite is proved.
    """

    name: str
    expression: str
    value: float
    error_bar: float
    carleman: float | None
    classical: float | None
    certificate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsRun(Shown, Document):
    """What walks over the encoded step tell of a march.

    Args:
        name: of the spec.
        success: all ancillas |0> after T steps.
        copy: that, and level 1: the run ends in theta(T) - center.
        observables: where the spec reads them.
        confidence: probability that each error bar holds.
        alpha: the largest subnormalization of a step.
        T: steps.
        walks: how many walks.
        estimator: how they are used.
        seed: of the draws.
        seconds: wall time.
        choices: each key that can be searched with its value, and whether the spec or the search chose it.
    """

    name: str
    success: Probability
    copy: Probability
    observables: tuple[WalkedValue, ...]
    confidence: float
    alpha: float
    T: int
    walks: int
    estimator: str
    seed: int
    seconds: float
    choices: dict[str, dict[str, Any]]

    BRIEF = "name T walks success=success.value copy=copy.value seconds"
    KEYS = """
        backend=backend method=method success_probability=success.value success_probability_error_bar=success.error_bar
        planned_success_probability=success.planned copy_probability=copy.value
        copy_probability_error_bar=copy.error_bar planned_copy_probability=copy.planned observables=listed confidence
        alpha T walks estimator seed seconds choices
    """

    @property
    def backend(self) -> str:
        """This back end."""
        return NAME

    @property
    def method(self) -> str:
        """What is walked."""
        return March.name

    @property
    def listed(self) -> list[WalkedValue]:
        """The observables, as the document lists them."""
        return list(self.observables)

    @property
    def failure(self) -> str | None:
        """What is wrong with the result, or None."""
        if self.copy.value > self.copy.error_bar:
            return None
        return (
            f"{self.walks:,} walks tell no probability of a copy: {self.copy.value:.2g} +- {self.copy.error_bar:.2g}, "
            f"{self.copy.planned:.2g} planned; more --shots would"
        )


def run_paths(
    spec: SpecLike,
    *,
    overrides: Iterable[str] = (),
    shots: int | None = None,
    seed: int = 0,
    upload: Upload | None = None,
) -> PathsRun:
    """Walk the march of a spec.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.
        shots: walks; 0: as many as readout.precision asks of observables; None: `WALKS`.
        seed: of the draws.
        upload: a segment of the spec's schedule.

    Raises InputError for a method that is named and is no plain march, TooLarge for a start whose weights are neither
    drawn nor looked up.
    """
    begun = time.perf_counter()
    opened = open_spec(_marched(load_spec(spec, overrides)), upload=upload)
    _check_shots(opened.asked.at.goal, shots)
    lifted, at = opened.lifted, opened.request.at
    with_entries(lifted, "run")
    opened.warn()
    access = steps(lifted, at.reading, None)
    plan = March(amplified="no").plan(access.facts, float(at.epsilon))
    walk = walk_of(lifted.history, access.facts.alphas)
    question = question_of(lifted, at.goal, float(at.epsilon), at.source)
    quantities = [value_quantity(lifted, walk, value) for value in question.values]
    asked = (*march_quantities(walk, lifted.n), *quantities)
    sigma = NormalDist().inv_cdf(1 - question.failure_probability / 2)
    if shots == 0:
        wanted = [value.error / sigma for value in question.values]
        found = sample_within(
            lifted, walk, asked, (None, None, *wanted), seed=seed, success=plan.copy_probability
        )
    else:
        found = sample(lifted, walk, asked, walks=shots or WALKS, seed=seed, success=plan.copy_probability)
    success, copy, *values = found.values
    observed = at.goal.observed(lifted)
    return PathsRun(
        name=opened.spec.name,
        success=_probability(success, sigma, plan.success_probability),
        copy=_probability(copy, sigma, plan.copy_probability),
        observables=tuple(_value(one, value, sigma) for one, value in zip(observed, values, strict=True)),
        confidence=1 - question.failure_probability,
        alpha=plan.alpha,
        T=lifted.steps,
        walks=found.walks,
        estimator=found.estimator,
        seed=seed,
        seconds=round(time.perf_counter() - begun, 3),
        choices=opened.choices,
    )


def _marched(model: ModelSpec) -> ModelSpec:
    """Return a spec with the plain march as its method. Raises InputError where it names another."""
    named = model.solver.model_fields_set
    problems = []
    if model.system is not None:
        problems.append(
            Problem(where=f"{model.origin}: system", found="a linear system as it is", allowed="a training")
        )
    if "method" in named and model.solver.method not in ("auto", March.name):
        problems.append(
            Problem(
                where=f"{model.origin}: solver.method",
                found=f'"{model.solver.method}", which walks do not follow',
                allowed='"march", or no method',
                help="--set solver.method=march",
            )
        )
    if "amplification" in named and model.solver.amplification not in (False, "auto"):
        problems.append(
            Problem(
                where=f"{model.origin}: solver.amplification",
                found=f"{model.solver.amplification}",
                allowed="false: walks follow the plain march",
                help="--set solver.amplification=false",
            )
        )
    if problems:
        raise InputError("the back end paths walks a march", problems)
    return load_spec(model, [f"solver.method={March.name}", "solver.amplification=false"])


def _check_shots(goal: Goal, shots: int | None) -> None:
    if shots is None or shots > 1 or (shots == 0 and goal.name == "observables"):
        return
    problem = Problem(
        where="--shots",
        found=str(shots),
        allowed="the number of walks, at least 2; 0 where observables are read, whose precision then says it",
    )
    raise InputError("so many walks tell nothing", [problem])


def _probability(found: Sampled, sigma: float, planned: float) -> Probability:
    return Probability(name=found.name, value=found.value, error_bar=sigma * found.deviation, planned=planned)


def _value(observable: Observable, found: Sampled, sigma: float) -> WalkedValue:
    return WalkedValue(
        name=observable.name,
        expression=observable.expression,
        value=found.value,
        error_bar=sigma * found.deviation,
        carleman=observable.truncated,
        classical=observable.classical,
        certificate=observable.proved,
    )
