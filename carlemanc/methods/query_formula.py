"""Query counts as formulas in kappa (or T) and epsilon: what each method states of itself beside its plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sympy as sp

KAPPA: Final = sp.Symbol("kappa", positive=True)
"""alpha ||L^-1||."""
EPSILON: Final = sp.Symbol("epsilon", positive=True)
STEPS: Final = sp.Symbol("T", positive=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFormula:
    """Queries of one run (or expected ones, where `reference` says so) as symbolic expressions, ||b|| = 1.

    Args:
        queries_L: uses of the block encoding or its adjoint.
        queries_b: uses of the preparation of b.
        reference: paper and equation.
        status: "derived" here, "second-hand" (reported by others than its authors) or "read" (its abstract).
    """

    queries_L: sp.Expr
    queries_b: sp.Expr
    reference: str
    status: str

    def evaluate(self, kappa: float, epsilon: float) -> float:
        """Return queries_L at numbers, in 40 digits: ceilings of large arguments are exact."""
        values = {KAPPA: sp.Float(str(kappa), 40), EPSILON: sp.Float(str(epsilon), 40)}
        return float(self.queries_L.subs(values).evalf(40))
