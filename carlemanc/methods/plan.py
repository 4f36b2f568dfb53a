"""What one run of a method does and costs: the type of every plan, and the check of the numbers it is made from.

In every method that inverts, A = L/alpha and kappa = alpha ||L^-1||, so the singular values of A lie in [1/kappa, 1].
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from carlemanc.access.facts import InversionFacts
from carlemanc.core.arrays import Array
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.formula import Formula

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
class Plan:
    """What one run of a solver does and costs.

    Args:
        method: name as in the spec's `solver.method`.
        alpha: subnormalization of the block encoding the plan is for.
        kappa_effective: alpha ||L^-1||, what the method serves; None where it inverts nothing.
        queries_L: uses of the block encoding or its adjoint, controlled or not, in one run.
        queries_b: uses of the state preparation or its adjoint in one run.
        ancillas: wires the method adds to those of the block encoding and that are |0> on success.
        success_probability: of all ancillas |0>, up to twice the relative error.
        amplitude_scale: s: amplitudes with all ancillas |0> are s x, x = L^-1 b of the files as written; None
            where the method loses the norm of x.
        solution_norm: ||x|| as planned with.
        errors: bounds on the relative error of x (of x/||x|| where the norm is lost), by cause; amplification leaves
            out what it adds to them (`Method.inner_epsilon`). Where the answer is amplified, x is the answer.
        degree: degree of the polynomial of A that the circuit applies; None where it applies none.
        references: its formulas, that of the queries first.
        is_certified: whether `errors` is proved; "auto" takes no other plan.
        success_is_bound: whether the success is only expected to be at least `success_probability`.
        readout_probability: share of a successful final state that is the answer; 1 where the answer is amplified.
        inputs: what the formula of the queries was given beside epsilon, by name.
        is_solved: whether everything that a circuit needs was computed.
        caveat: what is to be said beside the certificate.
    """

    method: str
    alpha: float
    kappa_effective: float | None
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
    readout_probability: float = 1.0
    inputs: Mapping[str, float | int] = field(default_factory=dict)
    is_solved: bool = True
    caveat: str = ""

    @property
    def one_use(self) -> Plan:
        """The plan of one use of the method's circuit: this, where nothing is amplified."""
        return self

    @property
    def copy_probability(self) -> float:
        """Probability that one run gives a copy of the answer: all ancillas |0>, and the answer read."""
        return self.success_probability * self.readout_probability

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


def check_facts(facts: InversionFacts, epsilon: float) -> None:
    """Raise InputError unless the numbers of a plan are positive, finite and consistent with each other."""
    named = {
        "subnormalization alpha": facts.alpha,
        "bound on ||L^-1||": facts.inverse_norm,
        "norm of the right-hand side": facts.rhs_norm,
        "norm of the solution": facts.solution_norm,
    }
    problems = unfit_numbers(named, epsilon)
    low, high = facts.rhs_norm / (facts.alpha or 1.0), facts.inverse_norm * facts.rhs_norm
    if not problems and not low * (1 - _SLACK) <= facts.solution_norm <= high * (1 + _SLACK):
        problems.append(
            Problem(
                where="norm of the solution",
                found=repr(facts.solution_norm),
                allowed=f"between ||b||/alpha = {low:.6g} and ||L^-1|| ||b|| = {high:.6g}",
            )
        )
    if problems:
        raise InputError("the solver needs finite norms and a bound on the inverse", problems)


def unfit_numbers(named: Mapping[str, float], epsilon: float) -> list[Problem]:
    """Return a problem for each number that is not positive and finite, and for a precision outside (0, 1)."""
    problems = [
        Problem(where=name, found=repr(value), allowed="a positive finite number")
        for name, value in named.items()
        if not (math.isfinite(value) and value > 0)
    ]
    if not 0 < epsilon < 1:
        problems.append(
            Problem(where="solver.epsilon", found=repr(epsilon), allowed="a number between 0 and 1")
        )
    return problems
