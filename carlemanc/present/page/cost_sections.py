"""Where the cost goes: the ledger of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from carlemanc.present.figures.charts import bar_chart
from carlemanc.present.number_words import count, percent, prose, real
from carlemanc.present.page.costs import costs_of, rotation_states
from carlemanc.present.page.document import (
    Block,
    Column,
    Fact,
    FactList,
    Figure,
    PageRow,
    PageTable,
    Paragraph,
    Section,
)
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material

_BARS = 12
"""Parts that get a bar; the largest."""
_TREE_ROWS = 600
_TOTALS = {
    "t": "t_count",
    "toffoli": "toffoli_count",
    "rotations": "rotation_count",
    "measurements": "measurement_count",
    "qubits": "logical_qubits",
}
"""Columns of the ledger -> key of their total in the estimate."""
_COLUMNS = {
    "calls": "calls",
    "t_each": "T each",
    "t": "T",
    "toffoli_each": "Toffoli each",
    "toffoli": "Toffoli",
    "rotations_each": "rotations each",
    "rotations": "rotations",
    "measurements": "measurements",
    "qubits": "qubits",
}


def breakdown_section(material: Material) -> Section | None:
    """Return the ledger of one run as a table and a chart."""
    estimate = material.subject
    parts = list(_parts(estimate.get("breakdown")))
    if not parts:
        return None
    synthesis = table(estimate.get("rotation_synthesis"))
    blocks: list[Block] = [_words(estimate, synthesis)]
    if estimate.get("counted_only"):
        text = "This circuit is counted only: no gates of it can be written out. The assumptions say why."
        blocks.append(Paragraph(text, tone="caution"))
    chart = _chart(parts, synthesis)
    if chart is not None:
        blocks.append(chart)
    blocks += _ledger(estimate, parts)
    blocks.append(FactList(tuple(_totals(estimate, synthesis))))
    return Section("Where the cost goes", "breakdown", tuple(blocks))


def _parts(rows: Iterable[Json] | None, depth: int = 0) -> Iterator[tuple[int, Json]]:
    """Yield the rows of a ledger with their depth in the tree of calls."""
    for row in rows or ():
        yield depth, row
        yield from _parts(row.get("children"), depth + 1)


def _words(estimate: Json, synthesis: Json) -> Paragraph:
    costs = costs_of(estimate)
    rotations = (
        "rotations are synthesized in these counts"
        if synthesis.get("included_in_t_count")
        else f"{count(estimate.get('rotation_count'))} rotations become {count(rotation_states(synthesis))} T"
    )
    return Paragraph(
        f"One run takes {count(costs.t)} T gates: {count(estimate['t_count'])} outside ANDs, "
        f"{count(estimate['toffoli_count'])} Toffoli at 4 T each, and {rotations}. The totals are the sums of the rows."
    )


def _chart(parts: list[tuple[int, Json]], synthesis: Json) -> Figure | None:
    """Shares of T by part of the top level; rotations at the mean price of a rotation."""
    top = [row for depth, row in parts if depth == 0]
    rotations = sum(row.get("rotations") or 0 for row in top)
    is_priced = rotations and not synthesis.get("included_in_t_count")
    price = Fraction(rotation_states(synthesis), rotations) if is_priced else Fraction(0)
    names = [str(row.get("part")) for row in top]
    costs = [
        (row.get("t") or 0, 4 * (row.get("toffoli") or 0), price * (row.get("rotations") or 0)) for row in top
    ]
    whole = sum(map(sum, costs))
    if not whole:
        return None
    shares = [[Fraction(value) / whole for value in cost] for cost in costs]
    order = sorted(range(len(top)), key=lambda place: -sum(shares[place]))[:_BARS]
    kinds = [
        (label, [shares[place][k] for place in order])
        for k, label in enumerate(("T outside ANDs", "Toffoli, 4 T each", "rotations, synthesized"))
    ]
    biggest = f"{names[order[0]]} takes {percent(sum(shares[order[0]], Fraction(0)))}"
    svg = bar_chart(
        "breakdown",
        title="Share of the T gates of a run by part",
        description=f"Horizontal bars; {biggest}. The same numbers stand in the table below.",
        x_label="share of the T gates of a run (%)",
        bars=[names[place] for place in order],
        parts=[(label, values) for label, values in kinds if any(values)],
    )
    caption = f"Share of the T gates of a run: {biggest}. Rotations at their mean price."
    return Figure("breakdown", caption, svg)


def _ledger(estimate: Json, parts: list[tuple[int, Json]]) -> list[Block]:
    """The parts and what they call, open; the whole tree of calls, folded."""
    upper = [(depth, row) for depth, row in parts if depth <= 1]
    sums = {key: count(estimate.get(total)) for key, total in _TOTALS.items()}
    tables = [_tree(sums, upper, "Ledger of one run; counts are of all calls together")]
    if len(upper) < len(parts):
        more = f"; the first {_TREE_ROWS} lines of {len(parts)}" if len(parts) > _TREE_ROWS else ""
        caption = f"The whole tree of calls, down to gates{more}"
        tables.append(replace(_tree(sums, parts[:_TREE_ROWS], caption), folded=True))
    return list(tables)


def _tree(sums: dict[str, str], parts: list[tuple[int, Json]], caption: str) -> PageTable:
    shown = {
        key: name
        for key, name in _COLUMNS.items()
        if not key.endswith("_each") or any(key in row for _, row in parts)
    }
    rows = [
        PageRow((str(row.get("part")), *(_cell(row.get(key)) for key in shown)), depth=depth)
        for depth, row in parts
    ]
    rows.append(PageRow(("one run", *(sums.get(key, "") for key in shown)), emphasis=True))
    columns = (Column("part", numeric=False), *map(Column, shown.values()))
    return PageTable(caption, columns, rows=tuple(rows))


def _cell(value: object) -> str:
    return "–" if value is None else count(value)


def _totals(estimate: Json, synthesis: Json) -> Iterator[Fact]:
    yield Fact("T outside ANDs", count(estimate["t_count"]))
    yield Fact("Toffoli", count(estimate["toffoli_count"]), "temporary ANDs")
    yield Fact("rotations", count(estimate.get("rotation_count")))
    if synthesis:
        method = f"by {synthesis['method']}, " if synthesis.get("method") else ""
        note = f"{method}precision {real(synthesis.get('epsilon_per_rotation'), 3)} each, {synthesis.get('source')}"
        if synthesis.get("included_in_t_count"):
            note += "; included in the T count"
        yield Fact("T of the rotations", count(synthesis.get("t_count")), prose(note))
        if synthesis.get("toffoli_count"):
            yield Fact("Toffoli of the rotations", count(synthesis["toffoli_count"]))
    for key, name in (("clifford_count", "Clifford gates"), ("depth", "depth")):
        value = estimate.get(key)
        yield Fact(name, "not counted" if value is None else count(value))
    yield Fact("logical qubits", count(estimate["logical_qubits"]))
