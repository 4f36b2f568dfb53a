"""Results that are tables as small pages: a sweep, a frontier, the methods side by side."""

from __future__ import annotations

from typing import Any

from carlemanc.commands.optimize import Frontier, FrontierPoint
from carlemanc.core.double_precision import as_float
from carlemanc.evaluation.comparison import Comparison, ComparisonRow
from carlemanc.present.cell import facts_of, parts_of
from carlemanc.present.cell.fragment import Folded, Part
from carlemanc.present.number_words import count, duration
from carlemanc.present.page.document import Paragraph, listing
from carlemanc.sweeps.driver import Sweep
from carlemanc.sweeps.table import flatten

_POINTS = 12
"""Points of a sweep that are shown."""


@parts_of.register
def sweep_parts(found: Sweep) -> list[Part]:
    """Return the first points: swept keys, T gates, qubits, and whether it pays, or why there is no estimate."""
    flats = [flatten(row) for row in found.rows]
    heads: dict[str, Any] = {f"{key}:": lambda row, key=key: str(row[key]) for key in found.swept}
    heads |= {
        "T gates of a run": lambda row: _cell(row.get("t_of_a_run")),
        "qubits": lambda row: _cell(row.get("logical_qubits")),
        "pays:": lambda row: str(row.get("verdict.pays", row["message"])),
    }
    table = listing(f"{min(_POINTS, len(flats))} of {len(flats)} points", flats[:_POINTS], heads)
    return [facts_of(found), table, Folded("all points", found.to_text(all=True))]


@parts_of.register
def frontier_parts(found: Frontier) -> list[Part]:
    """Return the points, numbers of all runs."""

    def chosen(point: FrontierPoint) -> str:
        return ", ".join(
            f"{key}={one['value']}" for key, one in point.choices.items() if one["by"] == "search"
        )

    table = listing(
        f"configurations that none other beats, on {found.hardware}; all runs together",
        found.points,
        {
            "method:": lambda point: point.method,
            "T gates": lambda point: _cell(point.t_count),
            "time": lambda point: duration(point.seconds),
            "physical qubits": lambda point: _cell(point.physical_qubits),
            "chosen:": chosen,
        },
    )
    return [facts_of(found), table]


@parts_of.register
def comparison_parts(found: Comparison) -> list[Part]:
    """Return the methods, the choice marked, and why it is the choice."""

    def cost(row: ComparisonRow, name: str) -> str:
        return "" if row.cost is None else _cell(getattr(row.cost, name))

    table = listing(
        f"{found.name}: every method, at the best values of the keys that are free",
        found.rows,
        {
            "method:": lambda row: row.method,
            "qubits": lambda row: cost(row, "qubits"),
            "T gates of a run": lambda row: cost(row, "t_of_a_run"),
            "runs": lambda row: cost(row, "runs"),
            "T gates of all runs": lambda row: cost(row, "expected_t"),
            "time": lambda row: "" if row.seconds is None else duration(as_float(row.seconds)),
            "why not:": lambda row: row.reason,
        },
        emphasis=lambda row: row.method == found.method,
    )
    return [Paragraph(found.told or "no method applies", tone="plain"), table]


def _cell(value: Any) -> str:
    return "" if value is None else count(value)
