"""The largest eigenvalue of a positive operator by Lanczos's three-term recurrence, two vectors in memory.

No basis is kept and none is made orthogonal again: lost orthogonality repeats eigenvalues that have converged and
moves none (Paige's analysis; Golub and Van Loan, Matrix Computations, 10.3), and only the largest is wanted. The start
is fixed, and how many steps are taken follows from residuals and counts, never from the time they took.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import eigh_tridiagonal

from carlemanc.core.arrays import Vector
from carlemanc.core.errors import CheckFailed
from carlemanc.core.progress import task

Operator = Callable[[Vector], Vector]
TOLERANCE = 1e-9
"""Relative residual that is asked for."""
CROWDED_TOLERANCE, LARGEST_RESIDUAL = 1e-4, 1e-3
"""What is asked where eigenvalues crowd at the end, as on long lattices, and what is accepted at the last step."""
_EVERY, _SHARE = 5, 20
"""The Ritz value is looked at every 5 steps, later after every twentieth part of those taken."""
_NOTHING_LEFT = 1e-14
_ROUNDING = 1e-12
NEAR = 0.02
"""A Ritz value is never above the largest eigenvalue: this near to a proved bound, the bound will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestEigenvalue:
    """A Ritz value: an eigenvalue lies within `residual` times it, and the largest is not below it."""

    value: float
    residual: float
    """Norm of the residual of its unit vector, relative to the value; or how far the proved bound is above it."""
    steps: int

    @property
    def upper(self) -> float:
        """The value with its residual and the rounding of the recurrence added."""
        return self.value * (1.0 + self.residual + _ROUNDING)


def largest_eigenvalue(
    operator: Operator,
    size: int,
    *,
    patience: int,
    most_steps: int,
    label: str,
    bound: float = math.inf,
) -> LargestEigenvalue:
    """Return the largest eigenvalue of a symmetric positive operator on vectors of length `size`.

    Args:
        operator: the product with a vector.
        size: number of unknowns.
        patience: steps after which eigenvalues are taken to crowd at the end.
        most_steps: steps after which a residual above `LARGEST_RESIDUAL` is a failure.
        label: what is computed, for the progress bar.
        bound: a proved upper bound; a Ritz value within `NEAR` of it ends the work, with the bound as `upper`.

    Raises CheckFailed where the operator overflows or the residual stays too large.
    """
    start = np.random.default_rng(0).normal(size=size)
    vector, before = start / np.linalg.norm(start), np.zeros(0)
    diagonal: list[float] = []
    beside: list[float] = []
    next_look = min(_EVERY, most_steps)
    with task(label, most_steps) as progress:
        while True:
            image = operator(vector)
            if beside:
                image -= beside[-1] * before
            diagonal.append(float(vector @ image))
            image -= diagonal[-1] * vector
            beside.append(float(np.linalg.norm(image)))
            if not math.isfinite(diagonal[-1]) or not math.isfinite(beside[-1]):
                raise CheckFailed("L^-1 overflows: the system diverges within T steps; use fewer steps")
            progress.advance()
            steps, exhausted = len(diagonal), beside[-1] <= _NOTHING_LEFT * max(diagonal)
            if exhausted or steps == next_look:  # exhausted: the Krylov space is invariant
                found = _ritz(diagonal, beside)
                if exhausted or found.residual <= _wanted(steps, patience, most_steps):
                    return found
                if found.value >= (1.0 - NEAR) * bound:
                    return replace(found, residual=max(0.0, bound / found.value - 1.0))
                if steps == most_steps:
                    raise CheckFailed(
                        f"Lanczos missed its tolerance for this L: relative residual {found.residual:.1e} after "
                        f"{steps} steps"
                    )
                next_look = min(steps + max(_EVERY, steps // _SHARE), most_steps)
            before, vector = vector, image / beside[-1]


def _wanted(steps: int, patience: int, most_steps: int) -> float:
    if steps == most_steps:
        return LARGEST_RESIDUAL
    return TOLERANCE if steps < patience else CROWDED_TOLERANCE


def _ritz(diagonal: list[float], beside: list[float]) -> LargestEigenvalue:
    """Return the largest eigenvalue of the tridiagonal matrix after so many steps, with its residual."""
    last = len(diagonal) - 1
    values, vectors = eigh_tridiagonal(
        diagonal, beside[:-1], select="i", select_range=(last, last), lapack_driver="stemr"
    )
    value = float(values[0])
    residual = beside[-1] * abs(float(vectors[-1, 0])) / value
    return LargestEigenvalue(value=value, residual=residual, steps=last + 1)
