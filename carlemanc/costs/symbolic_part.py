"""One part of a circuit in closed form: its counts in n, T and the degree d, as text and LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from carlemanc.costs.closed_form import ALL_ONES_T, ClosedForm, N, Point, T, WidestForm

COUNTS = ("toffoli", "t", "rotations", "qubits")
D, ROTATION, KAPPA, EPSILON = sympy.symbols("d r kappa epsilon", positive=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolicPart:
    """A part of the circuit and its counts in n and T; those of a run are `counts` d + `constant`."""

    name: str
    counts: Mapping[str, ClosedForm | WidestForm]
    constant: Mapping[str, ClosedForm | WidestForm] | None = None

    def formula(self, count: str) -> sympy.Expr:
        """Return a count as an expression in n, T and, for a run, d."""
        if self.constant is None:
            return self.counts[count].formula
        return D * self.counts[count].formula + self.constant[count].formula

    def linear(self, count: str) -> ClosedForm:
        """Return the form of a count that is no width."""
        form = self.counts[count]
        assert isinstance(form, ClosedForm), "a width has no one form"
        return form

    def smallest(self, count: str) -> Point:
        """Return the least n, or in T alone the least T, the form of a count was found to hold at."""
        forms = [self.counts[count], *([self.constant[count]] if self.constant else [])]
        return max(form.smallest for form in forms)

    def at(self, count: str, n: int, steps: int, degree: int = 0) -> int:
        """Return a count at integers."""
        found = self.counts[count].at(n, steps)
        return found if self.constant is None else degree * found + self.constant[count].at(n, steps)


def texts(formula: sympy.Expr) -> dict[str, str]:
    return {"text": str(formula), "latex": sympy.latex(formula)}


def branches(formula: sympy.Expr) -> list[str]:
    """Return one line, or one for n = 2^m and one for any other n, in m, tau and nu."""
    m, tau, full = sympy.symbols("log2(n) bits(T) full(T)")
    names = {
        sympy.ceiling(sympy.log(N, 2)): m,
        sympy.floor(sympy.log(T, 2)): tau - 1,
    }
    formula = formula.subs(ALL_ONES_T.formula, full)
    found = formula.atoms(sympy.Piecewise)
    if not found:
        return [str(sympy.expand(formula.subs(names)))]
    lines = []
    for branch, words in ((0, "where n = 2^m"), (1, "for any other n, log2(n) rounded up")):
        chosen = formula.subs({item: item.args[branch][0] for item in found})
        lines.append(f"{sympy.expand(chosen.subs(names))}   {words}")
    return lines
