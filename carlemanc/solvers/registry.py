"""The linear-system solvers by the name they have in a spec (`solver.method`).

A method is one file with one `AbstractLinearSolver`; it joins the compiler by one line here. Modules load on
use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from carlemanc.core.errors import InputError, Problem
from carlemanc.solvers.plan import AbstractLinearSolver

METHODS: Final[dict[str, tuple[str, str]]] = {
    "qsvt": ("qsvt_inversion", "QSVTInversion"),
    "lcu": ("lcu", "ChebyshevInversion"),
    "kernel": ("kernel", "KernelInversion"),
    "hhl": ("hhl", "PhaseEstimationInversion"),
    "adiabatic": ("adiabatic", "AdiabaticWalk"),
}
"""Method -> (module, class)."""


def solver(method: str, **options: Any) -> AbstractLinearSolver:
    """Return the solver of that name; `options` are its own fields (`solve_phases`, for example).

    Raises InputError for a name that is not in `METHODS`.
    """
    if method not in METHODS:
        problem = Problem(where="solver.method", found=repr(method), allowed=", ".join(METHODS))
        raise InputError("unknown solver", [problem])
    module, name = METHODS[method]
    made: AbstractLinearSolver = getattr(import_module(f"carlemanc.solvers.{module}"), name)(**options)
    return made
