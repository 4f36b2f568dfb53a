"""Every method's cost for one system, and the choice among them that `solver.method = "auto"` makes.

Comes in: a request. Goes out: one row a method: queries, qubits, T per run with rotations priced, success, and the
expected T of all runs that the readout needs. A method whose premise fails has a row with the reason and is
never chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from carlemanc.core.document import Document
from carlemanc.core.errors import CheckFailed, InputError, TooLarge
from carlemanc.core.memo import Memo
from carlemanc.core.shown import Shown
from carlemanc.evaluation.draft import Draft, draft
from carlemanc.evaluation.evaluate import Evaluation, evaluate
from carlemanc.evaluation.rotations import check_synthesis
from carlemanc.methods.query_formula import QueryFormula
from carlemanc.sources.configuration import Configuration, Request, with_offered


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow(Document):
    """What one method costs for this system, or why it does not apply."""

    method: str
    formula: QueryFormula | None
    reason: str = ""
    """Why the method does not apply; empty where it does."""
    cost: Evaluation | None = None

    KEYS = "method formula=formula_text formula_source *=outcome"

    @property
    def formula_text(self) -> str | None:
        """The queries to L as the method's paper has them, where one does."""
        return str(self.formula.queries_L) if self.formula else None

    @property
    def formula_source(self) -> str | None:
        """Where the formula is from."""
        return f"{self.formula.reference} ({self.formula.status})" if self.formula else None

    @property
    def outcome(self) -> dict[str, Any]:
        """What it costs, or why it does not apply."""
        if self.cost is None:
            return {"applies": False, "reason": self.reason}
        return {"applies": True} | self.cost.to_json()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Shown, Document):
    """The rows of all methods, and the choice."""

    name: str
    rows: tuple[ComparisonRow, ...]

    KEYS = "name methods=rows choice.method=best.method choice.reason=reason"

    @property
    def best(self) -> ComparisonRow:
        """The row of least expected T among those that apply. Raises InputError where none does."""
        applying = [(row.cost.expected_t, row) for row in self.rows if row.cost and row.cost.is_certified]
        if not applying:
            reasons = "; ".join(f"{row.method}: {row.reason}" for row in self.rows)
            raise InputError(f"no solver applies to {self.name}: {reasons}")
        return min(applying, key=lambda pair: pair[0])[1]

    @property
    def reason(self) -> str:
        """Why `best` is the choice, in one sentence."""
        best = self.best
        assert best.cost is not None
        others = sorted((r.cost.expected_t, r.method) for r in self.rows if r.cost and r is not best)
        against = f", {others[0][1]} {others[0][0]:.3g}" if others else ""
        return f"{best.method}: least expected T with readout, {best.cost.expected_t:.3g}{against}"


def compare(memo: Memo, request: Request, name: str, *, synthesized: bool = True) -> Comparison:
    """Return the cost of every method for a request; `name`: of what is compared, for the table.

    Raises InputError where the readout cannot use these rotations, or a method of an installed package does not load.
    """
    check_synthesis(request.at)
    request = with_offered(request)
    rows = tuple(_row(memo, request, method, synthesized) for method in request.candidates)
    return Comparison(name=name, rows=rows)


def _row(memo: Memo, request: Request, name: str, synthesized: bool) -> ComparisonRow:
    formula = request.candidates[name].formula()
    try:
        cost = evaluate(
            memo,
            candidate(request, name),
            coefficients=given_coefficients(memo, request, name),
            exact=True,
            synthesized=synthesized,
        )
    except (InputError, TooLarge, CheckFailed) as error:
        return ComparisonRow(method=name, formula=formula, reason=" ".join(str(error).split()))
    return ComparisonRow(method=name, formula=formula, cost=cost)


def candidate(request: Request, name: str) -> Configuration:
    """Return the configuration of a request with one of its candidates."""
    return replace(request.at, method=request.candidates[name])


def given_coefficients(memo: Memo, request: Request, name: str) -> float | None:
    """Return the share of loaded coefficients that a method is given; None where it weighs its own.

    All methods of one access query one encoding, as fine as the leading one of them asks.
    """
    leading = request.candidates[request.leading]
    if name == request.leading or request.candidates[name].traits.access is not leading.traits.access:
        return None
    return memo(draft, memo, candidate(request, request.leading), coefficients=None).shares.coefficients


def draft_of(memo: Memo, request: Request, name: str) -> Draft:
    """Return the draft of a candidate."""
    given = given_coefficients(memo, request, name)
    return memo(draft, memo, candidate(request, name), coefficients=given)
