"""Every method's cost for one system, each at the best values of the keys that are free, and the cheapest of them.

Comes in: a request. Goes out: one row a method: queries, qubits, T per run with rotations priced, success, and the
expected T of all runs that the readout needs. A method whose premise fails has a row with the reason and is
never chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.core.errors import InputError
from carlemanc.core.frame import configuration_row, frame
from carlemanc.core.memo import REFUSALS, Memo
from carlemanc.core.shown import Plotted
from carlemanc.evaluation.draft import Draft, draft
from carlemanc.evaluation.evaluate import Evaluation, evaluate
from carlemanc.evaluation.objective import OBJECTIVES, physical_point, seconds_of
from carlemanc.evaluation.rotations import check_synthesis
from carlemanc.evaluation.search.order import with_order
from carlemanc.evaluation.search.search import search
from carlemanc.evaluation.search.trial import rank_of
from carlemanc.methods.query_formula import QueryFormula
from carlemanc.sources.choices import chosen_values
from carlemanc.sources.configuration import Configuration, Request, with_offered

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow(Document):
    """What one method costs for this system, or why it does not apply."""

    method: str
    formula: QueryFormula | None
    at: Configuration
    """The configuration of the row."""
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Its keys that can be searched, each with its value and whether the spec or the search chose it."""
    reason: str = ""
    """Why the method does not apply; empty where it does."""
    cost: Evaluation | None = None
    seconds: Fraction | None = None
    """Of all runs; None where no machine keeps the failure budget."""

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
        seconds = None if self.seconds is None else as_float(self.seconds)
        return {"applies": True} | self.cost.to_json() | {"seconds": seconds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Plotted, Document):
    """The rows of all methods, and the cheapest."""

    name: str
    request: Request
    rows: tuple[ComparisonRow, ...]

    BRIEF = "name method reason=told rows"
    KEYS = "name methods=rows choice.method=best.method choice.reason=reason choices=best.choices"

    @property
    def method(self) -> str | None:
        """The cheapest that applies; None where none does."""
        return self.best.method if self._applying else None

    @property
    def told(self) -> str | None:
        """Why that is the choice; None where no method applies."""
        return self.reason if self._applying else None

    @property
    def _applying(self) -> list[ComparisonRow]:
        return [row for row in self.rows if row.cost and row.cost.is_certified]

    def to_frame(self) -> DataFrame:
        """Return the numbers of all methods as a pandas DataFrame, one method a row, with what was chosen for each."""
        return frame(configuration_row(row.to_json(), row.choices) for row in self.rows)

    @property
    def best(self) -> ComparisonRow:
        """The row of least objective among those that apply. Raises InputError where none does."""
        if not self._applying:
            raise none_applies(self.name, {row.method: row.reason for row in self.rows})
        return min(self._applying, key=self._rank)

    def _rank(self, row: ComparisonRow) -> Any:
        assert row.cost is not None
        return rank_of(self.request, row.cost, physical_point(row.cost, self.request.hardware))

    @property
    def reason(self) -> str:
        """Why `best` is the choice, in one sentence."""
        best = self.best
        others = sorted((row for row in self.rows if row.cost and row is not best), key=self._rank)
        against = f", {others[0].method} {_told(others[0])}" if others else ""
        title = OBJECTIVES[self.request.objective].title
        return f"{best.method}: least {title}, {_told(best)}{against}"


def _told(row: ComparisonRow) -> str:
    """Return a row's cost in words: T gates and seconds of all runs."""
    assert row.cost is not None
    seconds = "" if row.seconds is None else f" in {as_float(row.seconds):.3g} s"
    return f"{row.cost.expected_t:.3g} T{seconds}"


def none_applies(name: str, reasons: dict[str, str]) -> InputError:
    """Return the refusal of a system that no method applies to."""
    told = "; ".join(f"{method}: {reason}" for method, reason in reasons.items())
    return InputError(f"no solver applies to {name}: {told}")


def compare(memo: Memo, request: Request, name: str, *, synthesized: bool = True) -> Comparison:
    """Return the cost of every method for a request; `name`: of what is compared, for the table.

    Raises InputError where the readout cannot use these rotations, or a method of an installed package does not load.
    """
    request = with_order(memo, with_offered(request))
    if request.free:
        found = search(memo, request, every_method=True)
        ways = found.by_method
    else:
        check_synthesis(request.at)
        ways = {method: candidate(request, method) for method in request.candidates}
    rows = tuple(_row(memo, request, at, synthesized) for at in ways.values())
    return Comparison(name=name, request=request, rows=rows)


def _row(memo: Memo, request: Request, at: Configuration, synthesized: bool) -> ComparisonRow:
    shared: dict[str, Any] = {"method": at.plain_method.name, "formula": at.plain_method.formula(), "at": at}
    try:
        cost = evaluate(
            memo,
            at,
            coefficients=given_coefficients(memo, request, at),
            exact=True,
            synthesized=synthesized,
        )
    except REFUSALS as error:
        return ComparisonRow(**shared, reason=" ".join(str(error).split()))
    return ComparisonRow(
        **shared,
        choices=chosen_values(request, at, memo),
        cost=cost,
        seconds=seconds_of(cost, physical_point(cost, request.hardware)),
    )


def candidate(request: Request, name: str) -> Configuration:
    """Return the configuration of a request with one of its candidates."""
    return request.at.with_method(request.candidates[name])


def given_coefficients(memo: Memo, request: Request, at: Configuration) -> float | None:
    """Return the share of loaded coefficients that a method is given; None where it weighs its own.

    All methods of one access query one encoding, as fine as the leading one of them asks.
    """
    leading = request.candidates[request.leading]
    method = at.plain_method
    if method.name == leading.name or method.traits.access is not leading.traits.access:
        return None
    return memo(draft, memo, at.with_method(leading), coefficients=None).shares.coefficients


def draft_of(memo: Memo, request: Request, at: Configuration) -> Draft:
    """Return the draft of a configuration."""
    return memo(draft, memo, at, coefficients=given_coefficients(memo, request, at))
