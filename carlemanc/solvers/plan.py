r"""From (alpha, ||L^-1||, epsilon) to everything a solver's circuit and its cost need.

QSVT inversion applies $f = (s_{sup}/M) P$ to $L^\dagger/\alpha$, P the relative-error optimum near 1/x, M its
sup norm. Since $P(\sigma) \approx 1/\sigma$, the block is $(s_{sup}/M) \alpha L^{-1}$, so from b/||b|| the
amplitudes with all ancillas |0> are $s\,x$ with $s = s_{sup} \alpha / (M ||b||)$ and $x = L^{-1} b$, b as
written (derived here, tested). Relative error: $||\tilde x - x|| \le \epsilon ||x||$ component by component
in the singular vectors, provided the singular values of L are at least 1/inverse_norm (proved; it covers the
polynomial and the phases, not the precision of the block encoding nor of rotation synthesis).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.solvers.inversion_polynomial import InversionPolynomial, relative_error_polynomial
from carlemanc.solvers.phase_factors import PhaseFactors, phase_factors

FloatArray = npt.NDArray[np.float64]

SUP_NORMS = (0.99, 0.95, 0.9, 0.75)
"""Scalings of f tried in turn: nearer to 1 succeeds more often, farther off needs shorter FFTs (QLSS 2.2)."""
LARGEST_DEGREE = 1_000_000
"""Phases beyond it take over 15 s and 1.5 GB (measured); counts have no limit."""
_SLACK = 1e-6
"""Rounding allowed between norms that were computed in different ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverPlan:
    """What one run of a solver does and costs.

    Args:
        method: name as in the spec's `solver.method`.
        degree: degree of the polynomial.
        kappa_effective: alpha ||L^-1||, what the polynomial serves.
        polynomial: P near 1/x on [1/kappa_effective, 1].
        phases: R-convention phases of `scale * P`, or None where only counts were asked for.
        scale: factor on P; sup |scale * P| is `sup_norm`.
        sup_norm: at most 0.99.
        amplitude_scale: s: amplitudes with all ancillas |0> are s x, x = L^-1 b of the files as written.
        success_probability: (s ||x||)^2, up to twice the relative error.
        queries_L: uses of the block encoding or its adjoint.
        queries_b: uses of the state preparation.
        polynomial_error: bound on the relative error of x from P (closed form).
        phase_error: the same from the phases: certificate residual / (scale * least gain); 0 without phases.
    """

    method: str
    degree: int
    kappa_effective: float
    polynomial: InversionPolynomial
    phases: PhaseFactors | None
    scale: float
    sup_norm: float
    amplitude_scale: float
    success_probability: float
    queries_L: int
    queries_b: int
    polynomial_error: float
    phase_error: float

    @property
    def error_bound(self) -> float:
        """Bound on ||x~ - x|| / ||x||; at most the requested epsilon."""
        return self.polynomial_error + self.phase_error

    def chebyshev_coefficients(self) -> FloatArray:
        """Return the (degree + 1,) coefficients of the scaled polynomial; the even ones are zero."""
        return _interleaved(self.polynomial, self.scale)

    def rotation_precision(self, share: float, rotations: int) -> float:
        """Return the operator-norm precision per rotation that keeps their effect on x below `share`.

        Errors of a circuit's parts add; post-selection divides by the success amplitude (derived here,
        proved).
        """
        return share * math.sqrt(self.success_probability) / max(1, rotations)


class AbstractLinearSolver(ABC):
    """A quantum linear-system algorithm: plans are made from numbers alone, before any circuit exists."""

    @abstractmethod
    def plan(
        self, *, alpha: float, inverse_norm: float, epsilon: float, rhs_norm: float, solution_norm: float
    ) -> SolverPlan:
        """Return the plan; raises InputError where the method's premise fails."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class QSVTInversion(AbstractLinearSolver):
    """Inversion by QSVT with the relative-error optimal polynomial.

    Args:
        solve_phases: compute the phases; false for counts at degrees no circuit is emitted for.
    """

    solve_phases: bool = True

    def plan(
        self, *, alpha: float, inverse_norm: float, epsilon: float, rhs_norm: float, solution_norm: float
    ) -> SolverPlan:
        """Return the plan.

        Args:
            alpha: the block encoding holds L/alpha, alpha >= ||L||.
            inverse_norm: a bound on ||L^-1||.
            epsilon: bound wanted on ||x~ - x||/||x||, in (0, 1).
            rhs_norm: ||b||.
            solution_norm: ||x||, x = L^-1 b.

        Raises InputError where a number is not positive and finite, epsilon is outside (0, 1),
        `solution_norm` contradicts alpha or `inverse_norm`, or double precision cannot reach epsilon;
        TooLarge where the degree exceeds `LARGEST_DEGREE` and phases are asked for.
        """
        _check(alpha, inverse_norm, rhs_norm, solution_norm)
        kappa = alpha * inverse_norm
        polynomial = relative_error_polynomial(kappa, epsilon)
        gain = alpha * solution_norm / rhs_norm
        phases, sup, phase_error = self._solve(polynomial, epsilon, gain)
        if polynomial.error + phase_error > epsilon:
            polynomial = relative_error_polynomial(kappa, epsilon - 2 * phase_error)
            phases, sup, phase_error = self._solve(polynomial, epsilon, gain)
        scale = sup / polynomial.sup_norm
        amplitude_scale = scale * alpha / rhs_norm
        return SolverPlan(
            method="qsvt",
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
            polynomial_error=polynomial.error,
            phase_error=phase_error,
        )

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


def _check(alpha: float, inverse_norm: float, rhs_norm: float, solution_norm: float) -> None:
    named = {
        "subnormalization alpha": alpha,
        "bound on ||L^-1||": inverse_norm,
        "norm of the right-hand side": rhs_norm,
        "norm of the solution": solution_norm,
    }
    problems = [
        Problem(where=name, found=repr(value), allowed="a positive finite number")
        for name, value in named.items()
        if not (math.isfinite(value) and value > 0)
    ]
    low, high = rhs_norm / (alpha or 1.0), inverse_norm * rhs_norm
    if not problems and not low * (1 - _SLACK) <= solution_norm <= high * (1 + _SLACK):
        problems.append(
            Problem(
                where="norm of the solution",
                found=repr(solution_norm),
                allowed=f"between ||b||/alpha = {low:.6g} and ||L^-1|| ||b|| = {high:.6g}",
            )
        )
    if problems:
        raise InputError("QSVT inversion needs finite norms and a bound on the inverse", problems)
