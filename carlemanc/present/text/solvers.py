"""The comparison of solvers: which to choose, then a table with one method a line."""

from __future__ import annotations

from carlemanc.evaluation.comparison import Comparison, ComparisonRow
from carlemanc.evaluation.objective import OBJECTIVES
from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount, duration
from carlemanc.present.text.choices import chosen_words
from carlemanc.present.text.layout import FIRST, View, table, wrapped

_HEADS = ("method", "queries to L", "qubits", "T of a run", "success", "runs", "T of all", "seconds of all")
_MORE_HEADS = ("method", "kappa", "queries to b", "readout probability", "counted", "configuration")


@text.register
def solvers_text(compared: Comparison, view: View = FIRST) -> str:
    """Return the choice and the table, below it why a method does not apply; of the whole the other numbers, too."""
    best, width = compared.best, view.width
    assert best.cost is not None
    title = OBJECTIVES[compared.request.objective].title
    least = f"{amount(best.cost.expected_t)} T gates, {duration(best.seconds)}"
    lines = wrapped(f"{compared.name}: {best.method} has the least {title}: {least}.", width)
    applying = [row for row in compared.rows if row.cost is not None]
    lines += ["", *table(_HEADS, [_cells(row) for row in applying], width, words=(0, 7)), ""]
    if view.whole:
        lines += [*table(_MORE_HEADS, [_more_cells(row) for row in applying], width, words=(0, 4, 5)), ""]
    for row in compared.rows:
        note = _note(row)
        lines += (
            wrapped(f"{row.method}: {note}", width, after="  ", most=None if view.whole else 2)
            if note
            else []
        )
    words = "T: with rotations synthesized, 4 a Toffoli. A run tells theta(T) with probability success times readout."
    chosen = wrapped(f"choice: {compared.reason}", width) if view.whole else []
    return "\n".join([*lines, *wrapped(words, width), *chosen])


def _cells(row: ComparisonRow) -> tuple[str, ...]:
    cost = row.cost
    assert cost is not None
    success = f"{'>=' if cost.success_is_bound else ''}{amount(cost.success_probability)}"
    return (
        row.method,
        amount(cost.queries_L),
        amount(cost.qubits),
        amount(cost.t_of_a_run),
        success,
        amount(cost.runs),
        amount(cost.expected_t),
        duration(row.seconds),
    )


def _more_cells(row: ComparisonRow) -> tuple[str, ...]:
    cost = row.cost
    assert cost is not None
    return (
        row.method,
        amount(cost.kappa),
        amount(cost.queries_b),
        amount(cost.readout_probability),
        "yes" if cost.is_counted else "queries priced",
        chosen_words(row.choices, set(row.choices) - {"solver.method"}) or "as the spec has it",
    )


def _note(row: ComparisonRow) -> str:
    """Return why a method does not apply, or what is to be said beside its numbers."""
    if row.cost is None:
        return f"does not apply: {row.reason}"
    return "" if row.cost.is_certified else "its error is measured, not proved: auto does not take it"
