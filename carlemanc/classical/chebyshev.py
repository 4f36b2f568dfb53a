r"""A quadratic loss in few products with its Hessian: a Chebyshev series of degree K in place of T steps.

With F_l = 0 for l >= 2 and one symmetric F_1 in all steps, u(T) = B^T u(0) + (1 + B + ... + B^(T-1)) F_0, B = I + F_1.
K is the least degree whose remainder on a proved interval of the spectrum (`power_series`, `spectral_interval`) keeps
u(T) within the error that the question allows (`state_error`). Terms of higher degree may be there where what leaving
them out does (`nonlinear_part`) and the remainder are within it together.

K products reach K steps, not T, from a sparse start; and since B is symmetric, what a few weights are read off lies
within K steps of these, whatever the start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, final

import numpy as np
from scipy import sparse

from carlemanc.classical.chebyshev_plan import SeriesPlan, plan_series
from carlemanc.classical.power_series import Series, geometric, power
from carlemanc.classical.program import Answer, Program
from carlemanc.classical.question import Question
from carlemanc.classical.told import told_from
from carlemanc.classical.value_cost import values_flops
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InputError
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import ClassicalProgram
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.cone import reached_list
from carlemanc.model.polynomial_map import Operator, written_out
from carlemanc.model.weights import Point, Weights, as_array, values_at

FORMULA = Formula(
    text=(
        "a series on s weights: s + K (2 nnz(B - c I) + 2 s), s those that K products reach; one more for F_0; "
        "listed entries are scaled once"
    ),
    status="derived here",
)
_HELD = 24
"""Bytes for each weight: two terms of the recurrence and the sum."""


@final
class Chebyshev(Program):
    """A series of degree K in place of T steps."""

    name: ClassVar[str] = "chebyshev"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of the series; see `Program.cost`."""
        plan = plan_series(question)
        if isinstance(plan, str):
            return self.refused(plan, FORMULA)
        return ClassicalProgram(
            name=self.name,
            flops=plan.flops + values_flops(question, None if plan.way == "all" else plan.sites),
            reason=_reason(question, plan),
            formula=FORMULA,
            memory=_HELD * plan.sites,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Sum the series; see `Program.run`. Raises TooLarge for millions of weights."""
        plan = plan_series(question)
        if isinstance(plan, str):
            raise InputError(f"a Chebyshev series does not apply: {plan}")
        return told_from(question, _end(question, plan))


def _reason(question: Question, plan: SeriesPlan) -> str:
    steps = question.lifted.steps
    where = {
        "all": "",
        "start": f", on at most {plan.sites} weights that they reach from the start",
        "values": f", on at most {plan.sites} weights from which they reach what is asked for",
    }[plan.way]
    shift = f"; leaving out F_l, l >= 2, moves theta(T) by at most {plan.shift:.2g}" if plan.shift else ""
    return (
        f"{plan.degree} products with a symmetric F_1, its spectrum within [{plan.interval.low:.6g}, "
        f"{plan.interval.high:.6g}], in place of {steps} steps{where}{shift}; theta(T) is within "
        f"{plan.allowed:.2g} (2-norm)"
    )


def _end(question: Question, plan: SeriesPlan) -> Point:
    """Return u(T) on the weights of the plan."""
    lifted = question.lifted
    drive, steps = lifted.map.operators.get(0), lifted.steps
    multiply = _applied(plan.product)
    sites: IntArray | None = None
    if plan.seeds is None:
        start = as_array(lifted.displacement)
    else:
        ones = Weights(n=lifted.n, fill=0.0, sites=plan.seeds, values=np.ones(len(plan.seeds)))
        sites = reached_list(plan.steps(lifted), ones)
        start = values_at(lifted.displacement, sites)
        multiply = _restricted(plan.product, sites)
    end = summed(power(plan.interval, steps), plan.degree, multiply, start)
    if drive is not None:
        constant = _constant(drive, sites)
        end = end + summed(geometric(plan.interval, steps), plan.degree, multiply, constant)
    if sites is None:
        return end
    if plan.way == "values":
        assert plan.seeds is not None
        end, sites = end[np.searchsorted(sites, plan.seeds)], plan.seeds
    return Weights(n=lifted.n, fill=0.0, sites=sites, values=end)


def summed(
    series: Series, degree: int, multiply: Callable[[FloatArray], FloatArray], start: FloatArray
) -> FloatArray:
    """Return sum_j a_j T_j(y) applied to a vector; `multiply` applies 2 y."""
    coefficients = series.coefficients
    total = coefficients[0] * start
    before, now = start, start
    for place in range(1, degree + 1):
        product = multiply(now)
        before, now = now, 0.5 * product if place == 1 else product - before
        total = total + coefficients[place] * now
    return np.asarray(total)


def _restricted(operator: Operator, sites: IntArray) -> Callable[[FloatArray], FloatArray]:
    """Return the product with the rows and columns of some weights."""
    if isinstance(operator, LatticeTensor):
        entries = operator.entries_at(sites)
    else:
        entries = written_out(operator)
        entries = entries.chosen(np.flatnonzero(np.isin(entries.rows, sites)))
    rows, cols = np.searchsorted(sites, entries.rows), np.searchsorted(sites, entries.cols[:, 0])
    inside = np.flatnonzero(sites[np.minimum(cols, len(sites) - 1)] == entries.cols[:, 0])
    matrix = sparse.csr_matrix(
        (entries.vals[inside], (rows[inside], cols[inside])), shape=(len(sites), len(sites))
    )
    return lambda vector: np.asarray(matrix @ vector)


def _constant(drive: Operator, sites: IntArray | None) -> FloatArray:
    """Return F_0 at sites, everywhere for None."""
    if isinstance(drive, LatticeTensor) and sites is not None:
        return drive.values_at(sites, lambda rows: np.ones(np.shape(rows)))
    listed = _applied(drive)(np.zeros(drive.n))
    return listed if sites is None else listed[sites]


def _applied(operator: Operator) -> Callable[[FloatArray], FloatArray]:
    """Return the product with all rows."""
    return operator.apply if isinstance(operator, LatticeTensor) else written_out(operator).apply
