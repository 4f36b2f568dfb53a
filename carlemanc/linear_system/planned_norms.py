"""The norms of vectors that a circuit is planned with: ||b||, ||x||, the readout probability, and where they are from.

Those of the matrix, ||L|| and ||L^-1||, are made by `inverse_norm`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carlemanc.carleman.trajectory import steps_run
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import CheckFailed, InputError
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_down
from carlemanc.linear_system.history import HistorySystem
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Point

NOTHING_TO_READ = (
    "theta(T) is exactly the center, to double precision: a relative error of theta(T) - center has no meaning, and "
    "there is nothing to read out; choose another training.center, learning_rate or steps"
)
"""What a user is told where u(T) = 0."""

ASSUMED_SIZES = (
    "assumed: ||u(t)|| = ||I + F_1||^t ||u(0)||, the decay of the slowest linear mode; a faster one fades "
    "the readout"
)
"""Where the norms of a map known by its shape come from."""
SOLVED_NORMS = Formula(
    text="||x|| and the share of x at t >= T on level 1, from L x = b solved classically", status="measured"
)
_LIFT = "||x||^2 = sum_t sum_j z_t^2j, readout probability = (p + 1) z_T^2/||x||^2, z_t = "
LIFTED_NORMS = Formula(text=f"{_LIFT}||u(t)||/gamma of gradient descent itself", status="measured")
BOUNDED_NORMS = Formula(
    text=f"{_LIFT}||u(t)||/gamma of gradient descent, and past the last step that was run an upper bound of it: a "
    "smaller u(T) fades the readout",
    status="assumed",
)
LINEAR_NORMS = Formula(
    text=f"{_LIFT}||u(t)||/gamma of u -> F_0 + (I + F_1) u, the steps of L x = b at order 1",
    status="measured",
)
SHAPED_NORMS = Formula(
    text=f"{_LIFT}||I + F_1||^t ||u(0)||/gamma, the decay of the slowest linear mode; a faster one fades the readout",
    status="assumed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Norms:
    """||b||, ||x|| and the readout probability, and where they come from."""

    rhs_norm: float
    solution_norm: float
    readout_probability: float
    source: str
    formula: Formula

    @property
    def kappa_at_least(self) -> float | None:
        """||x||/||b||, at most ||L^-1|| and so at most kappa, where both were computed; None elsewhere."""
        if self.source != "computed":
            return None
        return rounded_down(max(1.0, self.solution_norm / self.rhs_norm))


def solved_norms(history: HistorySystem, rhs_norm: float) -> Norms:
    """Return the norms of a history that is solved classically.

    Raises CheckFailed where the truncated iterate overflows, InputError where u(T) = 0.
    """
    norm, probability = history.solution_norm(), history.readout_probability()
    if not (math.isfinite(norm) and math.isfinite(probability)):
        raise CheckFailed("the truncated iterate overflows within T steps: lower the learning rate or T")
    if probability == 0:
        raise InputError(NOTHING_TO_READ)
    return Norms(
        rhs_norm=rhs_norm,
        solution_norm=norm,
        readout_probability=probability,
        source="computed",
        formula=SOLVED_NORMS,
    )


def size_source(sequence: MapSequence, followed: MapSequence, start: Point) -> tuple[str, Formula]:
    """Return where the sizes ||u(t)|| are from, in words and as a formula.

    Args:
        sequence: gradient descent.
        followed: the steps that the sizes are of: these, or their linear part, which order 1 solves.
        start: u(0); gradient descent is run from it as far as that goes, and bounded from above after that. Of a map
            known by its shape it is not run.
    """
    steps = sequence.steps
    ran = None if sequence.maps[0].is_shaped else steps_run(followed, start)
    if ran is None:
        return ASSUMED_SIZES, SHAPED_NORMS
    if ran == steps and followed is not sequence:
        return "the linear part of gradient descent, which order 1 solves, run to the end", LINEAR_NORMS
    if ran == steps:
        return "lift of the gradient-descent trajectory", LIFTED_NORMS
    return (
        f"upper bound: gradient descent was run for {ran} of {steps} steps, ||u(t)|| is "
        "bounded from above after them; it takes at least as many runs as this says",
        BOUNDED_NORMS,
    )


def lifted_norms(
    history: HistorySystem,
    sizes: FloatArray,
    rhs_norm: float,
    *,
    source: tuple[str, Formula],
    follows_descent: bool,
) -> Norms:
    """Return the norms of the exact lift of a trajectory (THEORY 5.4).

    Args:
        history: whose levels are lifted to, and whose padding copies the last step.
        sizes: ||u(t)|| / gamma, (T + 1,).
        rhs_norm: ||b||.
        source: where the sizes are from, in words and as a formula.
        follows_descent: whether the sizes are those of gradient descent at every step, and not bounds.

    Raises CheckFailed where the sum overflows, InputError where u(T) = 0.
    """
    with np.errstate(over="ignore"):
        weights = np.sum([sizes ** (2 * level) for level in history.levels], axis=0)
    if sizes[-1] == 0:
        raise InputError(NOTHING_TO_READ)
    copies = history.padding + 1
    total = float(weights[:-1].sum() + copies * weights[-1])
    if not math.isfinite(total):
        ran = "gradient descent" if follows_descent else "the bound of gradient descent"
        raise CheckFailed(f"{ran} overflows within T steps: lower the learning rate or T")
    return Norms(
        rhs_norm=rhs_norm,
        solution_norm=math.sqrt(total),
        readout_probability=copies * float(sizes[-1]) ** 2 / total,
        source=source[0],
        formula=source[1],
    )
