"""Gradient descent while theta is a tensor train: for values of starts that are smooth functions of the site.

Planning follows such a start as a train at the very n that is asked for (`carleman.lattice_run`), with the flops that
its roundings and products take and a proved bound of what they leave out. The program is offered where that run came
to its end, its ranks below a cap, and the bound is within what the question allows; nothing is carried over from
another n.
"""

from __future__ import annotations

import math
from typing import ClassVar, final

from carlemanc.carleman.lattice_run import TRAIN_FROM, end_point, lattice_run
from carlemanc.classical.program import Answer, Program, Told
from carlemanc.classical.question import Question, Value
from carlemanc.classical.state_error import EndSizes, end_sizes, moved_at_most, state_error
from carlemanc.classical.told import value_at
from carlemanc.core.errors import InputError
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import whole
from carlemanc.costs.classical_baseline import ClassicalProgram
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import written_out
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.starts.train_algebra import train_image
from carlemanc.model.starts.train_step import MOST_RANK, TOLERANCE, TrainWeights, has_trains

FORMULA = Formula(
    text=(
        "roundings (QR 2 (2 p q k - (p + q) k^2 + 2 k^3 / 3), k = min(p, q); SVD 6 p q^2 + 20 q^3) and products of the "
        "cores of all steps, at the ranks of a run at this n; a value takes a step more"
    ),
    status="measured",
    sources=("golub2013",),
    where="sections 5.2 and 8.6",
)
_CORE_BYTES = 16
"""Of a core before it is rounded: two matrices of r^2 x r^2 numbers of 8 bytes."""


@final
class TensorTrain(Program):
    """Trains in place of arrays."""

    name: ClassVar[str] = "tensor-train"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of the run of planning; see `Program.cost`."""
        end = _end(question)
        if isinstance(end, str):
            return self.refused(end, FORMULA)
        steps, bits, rank = question.lifted.steps, end.train.bits, end.followed_rank
        own = len(question.values) * math.ceil(end.flops / max(steps, 1))
        return ClassicalProgram(
            name=self.name,
            flops=whole(end.flops + own),
            reason=(
                f"theta stays a tensor train of rank at most {rank}, measured in every step at n = {end.n} itself; "
                f"roundings of {TOLERANCE:g} are within {end.error:.2g} of theta(T) (2-norm, proved)"
            ),
            formula=FORMULA,
            memory=_CORE_BYTES * bits * rank**4,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Follow the train; see `Program.run`."""
        end = _end(question)
        if isinstance(end, str):
            raise InputError(f"tensor trains do not apply: {end}")
        return Answer(values={value.name: _told(value, end) for value in question.values})


def _end(question: Question) -> TrainWeights | str:
    """Return u(T) as a train, or why it is none that answers the question."""
    lifted = question.lifted
    start = lifted.displacement
    if not question.values:
        return "to write out every weight of a train takes as long as gradient descent"
    if not isinstance(start, FunctionWeights):
        return "the start is not a function of the site that is known as a tensor train"
    if start.sparse() is not None:
        return "the start is zero but for few sites, which are followed as a list"
    if lifted.n <= TRAIN_FROM:
        return f"arrays are as short up to n = {TRAIN_FROM}"
    if lifted.is_shaped or not all(map(has_trains, lifted.sequence.maps)):
        return "the steps are not made of stencils alone, on extents that are powers of two"
    run = lattice_run(lifted.sequence, start)
    end = end_point(lifted.sequence, start) if run.steps_run == lifted.steps else None
    if not isinstance(end, TrainWeights):
        return f"step {run.steps_run + 1} passes rank {MOST_RANK}, or the work of planning"
    allowed = state_error(question, end_sizes(question))
    if end.error > allowed:
        return f"roundings are within {end.error:.2g} of theta(T), more than the {allowed:.2g} allowed"
    for value in question.values:
        if _error_bar(value, end) > value.error:
            return f"roundings of {value.name} are more than the {value.error:.2g} allowed"
    return end


def _told(value: Value, end: TrainWeights) -> Told:
    if value.is_root:
        found = train_image(value.polynomial.map, end).train.norm()
    else:
        found = value_at(value, end)
    return Told(value=found, error_bar=_error_bar(value, end))


def _error_bar(value: Value, end: TrainWeights) -> float:
    """Bound what the roundings of theta(T) and of the value's own products move it by; proved.

    Each of the S sums that F_l u^l is made of is rounded once as it is added, each product of l factors 1 + 2 l times.
    """
    size, rounding = end.norm(), TOLERANCE * math.sqrt(end.train.bits)
    parts = [
        (degree, [abs(float(item.coefficient)) for item in operator.stencils])
        for degree, operator in value.polynomial.map.operators.items()
        if isinstance(operator, LatticeTensor)
    ]
    sums = sum(len(found) for _, found in parts) + _listed(value)
    image = 0.0
    for degree, found in parts:
        norm = math.sqrt(end.n) if not degree else size * end.norm("inf") ** (degree - 1)
        image += (1 + 2 * degree + sums) * sum(found) * norm
    own = rounding * image if value.is_root else rounding * image * size
    sizes = EndSizes(at_least=0.0, at_most=size, largest=end.norm("inf"))
    return moved_at_most(value, sizes, end.error) + own


def _listed(value: Value) -> int:
    """Return the number of explicit entries, each a sum that is rounded."""
    operators = value.polynomial.map.operators.values()
    return sum(
        item.entries.nnz if isinstance(item, LatticeTensor) else written_out(item).nnz for item in operators
    )
