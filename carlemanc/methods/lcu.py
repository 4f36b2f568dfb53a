r"""Inversion by a linear combination of Chebyshev polynomials (Childs, Kothari, Somma 2017): the plan.

$1/x$ is replaced by $(1-(1-x^2)^b)/x = 4\sum_j (-1)^j t_j T_{2j+1}(x)$, $t_j = 2^{-2b}\sum_{i>j} C(2b, b+i)$,
and the sum is cut at $j_0$. The tails $t_j$ are binomial probabilities, so they come from the incomplete beta
function at any b. Error certificate, relative to x (derived here): the first step costs at most
$(1-\kappa^{-2})^b$, the second at most $4\sum_{j>j_0} t_j$.

References: [childs2017] arXiv:1511.02306, Lemmas 14 and 17 to 19 (b and j0 second-hand: QLSS 1.2; error measured).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from carlemanc.access.access import Access
from carlemanc.access.facts import InversionFacts
from carlemanc.core.arrays import Array, FloatArray
from carlemanc.core.errors import TooLarge
from carlemanc.core.formula import Formula
from carlemanc.methods.method import Method, Traits, unit
from carlemanc.methods.plan import LARGEST_DEGREE, Plan, check_facts

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula


_TRUNCATION = Formula(
    text="2 j0 + 1 queries, j0 = ceil(sqrt(b ln(8 b/epsilon))), b = ceil(kappa^2 ln(2 kappa/epsilon))",
    status="second-hand",
    sources=("childs2017",),
    where="Lemmas 17-19, the error recomputed here",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LCUPlan(Plan):
    """A `Plan` with the series.

    Args:
        weights: (j0 + 1,) 4 t_j, or None where only counts were asked for.
        one_norm: their sum; the block is the series divided by it.
    """

    degree: int
    weights: FloatArray | None
    one_norm: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChebyshevInversion(Method[InversionFacts, LCUPlan]):
    """Inversion by a Chebyshev LCU."""

    name: ClassVar[str] = "lcu"

    @property
    def traits(self) -> Traits:
        """It inverts."""
        from carlemanc.access.inversion import inversion

        return Traits(access=inversion, own_gates="selector, walk reflections")

    def plan(self, facts: InversionFacts, epsilon: float, *, phases: bool = True) -> LCUPlan:
        """Return the plan; TooLarge where the degree exceeds `LARGEST_DEGREE` and weights are asked for."""
        check_facts(facts, epsilon)
        alpha = facts.alpha
        kappa = max(1.0, alpha * facts.inverse_norm)
        b, last = series_length(kappa, epsilon / 2)
        if phases and 2 * last + 1 > LARGEST_DEGREE:
            raise _too_large(2 * last + 1)
        weights = series_weights(b, last) if phases else None
        one_norm = float(weights.sum()) if weights is not None else series_one_norm(b)
        amplitude_scale = alpha / (one_norm * facts.rhs_norm)
        return LCUPlan(
            method=self.name,
            alpha=alpha,
            kappa_effective=alpha * facts.inverse_norm,
            degree=2 * last + 1,
            weights=weights,
            one_norm=one_norm,
            queries_L=2 * last + 1,
            queries_b=1,
            ancillas=last.bit_length(),
            success_probability=(amplitude_scale * facts.solution_norm) ** 2,
            amplitude_scale=amplitude_scale,
            solution_norm=facts.solution_norm,
            errors={
                "series": math.exp(b * math.log1p(-1 / kappa**2)) if kappa > 1 else 0.0,
                "truncation": truncation_error(b, last),
            },
            references=(_TRUNCATION,),
            readout_probability=facts.readout_probability,
            inputs={"kappa": alpha * facts.inverse_norm},
            is_solved=phases,
        )

    def circuit(self, plan: LCUPlan, access: Access[InversionFacts], eps: float = 0.0) -> Bloq:
        """Prepare b, then the selected walk powers."""
        from carlemanc.methods.chebyshev_lcu import ChebyshevLCU
        from carlemanc.methods.inversion_circuit import InversionCircuit

        if plan.weights is None:
            raise _too_large(plan.degree)
        return InversionCircuit(access.start, ChebyshevLCU(access.encodings[0], plan.weights, eps))

    def amplitudes(self, plan: LCUPlan, access: Access[InversionFacts]) -> Array:
        """Return the series at L^dagger/alpha applied to b/||b||, over the 1-norm of its weights."""
        from carlemanc.methods.matrix_backend import odd_singular_value_transform

        if plan.weights is None:
            raise _too_large(plan.degree)
        matrix, rhs = access.exact()
        signed = plan.weights * np.where(np.arange(len(plan.weights)) % 2, -1.0, 1.0)
        return odd_singular_value_transform(matrix, unit(rhs), signed / plan.one_norm, alpha=plan.alpha)

    def formula(self) -> QueryFormula:
        """The length of the series, epsilon/2 for each of its two steps."""
        import sympy as sp

        from carlemanc.methods.query_formula import EPSILON, KAPPA, QueryFormula

        b = sp.ceiling(KAPPA**2 * sp.log(2 * KAPPA / EPSILON))
        return QueryFormula(
            queries_L=2 * sp.ceiling(sp.sqrt(b * sp.log(8 * b / EPSILON))) + 1,
            queries_b=sp.Integer(1),
            reference="Childs, Kothari, Somma, arXiv:1511.02306, Lemmas 17-19, epsilon/2 for each step",
            status="second-hand",
        )


def _too_large(degree: int) -> TooLarge:
    return TooLarge(
        "the series of Chebyshev polynomials",
        size=f"degree {degree:,}",
        limit=f"{LARGEST_DEGREE:,}",
        instead="Its queries can still be counted: carlemanc solvers.",
    )


def series_length(kappa: float, epsilon: float) -> tuple[int, int]:
    """Return (b, j0) for an error of epsilon in each of the two steps."""
    b = max(1, math.ceil(kappa**2 * math.log(kappa / epsilon)))
    last = min(b - 1, math.ceil(math.sqrt(b * math.log(4 * b / epsilon))))
    return b, max(1, last)


def series_weights(b: int, last: int) -> FloatArray:
    """Return (last + 1,) 4 t_j, t_j the probability of more than b + j heads in 2b throws."""
    from scipy.special import betainc

    j = np.arange(last + 1)
    return np.asarray(4 * betainc(b + j + 1.0, b - j, 0.5), dtype=np.float64)


def series_one_norm(b: int) -> float:
    """Return 4 sum_j t_j of the whole series: 2 E|X - b| = 2 b C(2b, b)/4^b (derived here)."""
    central = (
        math.comb(2 * b, b) / 4**b
        if b < 1000
        else (1 - 1 / (8 * b) + 1 / (128 * b**2)) / math.sqrt(math.pi * b)
    )
    return 2 * b * central


def truncation_error(b: int, last: int) -> float:
    """Return a bound on 4 sum_(j > last) t_j: the next 12 sqrt(b) terms, and t_j <= exp(-j^2/b) beyond."""
    from scipy.special import betainc

    beyond = min(b, last + 1 + math.ceil(12 * math.sqrt(b)))
    if beyond - last > 10 * LARGEST_DEGREE:  # Chernoff for all of it
        return 4 * math.exp(-((last + 1) ** 2) / b) * (1 + b / (2 * (last + 1)))
    j = np.arange(last + 1, beyond)
    near = float(betainc(b + j + 1.0, b - j, 0.5).sum())
    far = 0.0 if beyond >= b else math.exp(-(beyond**2) / b) * (1 + b / (2 * beyond))
    return 4 * (near + far)
