"""The classical solvers of a linear system by name; a solver joins by one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from carlemanc.core.lazy import loaded
from carlemanc.costs.classical_baseline import ClassicalProgram

if TYPE_CHECKING:
    from carlemanc.classical.solvers.solver import Solver, SystemQuestion

SOLVERS: Final[dict[str, str]] = {
    "elimination": "carlemanc.classical.solvers.elimination:Elimination",
    "sparse-elimination": "carlemanc.classical.solvers.sparse_elimination:SparseElimination",
    "conjugate-gradient": "carlemanc.classical.solvers.conjugate_gradient:ConjugateGradient",
}
"""Solver -> "module:class", in the order of the table."""


def solver_named(name: str) -> Solver:
    """Return the solver of that name."""
    made: Solver = loaded(SOLVERS[name])()
    return made


def classical_solvers(question: SystemQuestion) -> tuple[ClassicalProgram, ...]:
    """Return what each solver costs for a question, in the order of the registry."""
    return tuple(solver_named(name).cost(question) for name in SOLVERS)
