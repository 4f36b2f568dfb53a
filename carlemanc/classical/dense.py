"""Gradient descent on all weights: by every entry of every F_l, or by the loss itself, whichever takes fewer flops.

Expanded, a quadratic loss of samples is its Gram matrix, n^2 entries; sample by sample it takes four flops for each
feature of each sample. Of a network, expanded products of weights are many more than back-propagation takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, final

import numpy as np

from carlemanc.classical.loss_descent import LossDescent, loss_descent
from carlemanc.classical.loss_names import NoAxes
from carlemanc.classical.network_descent import NetworkDescent, network_descent
from carlemanc.classical.program import Answer, Program, Told
from carlemanc.classical.question import Question
from carlemanc.classical.told import answer_of, told_from, value_at
from carlemanc.classical.value_cost import value_flops, values_flops
from carlemanc.core.arrays import Vector
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import BYTES_OF_A_WEIGHT, ClassicalProgram
from carlemanc.model.expression.tree import LOSS
from carlemanc.model.map_sequence import FLOPS

BY_LOSS = Formula(
    text="products and additions of a gradient by reverse mode, for each step and batch",
    status="derived here",
)
BY_NETWORK = Formula(
    text="back-propagation: about 6 flops for each trained weight, sample and step", status="derived here"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Way:
    """One way of taking all steps, and what it answers."""

    name: str
    flops: int
    reason: str
    formula: Formula
    answer: Callable[[Question], Answer]


@final
class Dense(Program):
    """All weights, all steps."""

    name: ClassVar[str] = "dense"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of T steps; see `Program.cost`."""
        first, *others = _ways(question)
        beside = f" ({'; '.join(f'{way.name}: {way.flops:.3g} flops' for way in others)})" if others else ""
        return ClassicalProgram(
            name=self.name,
            flops=first.flops,
            reason=f"{first.reason}{beside}",
            formula=first.formula,
            memory=BYTES_OF_A_WEIGHT * question.lifted.n,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Run gradient descent, the way that is counted; see `Program.run`. Raises TooLarge for millions of weights."""
        return _ways(question)[0].answer(question)


def _ways(question: Question) -> list[_Way]:
    """Return the ways that there are, that of fewest flops first."""
    expanded = _Way(
        name="expanded",
        flops=question.lifted.sequence.flops + values_flops(question),
        reason="every entry of every F_l in every step",
        formula=FLOPS,
        answer=_by_entries,
    )
    ways = [expanded, *_loss_way(question), *_network_way(question)]
    return sorted(ways, key=lambda way: way.flops)


def _by_entries(question: Question) -> Answer:
    lifted = question.lifted
    u: Vector = lifted.u_in
    for step in range(lifted.steps):
        u = lifted.sequence.at(step).step(u)
    return told_from(question, u)


def _loss_way(question: Question) -> Iterator[_Way]:
    """Yield the loss as it is written, where all that is asked can be evaluated so."""
    descent = loss_descent(question.lifted)
    if descent is None:
        return
    try:
        flops = descent.flops + sum(map(descent.value_flops, question.values))
    except NoAxes:
        return
    yield _Way(
        name="by the loss itself",
        flops=flops,
        reason="the gradient of the loss itself, by reverse mode, in every step",
        formula=BY_LOSS,
        answer=partial(_by_loss, descent),
    )


def _network_way(question: Question) -> Iterator[_Way]:
    """Yield the network itself, where there is one."""
    descent = network_descent(question.lifted)
    if descent is None:
        return
    flops = descent.flops
    for one in question.values:
        if one.is_root:
            flops += descent.gradient_flops + 2 * question.lifted.n
        else:
            flops += descent.loss_flops if one.expression == LOSS else value_flops(one, question.lifted.n)
    how = "" if descent.is_exact else ", about six flops for each weight and sample"
    yield _Way(
        name="by back-propagation",
        flops=flops,
        reason=f"back-propagation through the network itself in every step, pruned weights left out{how}",
        formula=BY_NETWORK,
        answer=partial(_by_network, descent),
    )


def _by_loss(descent: LossDescent, question: Question) -> Answer:
    theta = descent.theta()
    if not question.values:
        return answer_of(question, theta - question.lifted.center)
    return Answer(values={one.name: Told(value=descent.value(one, theta)) for one in question.values})


def _by_network(descent: NetworkDescent, question: Question) -> Answer:
    """Return the answer of the network with its own activations, which the maps approximate."""
    u = descent.moved()
    if (
        not question.values
    ):  # a map that is cut at a degree may leave weights where they are that the network moves
        return Answer(sites=np.arange(len(u), dtype=np.int64), theta=question.lifted.center + u)
    found: dict[str, Told] = {}
    for one in question.values:
        if one.is_root:
            value = descent.gradient_norm(u)
        else:
            value = descent.loss(u) if one.expression == LOSS else value_at(one, u)
        found[one.name] = Told(value=value)
    return Answer(values=found)
