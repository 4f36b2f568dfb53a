"""The success probability of a plan by exact arithmetic, where a method knows it only roughly and L is small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.solvers.plan import AbstractLinearSolver, SolverPlan

EXACT_ROWS = 256
"""Largest register size whose run is done without gates to plan it."""
_APPROXIMATE = ("adiabatic", "hhl")
"""Methods whose success follows from the whole spectrum of L, not from the norms a plan is made of."""


def with_exact_success(
    plan: SolverPlan,
    solver: AbstractLinearSolver,
    rows: int,
    system: Callable[[], tuple[Any, npt.NDArray[np.float64]]],
) -> SolverPlan:
    """Return the plan with the success probability of its run by exact block arithmetic, or as it is.

    As it is where the method's own formula is exact, the system is larger than `EXACT_ROWS` or the plan was made
    for counting alone.

    Args:
        plan, solver: of the method.
        rows: size of the register L acts on, a power of two.
        system: gives L and b in its basis; called only where they are wanted.
    """
    if plan.method not in _APPROXIMATE or rows > EXACT_ROWS or not getattr(plan, "solved", True):
        return plan
    vector = solver.amplitudes(plan, *system())
    return replace(plan, success_probability=float(np.vdot(vector, vector).real), success_is_bound=False)
