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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, final

from carlemanc.access.access import Access
from carlemanc.access.facts import StepFacts
from carlemanc.core.arrays import Array
from carlemanc.core.errors import InputError
from carlemanc.core.formula import Formula
from carlemanc.methods.amplification_polynomial import AmplificationPolynomial, amplification_polynomial
from carlemanc.methods.method import Method, Traits, unit
from carlemanc.methods.phase_factors import PhaseFactors, phase_factors
from carlemanc.methods.plan import Plan, unfit_numbers

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula

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
class MarchPlan(Plan):
    """A `Plan` of marching; x is y(T), the register holds levels and slots alone.

    Args:
        steps: T.
        polynomials: the amplification of each distinct step; None: the step as it is.
        phases: their phases, where they were asked for.
    """

    steps: int
    polynomials: tuple[AmplificationPolynomial | None, ...]
    phases: tuple[PhaseFactors | None, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class March(Method[StepFacts, MarchPlan]):
    """Time marching.

    Args:
        amplified: amplify singular values: yes, no, or where it takes fewer expected queries.
    """

    name: ClassVar[str] = "march"
    amplified: Literal["yes", "no", "auto"] = "auto"

    @property
    def traits(self) -> Traits:
        """It marches; its bloq is as long as its steps, and counts without phases."""
        from carlemanc.access.steps import steps

        return Traits(
            access=steps,
            own_gates="counter of failures, amplification of steps",
            own_rotations=0,
            counted_unsolved=True,
        )

    def plan(self, facts: StepFacts, epsilon: float, *, phases: bool = True) -> MarchPlan:
        """Return the plan; `epsilon` bounds the relative error of y(T), of which the plain march has none.

        Raises InputError for numbers that are not positive and finite.
        """
        _check(facts, epsilon)
        plain = self._plan(facts, tuple(None for _ in facts.alphas))
        amplified = [] if self.amplified == "no" else self._amplified_plans(facts, epsilon)
        others = [] if self.amplified == "yes" and amplified else [plain]
        chosen = min([*others, *amplified], key=_expected)
        return self._plan(facts, chosen.polynomials, solve_phases=True) if phases else chosen

    def circuit(self, plan: MarchPlan, access: Access[StepFacts], eps: float = 0.0) -> Bloq:
        """Prepare the start, then march."""
        from qualtran.symbolics import HasLength

        from carlemanc.methods.march_circuit import MarchCircuit
        from carlemanc.methods.qsvt import QSVT

        made = []
        for step, polynomial, phases in zip(access.encodings, plan.polynomials, plan.phases, strict=True):
            if polynomial is None:
                made.append(step)
                continue
            angles = HasLength(polynomial.degree + 1) if phases is None else tuple(phases.phases.tolist())
            made.append(QSVT(step, angles, eps, adjoint_first=False))
        return MarchCircuit(access.start, tuple(made), access.facts.schedule)

    def amplitudes(self, plan: MarchPlan, access: Access[StepFacts]) -> Array:
        """Return the final state packed as the start is, (D,): the distinct steps applied one after the other."""
        from carlemanc.methods.matrix_backend import odd_singular_value_transform

        (operators, start), alphas = access.exact(), access.facts.alphas
        state: Array = unit(start)
        for index in access.facts.schedule:
            polynomial, step = plan.polynomials[index], operators[index]
            if polynomial is None:
                state = step @ state / alphas[index]
            else:
                state = odd_singular_value_transform(
                    step.conj().T, state, polynomial.odd, alpha=alphas[index]
                )
        return state

    def formula(self) -> QueryFormula:
        """One use of the encoded step a step."""
        import sympy as sp

        from carlemanc.methods.query_formula import STEPS, QueryFormula

        return QueryFormula(
            queries_L=STEPS,
            queries_b=sp.Integer(1),
            reference="one use of the encoded step a step, without amplification; success in solvers.march",
            status="derived",
        )

    def _amplified_plans(self, facts: StepFacts, epsilon: float) -> list[MarchPlan]:
        """Plans over the margins; a step that is within the margin of its norm already stays as it is."""
        found = []
        for margin in _MARGINS:
            delta = min(0.75, margin / max(1, len(facts.schedule)))
            gains = [
                max(1.0, (1 - delta) * alpha / norm)
                for alpha, norm in zip(facts.alphas, facts.norms, strict=True)
            ]
            amplitude = _amplitude(facts, gains)
            share = min(0.5, epsilon * amplitude / (4 * max(1, len(facts.schedule))))
            if all(gain == 1.0 for gain in gains) or share < 1e-13:
                continue
            try:
                polynomials = tuple(
                    None if gain == 1.0 else amplification_polynomial(norm / alpha, delta, share)
                    for gain, alpha, norm in zip(gains, facts.alphas, facts.norms, strict=True)
                )
            except ValueError:
                continue
            found.append(self._plan(facts, polynomials))
        return found

    def _plan(
        self,
        facts: StepFacts,
        polynomials: tuple[AmplificationPolynomial | None, ...],
        solve_phases: bool = False,
    ) -> MarchPlan:
        gains = [1.0 if polynomial is None else polynomial.gain for polynomial in polynomials]
        degrees = [1 if polynomial is None else polynomial.degree for polynomial in polynomials]
        phases = tuple(
            phase_factors(polynomial.chebyshev_coefficients()).to_reflection()
            if polynomial is not None and solve_phases
            else None
            for polynomial in polynomials
        )
        amplitude, count = _amplitude(facts, gains), len(facts.schedule)
        amplified = any(polynomial is not None for polynomial in polynomials)
        return MarchPlan(
            method=self.name,
            alpha=max(facts.alphas),
            kappa_effective=None,
            queries_L=sum(degrees[index] for index in facts.schedule),
            queries_b=1,
            ancillas=max(0, count - 1).bit_length() + amplified,
            success_probability=amplitude**2,
            amplitude_scale=amplitude / facts.end_norm,
            solution_norm=facts.end_norm,
            errors=_errors(facts.schedule, polynomials, phases, amplitude) if amplified else {},
            references=_REFERENCES + (_AMPLIFIED if amplified else ()),
            readout_probability=facts.readout_probability,
            inputs={"T": count},
            steps=count,
            polynomials=polynomials,
            phases=phases,
        )


def _check(facts: StepFacts, epsilon: float) -> None:
    numbers = {
        "norm of the start": facts.start_norm,
        "norm of y(T)": facts.end_norm,
        **{f"subnormalization of step {i}": alpha for i, alpha in enumerate(facts.alphas)},
    }
    if problems := unfit_numbers(numbers, epsilon):
        raise InputError("marching needs finite norms", problems)


def _amplitude(facts: StepFacts, gains: Sequence[float]) -> float:
    """sqrt(success), in logarithms: products of T subnormalizations overflow, and planned norms may be rounded up."""
    logs = [math.log(gain / alpha) for gain, alpha in zip(gains, facts.alphas, strict=True)]
    total = math.log(facts.end_norm / facts.start_norm) + math.fsum(logs[index] for index in facts.schedule)
    return math.exp(min(total, 0.0))


def _errors(
    schedule: Sequence[int],
    polynomials: Sequence[AmplificationPolynomial | None],
    phases: Sequence[PhaseFactors | None],
    amplitude: float,
) -> dict[str, float]:
    """Errors of the steps add, all blocks being at most 1; dividing by the amplitude makes them relative."""
    per_step = [0.0 if p is None else p.error for p in polynomials]
    per_phase = [0.0 if p is None else p.residual for p in phases]
    return {
        "polynomial": math.fsum(per_step[index] for index in schedule) / amplitude,
        "phases": math.fsum(per_phase[index] for index in schedule) / amplitude,
    }


def _expected(plan: MarchPlan) -> float:
    return plan.queries_L / plan.success_probability if plan.success_probability else math.inf
