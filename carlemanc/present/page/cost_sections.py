"""Where the cost goes: by cause, and the ledger of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from carlemanc.present.number_words import count, percent, power_of_ten, prose, real
from carlemanc.present.page.causes import Spent, causes_of, sum_of
from carlemanc.present.page.costs import costs_of, rotation_states
from carlemanc.present.page.document import (
    Block,
    Column,
    Fact,
    FactList,
    Node,
    PageRow,
    PageTable,
    Paragraph,
    Section,
    Tree,
)
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material

_TREE_ROWS, _LEVELS = 600, 4
_SMALL = Fraction(1, 200)
"""Parts of less than this share of the whole stand together."""
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
_MEANING = {
    "loading": "data and coefficients: lookups, amplitudes, the start",
    "arithmetic": "indices, shifts, checks",
    "rotations": "their synthesis",
    "phases": "the method's own gates: phases, reflections, counters",
    "failed attempts": "runs that give no copy",
    "readout": "beside the uses of the run: reflections and loads of its circuits",
}


def breakdown_section(material: Material) -> Section | None:
    """Return what the T gates are spent on, by cause."""
    estimate = material.subject
    if not estimate.get("breakdown"):
        return None
    blocks: list[Block] = [_words(estimate, table(estimate.get("rotation_synthesis")))]
    if estimate.get("counted_only"):
        text = "This circuit is counted only: no gates of it can be written out. The assumptions say why."
        blocks.append(Paragraph(text, tone="caution"))
    spent = causes_of(estimate)
    whole = sum_of(spent)
    if whole:
        costs = costs_of(estimate)
        many = bool(costs.runs) and costs.t_in_all is not None
        what = f"all {costs.reading.unit}" if many else "a run"
        caption = f"T gates of {what} by cause; adjoints count with what they undo"
        blocks.append(Tree(caption, tuple(_node(cause, whole) for cause in _largest_first(spent))))
    return Section("Where the cost goes", "breakdown", tuple(blocks))


def ledger_section(material: Material) -> Section | None:
    """Return the ledger of one run, part by part."""
    estimate = material.subject
    parts = list(_parts(estimate.get("breakdown")))
    if not parts:
        return None
    totals = FactList(tuple(_totals(estimate, table(estimate.get("rotation_synthesis")))))
    return Section("Ledger of one run", "ledger", (_ledger(estimate, parts), totals), folded=True)


def _node(spent: Spent, whole: Fraction, levels: int = _LEVELS) -> Node:
    """A part as it is shown: below it what it calls, the largest first, what is small together."""
    children = spent.children
    while len(children) == 1 and children[0].t == spent.t:
        children = children[0].children
    kept = [child for child in _largest_first(children) if child.t >= _SMALL * whole]
    shown = [_node(child, whole, levels - 1) for child in kept] if levels else []
    rest = spent.t - sum_of(kept)
    if shown and rest >= _SMALL * whole:
        shown.append(_line("other parts", rest, whole))
    return _line(spent.part, spent.t, whole, tuple(shown))


def _line(name: str, t: Fraction, whole: Fraction, children: tuple[Node, ...] = ()) -> Node:
    share = t / whole
    value = power_of_ten(t) if t >= 10**6 else count(round(t))
    return Node(name, _MEANING.get(name, ""), f"{value} T", percent(share), float(100 * share), children)


def _largest_first(parts: Iterable[Spent]) -> list[Spent]:
    return sorted(parts, key=lambda part: -part.t)


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
        f"{count(estimate['toffoli_count'])} Toffoli at 4 T each, and {rotations}."
    )


def _ledger(estimate: Json, parts: list[tuple[int, Json]]) -> PageTable:
    """The tree of calls, down to gates."""
    shown = {
        key: name
        for key, name in _COLUMNS.items()
        if not key.endswith("_each") or any(key in row for _, row in parts)
    }
    rows = [
        PageRow((str(row.get("part")), *(_cell(row.get(key)) for key in shown)), depth=depth)
        for depth, row in parts[:_TREE_ROWS]
    ]
    sums = {key: count(estimate.get(total)) for key, total in _TOTALS.items()}
    rows.append(PageRow(("one run", *(sums.get(key, "") for key in shown)), emphasis=True))
    more = f"; the first {_TREE_ROWS} lines of {len(parts)}" if len(parts) > _TREE_ROWS else ""
    caption = f"Counts of all calls together, down to gates; the totals are the sums of the rows{more}"
    return PageTable(caption, (Column("part", numeric=False), *map(Column, shown.values())), rows=tuple(rows))


def _cell(value: object) -> str:
    return "–" if value is None else count(value)


def _totals(estimate: Json, synthesis: Json) -> Iterator[Fact]:
    if synthesis:
        method = f"by {synthesis['method']}, " if synthesis.get("method") else ""
        note = (
            f"{method}precision {real(synthesis.get('epsilon_per_rotation'))} each, {synthesis.get('source')}"
        )
        if synthesis.get("included_in_t_count"):
            note += "; included in the T count"
        yield Fact("T of the rotations", count(synthesis.get("t_count")), prose(note))
        if synthesis.get("toffoli_count"):
            yield Fact("Toffoli of the rotations", count(synthesis["toffoli_count"]))
    for key, name in (("clifford_count", "Clifford gates"), ("depth", "depth")):
        value = estimate.get(key)
        yield Fact(name, "not counted" if value is None else count(value))
