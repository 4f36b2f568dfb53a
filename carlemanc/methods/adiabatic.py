r"""The discrete adiabatic solver: a walk along a schedule to A^-1 b, then a Dolph-Chebyshev filter.

With T = c kappa/Delta steps the state is within Delta of the solution, and the filter of l = O(kappa ln(1/e_f))
steps leaves the rest multiplied by e_f; where it fails one starts again. Two constants c, priced separately:

* "proved": 2305 in the authors' expected cost (second-hand: QLSS 1.5), for their walk and schedule, not for ours;
* "measured": 1.84, the authors' numerics on random general A, 4 x 4 to 16 x 16, kappa <= 50 (second-hand). The walk
  built here has a larger gap and a closed schedule; on random 8 x 8 matrices, kappa = 5 to 100, its worst c was 1.79,
  on a 2 x 2 one of kappa = 26 1.86 (measured, tested). Success and error follow from experience,
  not proof, so neither plan is certified, and the success planned is the least expected: most systems have more.

The filter itself is proved: $T_l(\beta \sqrt{1-x^2})/T_l(\beta)$, $\beta = 1/\sqrt{1 - \kappa^{-2}}$, is 1 on the
kernel and at most e_f on singular values x >= 1/kappa, and its weights in $(-1)^k T_{2k}(x)$ are positive and sum to 1
(derived here). A walk step is one use of U_A, one of its adjoint and two of the preparation of b. The norm of x is
lost.

References: [costa2022] PRX Quantum 3, 040303; the cost with restarts from arXiv:2312.07690 (second-hand).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, final

import numpy as np
from scipy import fft
from scipy.optimize import minimize_scalar

from carlemanc.access.access import Access
from carlemanc.access.facts import InversionFacts
from carlemanc.core.arrays import Array, FloatArray
from carlemanc.core.errors import TooLarge
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_down
from carlemanc.methods.method import Method, Traits, unit
from carlemanc.methods.plan import Plan, check_facts

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula


CONSTANTS = {"proved": 2305.0, "measured": 1.84}
"""c of T = c kappa/Delta for general A; for positive definite A the authors measured about 0.2."""
_WALK = {
    name: Formula(
        text=f"2 (w + f) queries: w = 4 ceil({constant:g} kappa/(4 Delta)) walk steps and f filter steps",
        status="second-hand",
        sources=("costa2022",),
        where="the bound" if name == "proved" else "constant measured by the authors",
    )
    for name, constant in CONSTANTS.items()
}
_FILTER = Formula(
    text="a Dolph-Chebyshev filter of the least length f that leaves epsilon of what the walk got wrong",
    status="second-hand",
    sources=("costa2022",),
    where="its bound proved here",
)
LARGEST_SCHEDULE = 200_000
"""Walk steps whose schedule is made: beyond it the plan is counted only."""
LARGEST_MATRIX = 512
"""Rows of L whose walk is worked out exactly: it needs the singular vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdiabaticPlan(Plan):
    """A `Plan` of the adiabatic walk.

    Args:
        constants: which constant sets the number of walk steps.
        distance: Delta, the distance to the solution planned for the end of the walk.
        kappa: alpha ||L^-1||, above 1.
        walk_steps, filter_steps: T, a multiple of 4 (the sign of x is kept), and l, even.
        expected_steps: walk steps per success with early restart, by name of the constant.
    """

    constants: str
    distance: float
    kappa: float
    walk_steps: int
    filter_steps: int
    expected_steps: Mapping[str, float] = field(default_factory=dict)

    def schedule(self) -> FloatArray:
        """Return f of each walk step, (walk_steps,). Raises TooLarge."""
        if self.walk_steps > LARGEST_SCHEDULE:
            raise TooLarge(
                "the adiabatic circuit",
                size=f"{self.walk_steps:,} walk steps",
                limit=f"{LARGEST_SCHEDULE:,}",
                instead="Its cost can still be counted: carlemanc estimate.",
            )
        steps = np.arange(self.walk_steps) + 0.5
        return schedule(steps / self.walk_steps, self.kappa)

    def weights(self) -> FloatArray:
        """Return the weights of the filter, (filter_steps/2 + 1,), positive, sum 1."""
        return filter_weights(self.filter_steps, self.kappa)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AdiabaticWalk(Method[InversionFacts, AdiabaticPlan]):
    """The discrete adiabatic solver.

    Args:
        constants: "proved" or "measured", see the module.
        distance: Delta; None: the one of least expected cost.
    """

    name: ClassVar[str] = "adiabatic"
    constants: Literal["proved", "measured"] = "measured"
    distance: float | None = None

    @property
    def traits(self) -> Traits:
        """It inverts; its success is known roughly."""
        from carlemanc.access.inversion import inversion

        return Traits(
            access=inversion,
            own_gates="walk and filter reflections, projector of b",
            rough_success=True,
        )

    def plan(self, facts: InversionFacts, epsilon: float, *, phases: bool = True) -> AdiabaticPlan:
        """Return the plan; see `Method.plan`. The success is what the constant says.

        Raises InputError for numbers that are not positive, finite and consistent.
        """
        check_facts(facts, epsilon)
        kappa = max(facts.alpha * facts.inverse_norm, 1 + 1e-9)
        costs = {name: best_distance(kappa, epsilon, constant) for name, constant in CONSTANTS.items()}
        distance = self.distance or costs[self.constants][0]
        walk = 4 * math.ceil(CONSTANTS[self.constants] * kappa / (4 * distance))  # two steps give -1
        residual = filter_residual(distance, epsilon)
        steps = filter_length(kappa, residual)
        success = 1 - _infidelity(distance)
        return AdiabaticPlan(
            method=self.name,
            alpha=facts.alpha,
            kappa_effective=kappa,
            queries_L=2 * (walk + steps),
            queries_b=1 + 2 * (walk + steps),
            ancillas=3 + (steps // 2).bit_length(),
            success_probability=success,
            amplitude_scale=None,
            solution_norm=facts.solution_norm,
            readout_probability=facts.readout_probability,
            inputs={"kappa": kappa},
            kappa=kappa,
            errors={f"filter, from a walk with the {self.constants} constant": epsilon},
            references=(_WALK[self.constants], _FILTER),
            is_certified=False,
            success_is_bound=True,
            constants=self.constants,
            distance=distance,
            walk_steps=walk,
            filter_steps=steps,
            expected_steps={name: cost for name, (_, cost) in costs.items()},
        )

    def circuit(self, plan: AdiabaticPlan, access: Access[InversionFacts], eps: float = 0.0) -> Bloq:
        """Walk, filter, c = 1. Raises TooLarge beyond `LARGEST_SCHEDULE` steps."""
        from carlemanc.methods.adiabatic_walk import AdiabaticCircuit

        return AdiabaticCircuit(
            access.start,
            access.encodings[0],
            tuple(plan.schedule().tolist()),
            tuple(plan.weights().tolist()),
            eps,
        )

    def amplitudes(self, plan: AdiabaticPlan, access: Access[InversionFacts]) -> Array:
        """Return the amplitudes with all ancillas |0>, by exact arithmetic on (ancillas, c, system).

        Between the uses of an encoding only its |0> block is touched, so every encoding of A gives the same: here
        the dilation by the singular vectors. Raises TooLarge beyond `LARGEST_MATRIX` rows.
        """
        from carlemanc.methods.adiabatic_matrix import walk_amplitudes

        matrix, rhs = access.exact()
        if matrix.shape[0] > LARGEST_MATRIX:
            raise TooLarge(
                "the adiabatic walk without gates",
                size=f"{matrix.shape[0]:,} rows",
                limit=f"{LARGEST_MATRIX:,}",
                instead='Use method = "qsvt", "lcu", "kernel" or "march".',
            )
        dense = (matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)) / plan.alpha
        return walk_amplitudes(dense, unit(rhs), plan.schedule(), plan.weights())

    def formula(self) -> QueryFormula:
        """The measured constant at a distance of 0.345, and the filter."""
        import sympy as sp

        from carlemanc.methods.query_formula import EPSILON, KAPPA, QueryFormula

        distance = sp.Rational(345, 1000)
        far = distance**2 - distance**4 / 4
        residual = EPSILON * sp.sqrt((1 - far) * (1 - EPSILON**2 / 4)) / ((1 - EPSILON**2 / 2) * sp.sqrt(far))
        walk = 2 * (
            4 * sp.ceiling(sp.Rational(46, 100) * KAPPA / distance)
            + 2 * sp.ceiling(sp.acosh(1 / residual) / (2 * sp.atanh(1 / KAPPA)))
        )
        return QueryFormula(
            queries_L=walk,
            queries_b=1 + walk,
            reference="Costa et al., PRX Quantum 3, 040303: measured constant 1.84, Delta = 0.345, filter proved here",
            status="second-hand",
        )


def schedule(s: FloatArray, kappa: float) -> FloatArray:
    """Return f(s) = a/(1 + a), a = kappa tan(pi s/2): speed as the square of the gap of A(f) (derived here)."""
    angle = np.arctan2(kappa * np.sin(np.pi * s / 2), np.cos(np.pi * s / 2))
    return np.asarray(np.sin(angle) / (np.sin(angle) + np.cos(angle)))


def filter_length(kappa: float, residual: float) -> int:
    """Return the least even l with T_l(beta) >= 1/residual; at most kappa ln(2/residual) + 2."""
    return _even(math.acosh(1 / residual) / math.atanh(1 / kappa) - 1e-9)


def filter_weights(steps: int, kappa: float) -> FloatArray:
    """Return w_k of T_l(beta sqrt(1 - x^2))/T_l(beta) = sum_k (-1)^k w_k T_(2k)(x), l = steps."""
    half, beta = steps // 2, 1 / math.sqrt(1 - kappa**-2)
    angle = (
        np.pi * (np.arange(half + 1)) / max(1, half)
    )  # of y = 1 - 2 x^2, in which the polynomial has degree l/2
    y = np.cos(angle)
    inside = beta**2 * (1 + y) - 1
    values = np.cos(half * np.arccos(np.clip(inside, -1, 1)))
    beyond = inside > 1
    values[beyond] = np.cosh(half * np.arccosh(inside[beyond]))
    weights = fft.dct(values / np.cosh(half * math.acosh(2 * beta**2 - 1)), type=1) / max(1, half)
    weights[[0, -1]] /= 2
    return np.asarray(np.maximum(weights, 0.0) / np.maximum(weights, 0.0).sum())


def filter_residual(distance: float, epsilon: float) -> float:
    """Return e_f that brings a state at `distance` Delta within epsilon: tangents of the angles (second-hand)."""
    delta = _infidelity(distance)
    over = (1 - epsilon**2 / 2) * math.sqrt(delta)
    return min(0.999, epsilon * math.sqrt((1 - delta) * (1 - epsilon**2 / 4)) / over)


def expected_steps(kappa: float, epsilon: float, constant: float, distance: float) -> float:
    """Return the steps per success, restarting early (QLSS 1.5, second-hand)."""
    residual, delta = filter_residual(distance, epsilon), _infidelity(distance)
    q = 1 - delta * (1 - residual**2)
    walk = constant * kappa / (distance * q**2)
    return (kappa / 2) * math.log(2 / residual) * (1 / q**2 + 1) + walk


def best_distance(kappa: float, epsilon: float, constant: float) -> tuple[float, float]:
    """Return Delta of the least expected steps, to four digits, and these.

    The minimum is flat: its place has no more digits than that, and steps are counted by it.
    """
    found = minimize_scalar(
        lambda distance: expected_steps(kappa, epsilon, constant, distance),
        bounds=(1e-3, 1.2),
        method="bounded",
        options={"xatol": 1e-9},
    )
    distance = rounded_down(float(found.x))
    return distance, expected_steps(kappa, epsilon, constant, distance)


def _infidelity(distance: float) -> float:
    return distance**2 - distance**4 / 4


def _even(value: float) -> int:
    return max(2, 2 * math.ceil(value / 2))
