r"""Time marching: theta(T) from T uses of the encoded step, no inversion.

$\tilde y(t + 1) = \tilde B_t \tilde y(t)$ with $\tilde y = (1, y)$ where there are sources, else y. From
$\tilde y(0)$ normalized, success of all steps leaves $\tilde y(T) / (||\tilde y(0)|| \prod_t \alpha_t)$: level 1
has the amplitude $||y_1(T)|| / (\sqrt{1 + \sum_j z_0^{2j}} \prod \alpha_t)$, the 1 only with sources (derived
here, tested). The norm is kept, and no premise on L is needed: what does not contract only costs success.

Uniform singular value amplification replaces $\alpha_t$ by $||\tilde B_t|| / (1 - \delta)$ at d(delta) queries a
step; with delta about 1/T that is about T^2 queries in all. Both are priced.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

import numpy as np

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.formula import Formula
from carlemanc.solvers.amplification_polynomial import AmplificationPolynomial, amplification_polynomial
from carlemanc.solvers.phase_factors import PhaseFactors, phase_factors
from carlemanc.solvers.plan import AbstractLinearSolver, Array, SolverPlan

if TYPE_CHECKING:
    from qualtran import Bloq

_MARGINS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
"""delta T tried: less leaves more success, more leaves a lower degree."""
_REFERENCES = (
    Formula(text="one query a step; amplitude ||y_1(T)|| / (||y(0)|| prod alpha_t)", status="derived here"),
    Formula(
        text="failures of the steps are counted in ceil(log2(T + 1)) qubits and post-selected once",
        status="second-hand",
        sources=("fang2023",),
    ),
)
_AMPLIFIED = (
    Formula(
        text="uniform singular-value amplification of the steps",
        status="second-hand",
        sources=("low2017",),
        where="error measured",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarchPlan(SolverPlan):
    """A `SolverPlan` of marching; x is y(T), the register holds levels and slots alone.

    Args:
        steps: T.
        polynomials: the amplification of each distinct step; None: the step as it is.
        phases: their phases, where they were asked for.
        expected_queries: queries_L / success_probability of the plain and the amplified march.
    """

    steps: int
    polynomials: tuple[AmplificationPolynomial | None, ...]
    phases: tuple[PhaseFactors | None, ...]
    expected_queries: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_amplified(self) -> bool:
        """Whether any step is amplified."""
        return any(polynomial is not None for polynomial in self.polynomials)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class March(AbstractLinearSolver):
    """Time marching.

    Args:
        alphas: subnormalization of each distinct step's encoding (of the extended step with sources).
        norms: a bound on the norm of each (extended) step; 0 < norm <= alpha.
        schedule: (T,) for each step the position of its map.
        amplified: amplify singular values: yes, no, or where it takes fewer expected queries.
        solve_phases: compute phases where amplified.
    """

    name: ClassVar[str] = "march"
    alphas: tuple[float, ...]
    norms: tuple[float, ...]
    schedule: tuple[int, ...]
    amplified: Literal["yes", "no", "auto"] = "auto"
    solve_phases: bool = True

    def plan(
        self, *, alpha: float, inverse_norm: float, epsilon: float, rhs_norm: float, solution_norm: float
    ) -> MarchPlan:
        """Return the plan.

        Args:
            alpha, inverse_norm: not used: nothing is inverted.
            epsilon: bound wanted on the relative error of y(T); the plain march has none.
            rhs_norm: the norm of the (extended) start.
            solution_norm: the norm of the (extended) y(T).

        Raises InputError for numbers that are not positive and finite.
        """
        self._check(epsilon, rhs_norm, solution_norm)
        plain = self._plan(epsilon, rhs_norm, solution_norm, tuple(None for _ in self.alphas))
        found = [plain]
        if self.amplified != "no":
            found += self._amplified_plans(epsilon, rhs_norm, solution_norm)
        costs = {
            "plain": _expected(plain),
            "amplified": min(map(_expected, found[1:]), default=math.inf),
        }
        chosen = min(found[1:] if self.amplified == "yes" and found[1:] else found, key=_expected)
        return self._plan(epsilon, rhs_norm, solution_norm, chosen.polynomials, self.solve_phases, costs)

    def circuit(self, plan: MarchPlan, prepare: Bloq, encoding: Any, eps: float = 0.0) -> Bloq:
        """Prepare the start, then march; `encoding` is the tuple of the distinct step encodings."""
        from qualtran.symbolics import HasLength

        from carlemanc.solvers.march_circuit import MarchCircuit
        from carlemanc.solvers.qsvt import QSVT

        steps = []
        for step, polynomial, phases in zip(encoding, plan.polynomials, plan.phases, strict=True):
            if polynomial is None:
                steps.append(step)
                continue
            angles = HasLength(polynomial.degree + 1) if phases is None else tuple(phases.phases.tolist())
            steps.append(QSVT(step, angles, eps, adjoint_first=False))
        return MarchCircuit(prepare, tuple(steps), self.schedule)

    def amplitudes(self, plan: MarchPlan, matrix: Any, rhs: Array) -> Array:
        """Return the amplitudes of the final register, in the order of `rhs`.

        Args:
            plan: what `plan` returned.
            matrix: the sequence of the distinct (extended) steps, each (D, D), sparse.
            rhs: the (extended) start, (D,).
        """
        from carlemanc.solvers.matrix_backend import odd_singular_value_transform

        state: np.ndarray = np.asarray(rhs) / np.linalg.norm(rhs)
        for index in self.schedule:
            polynomial, step = plan.polynomials[index], matrix[index]
            if polynomial is None:
                state = step @ state / self.alphas[index]
            else:
                state = odd_singular_value_transform(
                    step.conj().T, state, polynomial.odd, alpha=self.alphas[index]
                )
        return state

    def _check(self, epsilon: float, rhs_norm: float, solution_norm: float) -> None:
        numbers = {
            "norm of the start": rhs_norm,
            "norm of y(T)": solution_norm,
            **{f"subnormalization of step {i}": alpha for i, alpha in enumerate(self.alphas)},
        }
        problems = [
            Problem(where=name, found=repr(value), allowed="a positive finite number")
            for name, value in numbers.items()
            if not (math.isfinite(value) and value > 0)
        ]
        if not 0 < epsilon < 1:
            problems.append(
                Problem(where="solver.epsilon", found=repr(epsilon), allowed="a number between 0 and 1")
            )
        if problems:
            raise InputError("marching needs finite norms", problems)

    def _amplified_plans(self, epsilon: float, rhs_norm: float, solution_norm: float) -> list[MarchPlan]:
        """Plans over the margins; a step that is within the margin of its norm already stays as it is."""
        found = []
        for margin in _MARGINS:
            delta = min(0.75, margin / max(1, len(self.schedule)))
            gains = [
                max(1.0, (1 - delta) * alpha / norm)
                for alpha, norm in zip(self.alphas, self.norms, strict=True)
            ]
            amplitude = self._amplitude(rhs_norm, solution_norm, gains)
            share = min(0.5, epsilon * amplitude / (4 * max(1, len(self.schedule))))
            if all(gain == 1.0 for gain in gains) or share < 1e-13:
                continue
            try:
                polynomials = tuple(
                    None if gain == 1.0 else amplification_polynomial(norm / alpha, delta, share)
                    for gain, alpha, norm in zip(gains, self.alphas, self.norms, strict=True)
                )
            except ValueError:
                continue
            found.append(self._plan(epsilon, rhs_norm, solution_norm, polynomials))
        return found

    def _amplitude(self, rhs_norm: float, solution_norm: float, gains: Sequence[float]) -> float:
        """sqrt(success), in logarithms: products of T subnormalizations overflow."""
        logs = [math.log(gain / alpha) for gain, alpha in zip(gains, self.alphas, strict=True)]
        total = math.log(solution_norm / rhs_norm) + math.fsum(logs[index] for index in self.schedule)
        return math.exp(min(total, 700.0))

    def _plan(
        self,
        epsilon: float,
        rhs_norm: float,
        solution_norm: float,
        polynomials: tuple[AmplificationPolynomial | None, ...],
        solve_phases: bool = False,
        costs: Mapping[str, float] | None = None,
    ) -> MarchPlan:
        gains = [1.0 if polynomial is None else polynomial.gain for polynomial in polynomials]
        degrees = [1 if polynomial is None else polynomial.degree for polynomial in polynomials]
        phases = tuple(
            phase_factors(polynomial.chebyshev_coefficients()).to_reflection()
            if polynomial is not None and solve_phases
            else None
            for polynomial in polynomials
        )
        amplitude, steps = self._amplitude(rhs_norm, solution_norm, gains), len(self.schedule)
        amplified = any(polynomial is not None for polynomial in polynomials)
        return MarchPlan(
            method=self.name,
            alpha=max(self.alphas),
            kappa_effective=solution_norm / rhs_norm / amplitude if amplitude else math.inf,
            queries_L=sum(degrees[index] for index in self.schedule),
            queries_b=1,
            ancillas=max(0, steps - 1).bit_length() + amplified,
            success_probability=amplitude**2,
            amplitude_scale=amplitude / solution_norm,
            solution_norm=solution_norm,
            errors=self._errors(polynomials, phases, amplitude) if amplified else {},
            references=_REFERENCES + (_AMPLIFIED if amplified else ()),
            steps=steps,
            polynomials=polynomials,
            phases=phases,
            expected_queries=costs or {},
        )

    def _errors(
        self,
        polynomials: Sequence[AmplificationPolynomial | None],
        phases: Sequence[PhaseFactors | None],
        amplitude: float,
    ) -> dict[str, float]:
        """Errors of the steps add, all blocks being at most 1; dividing by the amplitude makes them relative."""
        per_step = [0.0 if p is None else p.error for p in polynomials]
        per_phase = [0.0 if p is None else p.residual for p in phases]
        return {
            "polynomial": math.fsum(per_step[index] for index in self.schedule) / amplitude,
            "phases": math.fsum(per_phase[index] for index in self.schedule) / amplitude,
        }


def _expected(plan: MarchPlan) -> float:
    return plan.queries_L / plan.success_probability if plan.success_probability else math.inf
