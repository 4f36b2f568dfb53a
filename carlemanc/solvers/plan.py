"""What every linear-system solver promises: a plan made from numbers alone, its circuit, its exact amplitudes.

Comes in: alpha of the block encoding of L, a bound on ||L^-1||, ||b||, ||x|| and the relative error wanted.
Goes out: a `SolverPlan` (queries, ancillas, success probability, error certificate). In every method A =
L/alpha and kappa = alpha ||L^-1||, so the singular values of A lie in [1/kappa, 1].
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.formula import Formula

if TYPE_CHECKING:
    from qualtran import Bloq

Array = npt.NDArray[Any]

LARGEST_DEGREE = 1_000_000
"""Phases beyond it take over 15 s and 1.5 GB (measured); counts have no limit."""
KAPPA_EFFECTIVE = Formula(
    text="kappa = alpha ||L^-1||, the inverse of the least singular value of the encoded block",
    status="derived here",
)
SUCCESS = Formula(
    text="p = (s ||x||)^2, the amplitudes with all ancillas |0> being s x", status="derived here"
)
SUCCESS_OF_METHOD = Formula(
    text="p of the method itself, which loses the norm of x: see its queries", status="second-hand"
)
_SLACK = 1e-6
"""Rounding allowed between norms that were computed in different ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverPlan:
    """What one run of a solver does and costs.

    Args:
        method: name as in the spec's `solver.method`.
        alpha: subnormalization of the block encoding the plan is for.
        kappa_effective: alpha ||L^-1||, what the method serves.
        queries_L: uses of the block encoding or its adjoint, controlled or not, in one run.
        queries_b: uses of the state preparation or its adjoint in one run.
        ancillas: wires the method adds to those of the block encoding and that are |0> on success.
        success_probability: of all ancillas |0>, up to twice the relative error.
        amplitude_scale: s: amplitudes with all ancillas |0> are s x, x = L^-1 b of the files as written; None
            where the method loses the norm of x.
        solution_norm: ||x|| as planned with.
        errors: bounds on the relative error of x (of x/||x|| where the norm is lost), by cause.
        degree: degree of the polynomial of A that the circuit applies; None where it applies none.
        references: its formulas, that of the queries first.
        is_certified: whether `errors` is proved; "auto" takes no other plan.
        success_is_bound: whether the success is only expected to be at least `success_probability`.
    """

    method: str
    alpha: float
    kappa_effective: float
    queries_L: int
    queries_b: int
    ancillas: int
    success_probability: float
    amplitude_scale: float | None
    solution_norm: float
    errors: Mapping[str, float] = field(default_factory=dict)
    degree: int | None = None
    references: tuple[Formula, ...] = ()
    is_certified: bool = True
    success_is_bound: bool = False

    @property
    def error_bound(self) -> float:
        """Bound on ||x~ - x|| / ||x||; at most the requested epsilon."""
        return math.fsum(self.errors.values())

    def rotation_precision(self, share: float, rotations: int) -> float:
        """Return the operator-norm precision per rotation that keeps their effect on x below `share`."""
        return share / self.synthesis_error(1.0) / max(1, rotations)

    def synthesis_error(self, state_error: float) -> float:
        """Return the relative error of x, at most, where the final state is off by `state_error` in l2.

        Errors of a circuit's parts add; post-selection divides by the success amplitude, and a method that loses
        the norm of x normalizes what is left, which at most doubles the error (derived here, proved).
        """
        doubled = 2.0 if self.amplitude_scale is None else 1.0
        return doubled * state_error / math.sqrt(self.success_probability)

    def solution(self, amplitudes: Array, success_probability: float) -> Array:
        """Return entries of x from amplitudes with all ancillas |0>.

        Where the method loses the norm the direction is normalized with the measured success probability and
        scaled by `solution_norm`, which is then classical knowledge.
        """
        if self.amplitude_scale is not None:
            return np.asarray(amplitudes / self.amplitude_scale)
        return np.asarray(amplitudes * (self.solution_norm / math.sqrt(success_probability)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The costs of a plan that is not worked out; the fields are those of `SolverPlan`."""

    queries_L: int
    queries_b: int
    success_probability: float


class AbstractLinearSolver(ABC):
    """A quantum linear-system algorithm: planned from numbers, then a bloq, or exact matrix arithmetic."""

    name: ClassVar[str]

    @abstractmethod
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

        Raises InputError where the method's premise fails, TooLarge where the plan cannot be worked out.
        """

    def for_counting(self) -> Self:
        """Return the solver that plans counts alone, at sizes no circuit is written for."""
        return self

    def outline(self, **numbers: float) -> Outline:
        """Return what a plan of these numbers costs, to about a percent: what a split of epsilon is weighed by."""
        plan = self.for_counting().plan(**numbers)
        return Outline(
            queries_L=plan.queries_L,
            queries_b=plan.queries_b,
            success_probability=plan.success_probability,
        )

    @abstractmethod
    def circuit(self, plan: Any, prepare: Bloq, encoding: Bloq, eps: float = 0.0) -> Bloq:
        """Return the bloq of one run, registers `system` and `ancilla`, from |0>; success is ancilla |0>.

        Args:
            plan: what `plan` returned.
            prepare: |0> -> b/||b|| on its one register `system`.
            encoding: registers `system` and (unless it needs none) `ancilla`; the block is L/alpha.
            eps: synthesis precision of each rotation of the method's own (0: exact).
        """

    @abstractmethod
    def amplitudes(self, plan: Any, matrix: Any, rhs: Array) -> Array:
        """Return the amplitudes (D,) of the system register with all ancillas |0>, without gates.

        Args:
            plan: what `plan` returned.
            matrix: L, (D, D), sparse (or anything with `@` and `.conj().T`).
            rhs: b, (D,), as written.
        """


def check_numbers(
    alpha: float, inverse_norm: float, epsilon: float, rhs_norm: float, solution_norm: float
) -> None:
    """Raise InputError unless the numbers of a plan are positive, finite and consistent with each other."""
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
    if not 0 < epsilon < 1:
        problems.append(
            Problem(where="solver.epsilon", found=repr(epsilon), allowed="a number between 0 and 1")
        )
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
        raise InputError("the solver needs finite norms and a bound on the inverse", problems)
