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

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, final

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.solvers.inversion_polynomial import (
    InversionPolynomial,
    absolute_error_polynomial,
    relative_error_polynomial,
)
from carlemanc.solvers.phase_factors import PhaseFactors, phase_factors
from carlemanc.solvers.plan import (
    LARGEST_DEGREE,
    AbstractLinearSolver,
    Array,
    Outline,
    SolverPlan,
    check_numbers,
)

if TYPE_CHECKING:
    from qualtran import Bloq

FloatArray = npt.NDArray[np.float64]

_NEAR = 101
"""Points that the sup norm is sampled at for an outline."""
SUP_NORMS = (0.99, 0.95, 0.9, 0.75)
"""Scalings of f tried in turn: nearer to 1 succeeds more often, farther off needs shorter FFTs (QLSS 2.2)."""
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
class QSVTPlan(SolverPlan):
    """A `SolverPlan` with the polynomial and its phases.

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

    @property
    def polynomial_error(self) -> float:
        """Bound on the relative error of x from P (closed form)."""
        return self.errors["polynomial"]

    @property
    def phase_error(self) -> float:
        """The same from the phases: certificate residual / (scale * least gain); 0 without phases."""
        return self.errors["phases"]

    def chebyshev_coefficients(self) -> FloatArray:
        """Return the (degree + 1,) coefficients of the scaled polynomial; the even ones are zero."""
        return _interleaved(self.polynomial, self.scale)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class QSVTInversion(AbstractLinearSolver):
    """Inversion by QSVT with an optimal polynomial.

    Args:
        solve_phases: compute the phases; false for counts at degrees no circuit is emitted for.
        polynomial: which error the polynomial minimizes: "relative" (degree about kappa ln(2/epsilon)) or
            "absolute" (about kappa ln(kappa/(epsilon g)), g = alpha ||x||/||b|| in [1, kappa]: fewer
            queries where ||x|| is near its largest value; the norm has to be known).
    """

    name: ClassVar[str] = "qsvt"
    solve_phases: bool = True
    polynomial: Literal["relative", "absolute"] = "relative"

    def plan(
        self, *, alpha: float, inverse_norm: float, epsilon: float, rhs_norm: float, solution_norm: float
    ) -> QSVTPlan:
        """Return the plan; see `AbstractLinearSolver.plan`.

        Raises InputError where a number is not positive and finite, epsilon is outside (0, 1),
        `solution_norm` contradicts alpha or `inverse_norm`, or double precision cannot reach epsilon;
        TooLarge where the degree exceeds `LARGEST_DEGREE` and phases are asked for.
        """
        check_numbers(alpha, inverse_norm, epsilon, rhs_norm, solution_norm)
        kappa = alpha * inverse_norm
        gain = alpha * solution_norm / rhs_norm
        polynomial = self._polynomial(kappa, epsilon, gain)
        phases, sup, phase_error = self._solve(polynomial, epsilon, gain)
        if self._error(polynomial, gain) + phase_error > epsilon:
            polynomial = self._polynomial(kappa, epsilon - 2 * phase_error, gain)
            phases, sup, phase_error = self._solve(polynomial, epsilon, gain)
        scale = sup / polynomial.sup_norm
        amplitude_scale = scale * alpha / rhs_norm
        return QSVTPlan(
            method=self.name,
            alpha=alpha,
            degree=polynomial.degree,
            kappa_effective=kappa,
            polynomial=polynomial,
            phases=phases,
            scale=scale,
            sup_norm=sup,
            amplitude_scale=amplitude_scale,
            success_probability=(amplitude_scale * solution_norm) ** 2,
            queries_L=polynomial.degree,
            queries_b=1,
            ancillas=1,
            solution_norm=solution_norm,
            errors={"polynomial": self._error(polynomial, gain), "phases": phase_error},
            references=(_POLYNOMIALS[self.polynomial], _CIRCUIT, *((_PHASES,) if phases else ())),
        )

    def for_counting(self) -> Self:
        """The same without what only a circuit needs."""
        return replace(self, solve_phases=False)

    def outline(self, **numbers: float) -> Outline:
        """See `AbstractLinearSolver.outline`; the sup norm is sampled near 1/kappa instead of enclosed."""
        check_numbers(**numbers)
        kappa = numbers["alpha"] * numbers["inverse_norm"]
        gain = numbers["alpha"] * numbers["solution_norm"] / numbers["rhs_norm"]
        polynomial = self._polynomial(kappa, numbers["epsilon"], gain)
        near = np.linspace(0.5, 1.5, _NEAR) / polynomial.kappa
        largest = float(np.abs(polynomial(np.minimum(near, 1.0))).max())
        return Outline(
            queries_L=polynomial.degree,
            queries_b=1,
            success_probability=(SUP_NORMS[0] * gain / largest) ** 2,
        )

    def circuit(self, plan: QSVTPlan, prepare: Bloq, encoding: Bloq, eps: float = 0.0) -> Bloq:
        """Prepare b, then the alternating sequence; unknown phases are counted only."""
        from qualtran.symbolics import HasLength

        from carlemanc.solvers.inversion_circuit import InversionCircuit
        from carlemanc.solvers.qsvt import QSVT

        phases = HasLength(plan.degree + 1) if plan.phases is None else tuple(plan.phases.phases.tolist())
        return InversionCircuit(prepare, QSVT(encoding, phases, eps))

    def amplitudes(self, plan: QSVTPlan, matrix: Any, rhs: Array) -> Array:
        """Return f(L^dagger/alpha) b/||b||: plan.amplitude_scale * x up to the polynomial's error."""
        from carlemanc.solvers.matrix_backend import odd_singular_value_transform

        return odd_singular_value_transform(
            matrix, rhs / np.linalg.norm(rhs), plan.chebyshev_coefficients()[1::2], alpha=plan.alpha
        )

    def _polynomial(self, kappa: float, epsilon: float, gain: float) -> InversionPolynomial:
        if self.polynomial == "relative":
            return relative_error_polynomial(kappa, epsilon)
        return absolute_error_polynomial(kappa, epsilon * gain)

    def _error(self, polynomial: InversionPolynomial, gain: float) -> float:
        """Relative error of x: ||(P(A^dagger) - A^-1) b|| <= max |P - 1/x|, and ||x|| is `gain` in these units."""
        return polynomial.error if self.polynomial == "relative" else polynomial.error / gain

    def _solve(
        self, polynomial: InversionPolynomial, epsilon: float, gain: float
    ) -> tuple[PhaseFactors | None, float, float]:
        """Return phases, sup norm and the relative error of x the phases cause: residual M/(sup gain)."""
        if not self.solve_phases:
            return None, SUP_NORMS[0], 0.0
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
