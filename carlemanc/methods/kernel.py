r"""Inversion by kernel reflection (Dalzell 2024, "a shortcut to an optimal quantum linear system solver").

The vector |0> A^-1 b + t |1>|b> spans the kernel of G (module kernel_operator). Reflecting e = |1>|b> about
it and asking for c = 0 leaves, with g = ||A^-1 b||/||b|| and $h = 2\rho/(1+\rho)$, the amplitude
$(2 - h)\, t g/(t^2 + g^2)$ of x/||x||: all but $\rho$ of it at t = g. The norm of x is not in the state.

Error (derived here): K is -1 + h on the complement of the kernel, up to +-h, so what is not parallel to x has at
most norm $h g/\sqrt{t^2+g^2}$, relative error $r = h \sqrt{t^2+g^2}/((2-h) t)$, which at t = g is $\sqrt 2 \rho$:
degree $\kappa \ln(2\sqrt2/\epsilon)$, the published count. A second, even filter on (1 - |b><b|) A multiplies r by
its own $\rho$: that is what an unknown norm needs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, final

import numpy as np

from carlemanc.access.access import Access
from carlemanc.access.facts import InversionFacts
from carlemanc.core.arrays import Array, FloatArray
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.methods.kernel_polynomial import KernelPolynomial, kernel_polynomial
from carlemanc.methods.method import Method, Traits, unit
from carlemanc.methods.phase_factors import PhaseFactors, phase_factors
from carlemanc.methods.plan import LARGEST_DEGREE, Plan, check_facts

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula


_REFLECTION = Formula(
    text="2 ceil(kappa_t ln(2/eta)/2) queries a kernel reflection or projection, kappa_t of the augmented system; "
    "(1 + O(epsilon)) kappa ln(2 sqrt(2)/epsilon) where ||x|| is known",
    status="second-hand",
    sources=("dalzell2024",),
    where="only the abstract was read; errors derived here",
)
SUP_NORMS = (0.999, 0.99, 0.95, 0.9)
"""Scalings of the polynomial tried in turn; the nearer to 1 the longer the FFTs of the completion."""
FFT_ROOM = 1.0e7
"""Degree/(1 - sup norm) up to which a scaling is tried: 2^24 points resolve the completion (QLSS 2.2)."""
MU = 0.25
"""Norm that reflection at an unknown norm may leave outside of x (Dalzell's mu, Eq. 118; second-hand)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One even polynomial of the sequence with its scale and phases (None where only counts were asked for)."""

    polynomial: KernelPolynomial
    sup_norm: float
    phases: PhaseFactors | None

    def coefficients(self) -> FloatArray:
        """Return the (degree + 1,) coefficients of the scaled polynomial; the odd ones are zero."""
        return self.sup_norm * self.polynomial.chebyshev_coefficients()


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelPlan(Plan):
    """A `Plan` with the stages: the reflection at `t`, and for an unknown norm the filter.

    With a filter the block encoding's ancillas are needed twice, which `ancillas` does not contain; and
    `success_probability` is that of the guess `t`, up to a relative error of twice the reflection's.
    """

    degree: int
    t: float
    reflection: Stage
    filter: Stage | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KernelInversion(Method[InversionFacts, KernelPlan]):
    """Inversion by kernel reflection.

    Args:
        norm: "known": reflect at t = ||x|| (in units of ||b||/alpha); "unknown": reflect at `guess`, then filter.
        guess: t of the unknown-norm variant; None: sqrt(kappa), the median of the published random draw.
    """

    name: ClassVar[str] = "kernel"
    norm: Literal["known", "unknown"] = "known"
    guess: float | None = None

    @property
    def traits(self) -> Traits:
        """It inverts; its bloq counts at any degree, without phases."""
        from carlemanc.access.inversion import inversion

        return Traits(
            access=inversion,
            own_gates="projector phases, kernel operator",
            counted_unsolved=True,
            walks_queries=False,
        )

    def plan(self, facts: InversionFacts, epsilon: float, *, phases: bool = True) -> KernelPlan:
        """Return the plan; TooLarge where the degree exceeds `LARGEST_DEGREE` and phases are asked for."""
        check_facts(facts, epsilon)
        alpha = facts.alpha
        kappa = max(1.0, alpha * facts.inverse_norm)
        gain = min(kappa, max(1.0, alpha * facts.solution_norm / facts.rhs_norm))
        t = gain if self.norm == "known" else min(kappa, max(1.0, self.guess or math.sqrt(kappa)))
        wanted = epsilon / (
            1 + epsilon**2
        )  # of unnormalized vectors: the angle between them is a little larger
        stages, error, phase_error = self._stages(kappa, gain, t, wanted, phases)
        if error + phase_error > wanted:
            stages, error, phase_error = self._stages(kappa, gain, t, wanted - 2 * phase_error, phases)
        if error + phase_error > wanted:
            problem = Problem(
                where="solver.epsilon",
                found=f"{epsilon!r} at an effective condition number of {kappa:.3g}",
                allowed=f"above about {4 * phase_error:.1g}, the floor of double-precision phases here",
            )
            raise InputError("the solver's precision is out of reach", [problem])
        reflection, filtered = stages[0], stages[1] if len(stages) > 1 else None
        amplitude = math.prod(stage.sup_norm for stage in stages) * _overlap(reflection.polynomial, t, gain)
        queries = [stage.polynomial.degree for stage in stages]
        return KernelPlan(
            method=self.name,
            alpha=alpha,
            kappa_effective=alpha * facts.inverse_norm,
            degree=sum(queries),
            t=t,
            reflection=reflection,
            filter=filtered,
            queries_L=sum(queries),
            queries_b=1 + 2 * sum(queries),
            ancillas=3 if filtered is None else 5,
            success_probability=amplitude**2,
            amplitude_scale=None,
            solution_norm=facts.solution_norm,
            errors={"polynomial": error * (1 + epsilon**2), "phases": phase_error * (1 + epsilon**2)},
            references=(_REFLECTION,),
            readout_probability=facts.readout_probability,
            inputs={"kappa": alpha * facts.inverse_norm},
            is_solved=phases,
        )

    def _stages(
        self, kappa: float, gain: float, t: float, wanted: float, phases: bool
    ) -> tuple[list[Stage], float, float]:
        """Return the stages, the relative error of the polynomials and that of the phases."""
        ratio = math.hypot(t, gain) / t
        if self.norm == "known":
            stages = [_stage(kernel_polynomial(kappa, wanted / ratio, "reflection"), phases)]
            error = ratio * stages[0].polynomial.rho
        else:
            first = kernel_polynomial(kappa, reflection_rho(kappa), "reflection")
            left = ratio * first.rho
            second = kernel_polynomial(kappa, min(0.5, wanted / left), "filter")
            stages = [_stage(first, phases), _stage(second, phases)]
            error = left * second.rho
        overlap = _overlap(stages[0].polynomial, t, gain)
        residuals = [s.phases.residual / s.sup_norm if s.phases else 0.0 for s in stages]
        return stages, error, math.fsum(residuals) / overlap

    def circuit(self, plan: KernelPlan, access: Access[InversionFacts], eps: float = 0.0) -> Bloq:
        """Reflect e about the kernel, filter where the norm was unknown, ask for c = 0."""
        from carlemanc.methods.kernel_operator import KernelCircuit, KernelOperator
        from carlemanc.methods.qsvt import QSVT

        def transform(stage: Stage, t: float | None) -> QSVT:
            from qualtran.symbolics import HasLength

            known = stage.phases
            phases = HasLength(stage.polynomial.degree + 1) if known is None else tuple(known.phases.tolist())
            return QSVT(
                KernelOperator(access.start, access.encodings[0], t, eps), phases, eps, adjoint_first=False
            )

        second = None if plan.filter is None else transform(plan.filter, None)
        return KernelCircuit(access.start, transform(plan.reflection, plan.t), second)

    def amplitudes(self, plan: KernelPlan, access: Access[InversionFacts]) -> Array:
        """Return the c = 0 part of K(G)|e>, filtered where the norm was unknown."""
        from carlemanc.methods.matrix_backend import KernelMatrix, even_singular_value_transform

        matrix, rhs = access.exact()
        start_b = unit(rhs)
        augmented = KernelMatrix(matrix, start_b, alpha=plan.alpha, t=plan.t)
        start = np.concatenate([np.zeros_like(start_b), start_b])
        state = even_singular_value_transform(augmented, start, plan.reflection.coefficients()[::2])
        state = state[: len(start_b)]
        if plan.filter is not None:
            plain = KernelMatrix(matrix, start_b, alpha=plan.alpha, t=None)
            state = even_singular_value_transform(plain, state, plan.filter.coefficients()[::2])
        return state

    def queried(self, plan: KernelPlan, access: Access[InversionFacts]) -> Mapping[Bloq, str]:
        """The encoding of L, or 1/t where the qubit c is off, beside the usual forms."""
        from carlemanc.block_encoding import HistoryBlockEncoding

        (encoding,), (name,) = access.encodings, access.names
        found = dict(super(KernelInversion, self).queried(plan, access))
        if isinstance(encoding, HistoryBlockEncoding):
            found[encoding.controlled_or(1 / plan.t)] = f"block encoding of {name}, or 1/t"
        return found

    def formula(self) -> QueryFormula:
        """Algorithm 3 of the paper, expected queries, or the simpler count where the norm is known."""
        import sympy as sp

        from carlemanc.methods.query_formula import EPSILON, KAPPA, QueryFormula

        dalzell = "Dalzell, arXiv:2406.12086"
        if self.norm == "known":
            queries, reference = KAPPA * sp.log(2 * sp.sqrt(2) / EPSILON), f"{dalzell}, known norm"
        else:
            mu, s = sp.Rational(1, 4), 3 + 2 * sp.log((KAPPA**2 + 1) / 2)
            eta = mu / (sp.sqrt(s) + mu)
            eta_filter = EPSILON * sp.sqrt(1 - mu**2) / (mu * sp.sqrt(1 - EPSILON**2))
            first, second = (2 * sp.ceiling(KAPPA * sp.log(2 / one) / 2) for one in (eta, eta_filter))
            q0 = ((1 - eta) / (1 + eta)) ** 2 / (sp.log(KAPPA) + 1)
            queries = first / q0 + second / (1 - mu**2)
            reference = f"{dalzell}, Algorithm 3, Eq. 118, expected queries"
        return QueryFormula(
            queries_L=queries,
            queries_b=1 + 2 * queries,
            reference=reference,
            status="read" if self.norm == "known" else "second-hand",
        )


def _stage(polynomial: KernelPolynomial, solve: bool) -> Stage:
    if solve and polynomial.degree > LARGEST_DEGREE:
        raise TooLarge(
            "the inversion circuit",
            size=f"degree {polynomial.degree:,} (effective condition number {polynomial.kappa:.3g})",
            limit=f"{LARGEST_DEGREE:,}",
            instead="Its cost can still be counted: carlemanc estimate.",
        )
    fitting = [sup for sup in SUP_NORMS if polynomial.degree <= FFT_ROOM * (1 - sup)]
    sup = fitting[0] if fitting else SUP_NORMS[-1]
    if not solve:
        return Stage(polynomial=polynomial, sup_norm=sup, phases=None)
    phases = phase_factors(sup * polynomial.chebyshev_coefficients()).to_reflection()
    return Stage(polynomial=polynomial, sup_norm=sup, phases=phases)


def reflection_rho(kappa: float) -> float:
    """Return eta of Algorithm 3: mu/(sqrt S + mu), S = 3 + 2 ln((kappa^2 + 1)/2) (Eq. 118; second-hand)."""
    return MU / (math.sqrt(3 + 2 * math.log((kappa**2 + 1) / 2)) + MU)


def _overlap(polynomial: KernelPolynomial, t: float, gain: float) -> float:
    """Return (2 - h) t g/(t^2 + g^2), the amplitude of x/||x|| after the reflection, scale 1."""
    h = 2 * polynomial.rho / (1 + polynomial.rho)
    return (2 - h) * t * gain / (t**2 + gain**2)
