"""What separates the quantum runs from classical walks, as far as it is proved; the floor of every solver, and p*.

The march applies an encoded step B / alpha_B, a sum of signed partial permutations, which classical walks repeat step
by step: path sampling (`classical.paths`). Comes in: a design and the cost of its run. Goes out: a `Separation`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_down, rounded_up
from carlemanc.evaluation.design import Design
from carlemanc.linear_system.lifted import Lifted
from carlemanc.linear_system.norm_bounds import step_norm_bound
from carlemanc.methods.march import MarchPlan
from carlemanc.readout.observables import Observables

PATHS = "paths"
"""The classical program that walks the encoded step."""
WALK_STEP = Fraction(1, 10**8)
"""Seconds of one step of a walk on one core: 0.5 to 6e8 steps a second were measured on one shared core."""

FLOOR = Formula(
    text="4 pi/epsilon uses of at least one query each tell an amplitude to epsilon by amplitude estimation, with "
    "probability 0.81, where every use succeeds",
    status="second-hand",
    sources=("brassard2002",),
)
GAIN = Formula(
    text="a march over an encoded step of signed partial permutations, without amplification, gains at most a square "
    "root over classical walks on the same step: shown for starts on few sites by a collision estimator, for general "
    "starts by forward-sampled sites with self-normalized backward walks in one case at order 1",
    status="derived here",
    sources=("sakamoto2025",),
    where="for local dynamics over polynomial times: no exponential advantage, abstract",
)
BREAK_EVEN = Formula(
    text="4 pi T tau_q/(epsilon sqrt(p)) < 8 T tau_c/(p epsilon^2) where epsilon sqrt(p) < (2/pi) tau_c/tau_q, at a "
    "wall time of 2 pi^2 T tau_q^2/tau_c; tau_q seconds of a query, tau_c of a step of a walk",
    status="derived here",
)
QUADRATIC = Formula(
    text="quadratic gains alone do not pay on early error-corrected machines",
    status="published",
    sources=("babbush2021",),
    where="abstract",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation(Document):
    """How far the quantum runs can be from classical walks.

    Args:
        alpha: subnormalization of a step, the largest of all steps.
        norm: an upper bound of the norm of a step, in units of gamma; None where `why_no_norm` says why.
        decay: (norm/alpha)^(2T), at most what a march keeps; None as the norm.
        gain: "square root" at most for a plain march; else "not shown".
        epsilon: relative precision that is asked for.
        query_seconds: seconds of one query of a run; None where no physical cost is known.
        floor_seconds: of `FLOOR`.
        break_even_p, break_even_seconds: of `BREAK_EVEN`.
        why_no_norm: why the norm is not known.
        why_not_shown: what the square root is not shown for; empty for a plain march.
    """

    alpha: float
    norm: float | None
    decay: float | None
    gain: str
    epsilon: float
    query_seconds: Fraction | None
    floor_seconds: Fraction | None
    break_even_p: float | None
    break_even_seconds: Fraction | None
    why_no_norm: str
    why_not_shown: str

    KEYS = "alpha norm decay gain floor_seconds query_seconds break_even_p break_even_seconds"

    @property
    def has_gap(self) -> bool:
        """Whether alpha is shown to be above the norm of a step: without that, walks lose nothing to a march."""
        return self.norm is not None and self.norm < self.alpha

    def sentences(self, classical: Fraction, *, is_walked: bool) -> list[str]:
        """Return what follows, in plain sentences.

        Args:
            classical: seconds of the best program on one core.
            is_walked: whether path sampling applies, so that its limit says something.
        """
        found = []
        if self.floor_seconds is not None:
            above = (
                "; that alone is longer than the classical program takes"
                if self.floor_seconds > classical
                else ""
            )
            found.append(
                f"floor: 4 pi/{self.epsilon:g} uses of one query, {as_float(self.floor_seconds):.3g} s, of whatever "
                f"solver reads by amplitude estimation{above} ({FLOOR.origin})"
            )
        if self.norm is None:
            found.append(
                f"alpha of a step, {self.alpha:.6g}, against its norm: not known, {self.why_no_norm}"
            )
        else:
            gap = "above" if self.has_gap else "not shown to be above"
            found.append(
                f"alpha of a step, {self.alpha:.6g}, is {gap} its norm, at most {self.norm:.6g}: "
                f"(norm/alpha)^(2T) = {self.decay:.3g}"
            )
        if not is_walked:
            return found
        found.append(f"{GAIN.to_text()}{self.why_not_shown}")
        if self.break_even_p is not None and self.break_even_seconds is not None:
            found.append(
                f"a square root alone pays against walks below p = {self.break_even_p:.2g}, after "
                f"{as_float(self.break_even_seconds):.3g} s of wall time ({BREAK_EVEN.status}); "
                f"{QUADRATIC.to_text()}"
            )
        return found


def separation_of(design: Design, lifted: Lifted, seconds: Fraction | None) -> Separation:
    """Return the separation of a design; `seconds`: of one run, None where no physical cost is known."""
    alpha = max(float(one.alpha_step) for one in design.access.encodings)
    why = _why_no_norm(lifted)
    norm = None if why else rounded_up(step_norm_bound(lifted.history), 6)
    steps, epsilon = lifted.steps, _epsilon(design)
    query = None if seconds is None else seconds / max(1, design.plan.queries_L)
    least = None if query is None else float(WALK_STEP / query) * 2 / math.pi / epsilon
    plan = design.plan.one_use
    plain = isinstance(plan, MarchPlan) and not any(plan.polynomials)
    return Separation(
        alpha=alpha,
        norm=norm,
        decay=None
        if norm is None
        else math.exp(min(0.0, 2 * steps * math.log(norm / alpha)))
        if norm
        else 0.0,
        gain="square root" if plain else "not shown",
        epsilon=epsilon,
        query_seconds=query,
        floor_seconds=None if query is None else query * Fraction(4 * math.pi / epsilon),
        break_even_p=None if least is None else rounded_down(least**2, 3),
        break_even_seconds=None if query is None else Fraction(2 * math.pi**2) * steps * query**2 / WALK_STEP,
        why_no_norm=why,
        why_not_shown=""
        if plain
        else f"; not shown for {_what(design)}, nor for encodings of other unitaries",
    )


def _why_no_norm(lifted: Lifted) -> str:
    if lifted.is_shaped:
        return "a map known by its shape has no entries"
    return (
        "sources drive the step, and its constant is no part of the bound" if lifted.history.is_driven else ""
    )


def _what(design: Design) -> str:
    if isinstance(design.plan.one_use, MarchPlan):
        return "the amplified steps of this march"
    return f"the inverse that {design.plan.one_use.method} makes"


def _epsilon(design: Design) -> float:
    """The relative precision of the values that are read, or of theta(T)."""
    return design.goal.precision if isinstance(design.goal, Observables) else design.at.epsilon
