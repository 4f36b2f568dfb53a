r"""Path sampling: the march repeated by classical walks over the same encoded step.

What is proved: a march over steps that are sums of signed partial permutations, without amplification, gains at most a
square root over the walks (forward walks that meet from few sites; for starts of every weight, backward walks from
sampled rows). It is not shown for sums of other unitaries, nor for amplified, fast-forwarded or inverted steps. Walks
tell what the runs tell: values of the truncated system, whose truncation error stands beside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist
from typing import ClassVar, Literal, final

from carlemanc.block_encoding.leaves import lattice_tensors
from carlemanc.carleman.lattice_run import end_point
from carlemanc.classical.paths.alpha import step_alpha
from carlemanc.classical.paths.asked import value_quantity
from carlemanc.classical.paths.collisions import Collisions, ends_at
from carlemanc.classical.paths.forms import Quantity
from carlemanc.classical.paths.leaves import Leaves
from carlemanc.classical.paths.sampling import MOST_STEPS, SPREAD, is_sparse, is_spread, sample_within
from carlemanc.classical.paths.walk import Walk, walk_of
from carlemanc.classical.paths.walk_count import WalkCount
from carlemanc.classical.program import Answer, Program, Told
from carlemanc.classical.question import Question, Value
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import whole
from carlemanc.costs.classical_baseline import ClassicalProgram
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import Weights, point_norm

FLOPS_A_SLOT = 10
"""Of one slot in one step of a walk: a random number, the choice of a term, the move. 1e8 such steps a second were
measured on one core beside 1e9 flop/s; numpy makes 2e7 of them here."""
_PILOT_STEPS = 500_000
"""Steps of walkers in the run that the number of walks is measured by."""
_PILOT_WALKS = 8192
_MARGIN = 1.2
"""A deviation is itself known to about a tenth (64 groups)."""
FORMULA = Formula(
    text=f"{FLOPS_A_SLOT} N T walks; forward w^2 I^2 / deviation^2 walks, about 4/(p eps^2) for a square; backward "
    "8/(p eps^2), p the success of the march on level 1",
    status="derived here",
)
_GAIN = (
    "a march over signed partial permutations, without amplification, gains at most a square root over them"
)
_ELSE = "not shown for sums of other unitaries, nor for amplified, fast-forwarded or inverted steps"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathsPlan:
    """How a question is answered by walks.

    Args:
        walk: the march.
        way: forward to collisions, or backward to the start.
        quantities: what is asked, in the order of the values; none for theta itself.
        deviations: their standard deviations.
        walks: how many, rounded up to four digits.
        is_measured: whether the number is from a short run, and not a bound.
        success: p.
    """

    walk: Walk
    way: Literal["forward", "backward"]
    quantities: tuple[Quantity, ...]
    deviations: tuple[float, ...]
    walks: int
    is_measured: bool
    success: float


@final
class Paths(Program):
    """Walks over the encoded step."""

    name: ClassVar[str] = "paths"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of the walks that the errors ask for; see `Program.cost`."""
        plan = plan_paths(question)
        if isinstance(plan, str):
            return self.refused(plan, FORMULA)
        lifted = question.lifted
        return ClassicalProgram(
            name=self.name,
            flops=whole(FLOPS_A_SLOT * lifted.systems[0].order * lifted.steps * plan.walks),
            reason=_reason(question, plan),
            formula=FORMULA,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Walk; see `Program.run`. Raises TooLarge where that takes too many steps of walkers."""
        plan, lifted = plan_paths(question), question.lifted
        if isinstance(plan, str):
            raise InputError(f"path sampling does not apply: {plan}")
        if not question.values:
            return _theta(lifted, plan, seed)
        found = sample_within(
            lifted, plan.walk, plan.quantities, plan.deviations, seed=seed, success=plan.success
        )
        sigma = _quantile(question)
        return Answer(
            values={one.name: Told(value=one.value, error_bar=sigma * one.deviation) for one in found.values}
        )


@lru_cache(maxsize=16)
def plan_paths(question: Question) -> PathsPlan | str:
    """Return the plan of a question, or why walks are not shown to answer it."""
    lifted = question.lifted
    if reason := _unfit(question):
        return reason
    end = end_point(lifted.sequence, lifted.displacement)
    if end is None:
        return "gradient descent is not run to the end, so that the success of the march is not known"
    size = point_norm(end) / lifted.gamma
    if not size:
        return "theta(T) is the center: there is nothing to sample"
    walk = lattice_walk(lifted)
    count = WalkCount(walk=walk, n=lifted.n, end=size)
    way: Literal["forward", "backward"] = "forward" if is_sparse(lifted) else "backward"
    try:
        quantities, deviations = _wanted(question, walk)
    except InputError as refusal:
        needed = "; ".join(problem.allowed for problem in refusal.problems)
        return f"the truncation does not hold what is asked: {needed}"
    is_measured = False
    if not question.values:
        walks = count.forward_theta(question.epsilon, question.failure_probability)
    else:
        number = count.forward if way == "forward" else count.backward
        sizes = [
            number(one, _of_parts(value, deviation))
            for value, one, deviation in zip(question.values, quantities, deviations, strict=True)
        ]
        walks = max(sizes) if way == "forward" else math.fsum(sizes)
        measured = _measured(walk, way, quantities, deviations, count.copy_probability)
        is_measured = measured < (walks if way == "forward" else math.inf)
        walks = measured if is_measured else walks
    if not walks < 1e300:
        return (
            "no number of walks is proved where F_0 is drawn, and a short run does not resolve what is asked"
        )
    return PathsPlan(
        walk=walk,
        way=way,
        quantities=quantities,
        deviations=deviations,
        walks=whole(max(walks, 2.0)),
        is_measured=is_measured,
        success=count.copy_probability,
    )


def _measured(
    walk: Walk,
    way: Literal["forward", "backward"],
    quantities: tuple[Quantity, ...],
    deviations: tuple[float, ...],
    success: float,
) -> float:
    """Return the walks that a short run says; infinite where it resolves some value by less than twice its deviation.

    Deviations fall at least as one over the root of the number of walks.
    """
    walks = min(_PILOT_WALKS, max(_PILOT_WALKS // 8, _PILOT_STEPS // max(1, len(walk.schedule))))
    estimator = Collisions() if way == "forward" else Leaves(success=success)
    excess = 0.0
    for one, asked, wanted in zip(
        estimator.sample(walk, quantities, walks, seed=0), quantities, deviations, strict=True
    ):
        moved = one.value if asked.is_root else one.value - asked.constant
        if not 0 < one.deviation < abs(moved) / 2:
            return math.inf
        excess = max(excess, one.deviation / wanted)
    return _MARGIN * walks * excess**2


def lattice_walk(lifted: Lifted) -> Walk:
    """Return the walk of a lattice's march, its subnormalization from the weights of its terms."""
    history = lifted.history
    walk = walk_of(history, [1.0] * len(history.systems))
    alphas = [step_alpha(step, system) for step, system in zip(walk.steps, history.systems, strict=True)]
    return replace(walk, alphas=tuple(alphas))


def _unfit(question: Question) -> str | None:
    """Return why the steps, or the start, are not what a number of walks is known for; None where they are."""
    lifted = question.lifted
    if lifted.is_shaped:
        return "a map known by its shape has no entries to walk over"
    if not all(value.error > 0 for value in question.values):
        return "no number of walks tells a value without error"
    systems = lifted.systems
    if lattice_tensors(systems[0]) is None:
        return (
            "the entries of F_l are listed: its encoding is no sum of signed partial permutations, and no number of "
            "walks is proved (`run --backend paths` samples it all the same)"
        )
    if any(one.shares_with is not systems[0] for one in systems[1:]):
        return "the steps differ in more than F_0"
    if is_sparse(lifted):
        return None
    if any(one.is_driven for one in systems):
        return "F_0 has every weight, and no number of walks is known for that (`run --backend paths` samples it)"
    if not question.values:
        return "every weight of a start of every weight: no fewer walks than weights"
    if SPREAD * lifted.support <= lifted.n or not is_spread(lifted):
        return "few sites stand out of a start of many: neither forward nor backward walks do for both"
    return None


def _wanted(question: Question, walk: Walk) -> tuple[tuple[Quantity, ...], tuple[float, ...]]:
    sigma = _quantile(question)
    quantities = tuple(value_quantity(question.lifted, walk, value) for value in question.values)
    return quantities, tuple(value.error / sigma for value in question.values)


def _of_parts(value: Value, deviation: float) -> float:
    """The deviation of the sum of the parts: of the square, where the value is a root."""
    return 2 * value.scale * deviation if value.is_root else deviation


def _quantile(question: Question) -> float:
    return NormalDist().inv_cdf(1 - question.failure_probability / 2)


def _reason(question: Question, plan: PathsPlan) -> str:
    ways = {
        "forward": "forward from the start until they meet",
        "backward": "backward from sampled weights to the start",
    }
    bounds = {"forward": "at most so many", "backward": "where weights are spread evenly"}
    known = "measured by a short run" if plan.is_measured else bounds[plan.way]
    return (
        f"{plan.walks:.4g} walks of {question.lifted.steps} steps, {ways[plan.way]}, {known}; p = {plan.success:.3g}; "
        f"for the truncated values that the runs read, whatever n; {_GAIN} ({_status(plan)}); {_ELSE}"
    )


def _status(plan: PathsPlan) -> str:
    """Return how far the square root is proved."""
    if plan.way == "backward":
        return "derived for weights that stay spread over all sites, and measured"
    return "measured where F_0 is drawn" if 0 in plan.walk.start.levels else "proved for few sites"


def _theta(lifted: Lifted, plan: PathsPlan, seed: int) -> Answer:
    if plan.walks * lifted.steps > MOST_STEPS:
        raise TooLarge(
            "the walks for every weight",
            size=f"{plan.walks:.2g} walks of {lifted.steps} steps",
            limit=f"{MOST_STEPS:.0e} steps",
            instead="Ask for less precision.",
        )
    sites, amplitudes = ends_at(plan.walk, plan.walks, seed)
    scale = lifted.gamma * math.exp(plan.walk.log_alpha)
    read = lifted.read_sites
    moved = Weights(n=lifted.n, fill=0.0, sites=sites, values=scale * amplitudes).at(read)
    theta: FloatArray = lifted.sequence.maps[0].point.at(read) + moved
    return Answer(sites=read, theta=theta)
