r"""Inversion by QSVT: the plan, from (alpha, ||L^-1||, epsilon) to phases and success probability.

QSVT inversion applies $f = (s_{sup}/M) P$ to $L^\dagger/\alpha$, P the relative-error (or absolute-error)
optimum near 1/x, M its
sup norm. Since $P(\sigma) \approx 1/\sigma$, the block is $(s_{sup}/M) \alpha L^{-1}$, so from b/||b|| the
amplitudes with all ancillas |0> are $s\,x$ with $s = s_{sup} \alpha / (M ||b||)$ and $x = L^{-1} b$, b as
written (derived here, tested). Relative error: $||\tilde x - x|| \le \epsilon ||x||$ component by component
in the singular vectors, provided the singular values of L are at least 1/inverse_norm (proved; it covers the
polynomial and the phases, not the precision of the block encoding nor of rotation synthesis).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, final

import numpy as np

from carlemanc.access.access import Access
from carlemanc.access.facts import InversionFacts
from carlemanc.core.arrays import Array, FloatArray
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.methods.inversion_polynomial import (
    InversionPolynomial,
    absolute_error_polynomial,
    relative_error_polynomial,
)
from carlemanc.methods.method import Method, Outline, Traits, unit
from carlemanc.methods.phase_factors import PhaseFactors, phase_factors
from carlemanc.methods.plan import LARGEST_DEGREE, Plan, check_facts

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula
    from carlemanc.programs.lowering import Uncompute


_NEAR = 101
"""Points that the sup norm is sampled at for an outline."""
SUP_NORMS = (0.99, 0.95, 0.9, 0.75)
"""Scalings of f tried in turn: nearer to 1 succeeds more often, farther off needs shorter FFTs (QLSS 2.2)."""
_UNSOLVED = (None, SUP_NORMS[0], 0.0)
"""Phases, sup norm and error of the phases of a plan for counts alone."""
_CIRCUIT = Formula(
    text="d queries between d + 1 projector phases apply a polynomial of degree d to the singular values",
    status="second-hand",
    sources=("gslw2019",),
    where="Theorem 17 and Corollary 18, conventions tested",
)
_PHASES = Formula(
    text="phase factors by Weiss completion and the inverse nonlinear Fourier transform, residual measured",
    status="second-hand",
    sources=("alexis2024", "ni2025"),
)
_POLYNOMIALS = {
    "relative": Formula(
        text="d = 2 ceil(arcosh(1/epsilon) / ln((kappa + 1)/(kappa - 1))) - 1, the minimax of |x P(x) - 1| on "
        "[1/kappa, 1], about kappa ln(2/epsilon)",
        status="derived here",
    ),
    "absolute": Formula(
        text="d = 2 ceil((ln(1/e) + ln(kappa) + ln(1 + 1/kappa)) / ln((kappa + 1)/(kappa - 1))) - 1, the minimax of "
        "|P(x) - 1/x| with e = epsilon alpha ||x||/||b||",
        status="second-hand",
        sources=("sunderhauf2025",),
        where="Theorem 1, error measured",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QSVTPlan(Plan):
    """A `Plan` with the polynomial and its phases.

    Args:
        polynomial: P near 1/x on [1/kappa_effective, 1].
        phases: R-convention phases of `scale * P`, or None where only counts were asked for.
        scale: factor on P; sup |scale * P| is `sup_norm`.
        sup_norm: at most 0.99.
    """

    degree: int
    polynomial: InversionPolynomial
    phases: PhaseFactors | None
    scale: float
    sup_norm: float

    def chebyshev_coefficients(self) -> FloatArray:
        """Return the (degree + 1,) coefficients of the scaled polynomial; the even ones are zero."""
        return _interleaved(self.polynomial, self.scale)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class QSVTInversion(Method[InversionFacts, QSVTPlan]):
    """Inversion by QSVT with an optimal polynomial.

    Args:
        polynomial: which error the polynomial minimizes: "relative" (degree about kappa ln(2/epsilon)) or
            "absolute" (about kappa ln(kappa/(epsilon g)), g = alpha ||x||/||b|| in [1, kappa]: fewer
            queries where ||x|| is near its largest value; the norm has to be known).
    """

    name: ClassVar[str] = "qsvt"
    polynomial: Literal["relative", "absolute"] = "relative"

    @property
    def traits(self) -> Traits:
        """It inverts; its bloq counts at any degree, without phases."""
        from carlemanc.access.inversion import inversion

        return Traits(
            access=inversion,
            own_gates="projector phases, real part",
            counted_unsolved=True,
            walks_queries=False,
        )

    def plan(self, facts: InversionFacts, epsilon: float, *, phases: bool = True) -> QSVTPlan:
        """Return the plan; see `Method.plan`.

        Raises InputError where a number is not positive and finite, epsilon is outside (0, 1),
        `solution_norm` contradicts alpha or `inverse_norm`, or double precision cannot reach epsilon;
        TooLarge where the degree exceeds `LARGEST_DEGREE` and phases are asked for.
        """
        check_facts(facts, epsilon)
        alpha, kappa = facts.alpha, facts.alpha * facts.inverse_norm
        gain = alpha * facts.solution_norm / facts.rhs_norm
        polynomial = self._polynomial(kappa, epsilon, gain)
        solved, sup, phase_error = _solve(polynomial, epsilon, gain) if phases else _UNSOLVED
        if phases and self._error(polynomial, gain) + phase_error > epsilon:
            polynomial = self._polynomial(kappa, epsilon - 2 * phase_error, gain)
            solved, sup, phase_error = _solve(polynomial, epsilon, gain)
        scale = sup / polynomial.sup_norm
        amplitude_scale = scale * alpha / facts.rhs_norm
        return QSVTPlan(
            method=self.name,
            alpha=alpha,
            degree=polynomial.degree,
            kappa_effective=kappa,
            polynomial=polynomial,
            phases=solved,
            scale=scale,
            sup_norm=sup,
            amplitude_scale=amplitude_scale,
            success_probability=(amplitude_scale * facts.solution_norm) ** 2,
            queries_L=polynomial.degree,
            queries_b=1,
            ancillas=1,
            solution_norm=facts.solution_norm,
            errors={"polynomial": self._error(polynomial, gain), "phases": phase_error},
            references=(_POLYNOMIALS[self.polynomial], _CIRCUIT, *((_PHASES,) if solved else ())),
            readout_probability=facts.readout_probability,
            inputs={"kappa": kappa},
            is_solved=solved is not None,
            caveat="" if solved else "counted without phases",
        )

    def outline(self, facts: InversionFacts, epsilon: float) -> Outline:
        """See `Method.outline`; the sup norm is sampled near 1/kappa instead of enclosed."""
        check_facts(facts, epsilon)
        gain = facts.alpha * facts.solution_norm / facts.rhs_norm
        polynomial = self._polynomial(facts.alpha * facts.inverse_norm, epsilon, gain)
        near = np.linspace(0.5, 1.5, _NEAR) / polynomial.kappa
        largest = float(np.abs(polynomial(np.minimum(near, 1.0))).max())
        return Outline(
            queries_L=polynomial.degree,
            queries_b=1,
            success_probability=(SUP_NORMS[0] * gain / largest) ** 2,
            readout_probability=facts.readout_probability,
        )

    def circuit(self, plan: QSVTPlan, access: Access[InversionFacts], eps: float = 0.0) -> Bloq:
        """Prepare b, then the alternating sequence; unknown phases are counted only."""
        from carlemanc.methods.inversion_circuit import InversionCircuit
        from carlemanc.methods.qsvt import QSVT

        if plan.phases is None:
            return self.of_degree(plan.degree, access, eps)
        phases = tuple(plan.phases.phases.tolist())
        return InversionCircuit(access.start, QSVT(access.encodings[0], phases, eps))

    def of_degree(self, degree: int, access: Access[InversionFacts], eps: float = 0.0) -> Bloq:
        """Return a run whose phases are not known."""
        from qualtran.symbolics import HasLength

        from carlemanc.methods.inversion_circuit import InversionCircuit
        from carlemanc.methods.qsvt import QSVT

        return InversionCircuit(access.start, QSVT(access.encodings[0], HasLength(degree + 1), eps))

    def amplitudes(self, plan: QSVTPlan, access: Access[InversionFacts]) -> Array:
        """Return f(L^dagger/alpha) b/||b||: plan.amplitude_scale * x up to the polynomial's error."""
        from carlemanc.methods.matrix_backend import odd_singular_value_transform

        matrix, rhs = access.exact()
        return odd_singular_value_transform(
            matrix, unit(rhs), plan.chebyshev_coefficients()[1::2], alpha=plan.alpha
        )

    def own_calls(self, plan: QSVTPlan) -> int:
        """A projector phase around every query."""
        return plan.degree + 1

    def depth(self, plan: QSVTPlan, circuit: Bloq, uncompute: Uncompute) -> int | None:
        """Exact at any degree: queries repeat in the same places."""
        from carlemanc.methods.qsvt_depth import qsvt_depth

        return qsvt_depth(circuit, uncompute)

    def formula(self) -> QueryFormula:
        """The degree of the minimax polynomial of the error that is asked for."""
        import sympy as sp

        from carlemanc.methods.query_formula import EPSILON, KAPPA, QueryFormula

        gamma = 2 * sp.atanh(1 / KAPPA)
        if self.polynomial == "relative":
            half, reference = sp.acosh(1 / EPSILON), "minimax of |x P - 1| (Chebyshev iteration)"
        else:
            half = sp.log(1 / EPSILON) + sp.log(KAPPA) + sp.log(1 + 1 / KAPPA)
            reference = "Suenderhauf et al., arXiv:2507.15537, Theorem 1"
        return QueryFormula(
            queries_L=2 * sp.ceiling(half / gamma) - 1,
            queries_b=sp.Integer(1),
            reference=reference,
            status="derived" if self.polynomial == "relative" else "second-hand",
        )

    def _polynomial(self, kappa: float, epsilon: float, gain: float) -> InversionPolynomial:
        if self.polynomial == "relative":
            return relative_error_polynomial(kappa, epsilon)
        return absolute_error_polynomial(kappa, epsilon * gain)

    def _error(self, polynomial: InversionPolynomial, gain: float) -> float:
        """Relative error of x: ||(P(A^dagger) - A^-1) b|| <= max |P - 1/x|, and ||x|| is `gain` in these units."""
        return polynomial.error if self.polynomial == "relative" else polynomial.error / gain


def _solve(
    polynomial: InversionPolynomial, epsilon: float, gain: float
) -> tuple[PhaseFactors | None, float, float]:
    """Return phases, sup norm and the relative error of x the phases cause: residual M/(sup gain)."""
    if polynomial.degree > LARGEST_DEGREE:
        raise TooLarge(
            "the inversion circuit",
            size=f"degree {polynomial.degree:,} (effective condition number {polynomial.kappa:.3g})",
            limit=f"{LARGEST_DEGREE:,}",
            instead="Its cost can still be counted: carlemanc estimate.",
        )
    largest = polynomial.sup_norm
    errors = []
    for sup in SUP_NORMS:
        phases = phase_factors(_interleaved(polynomial, sup / largest))
        errors.append(phases.residual * largest / (sup * gain))
        if errors[-1] <= epsilon / 4:
            return phases.to_reflection(), sup, errors[-1]
    problem = Problem(
        where="solver.epsilon",
        found=f"{epsilon!r} at an effective condition number of {polynomial.kappa:.3g}",
        allowed=f"above about {4 * min(errors):.1g}, the floor of double-precision phases here",
    )
    raise InputError("the solver's precision is out of reach", [problem])


def _interleaved(polynomial: InversionPolynomial, scale: float) -> FloatArray:
    coefficients = np.zeros(polynomial.degree + 1)
    coefficients[1::2] = scale * polynomial.chebyshev_coefficients()
    return coefficients
