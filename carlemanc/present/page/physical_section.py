"""Physical qubits against time: the frontier of one run, and the machine it is priced on."""

from __future__ import annotations

from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.number_words import (
    duration,
    integer,
    is_integer,
    is_number,
    prose,
    real,
    short,
)
from carlemanc.present.page.costs import costs_of
from carlemanc.present.page.document import Block, Column, Fact, Facts, Figure, Paragraph, Row, Section, Table
from carlemanc.present.page.material import Material, table
from carlemanc.present.page.material import Table as Json

_OPEN_ROWS = 10
"""A longer frontier is folded."""


def physical_section(material: Material) -> Section | None:
    """Return the physical cost of one run, None without an estimate."""
    estimate = material.subject
    if estimate is None:
        return None
    physical = table(estimate.get("physical"))
    if not physical:
        reason = estimate.get("physical_absent") or "the file does not say why"
        blocks: tuple[Block, ...] = (Paragraph(text=f"None is known: {reason}.", tone="caution"),)
        return Section(title="Physical cost", anchor="physical", blocks=blocks)
    points = [table(point) for point in physical.get("frontier") or [] if _is_point(point)]
    hardware = table(physical.get("hardware"))
    costs = costs_of(estimate)
    facts = (
        Fact(
            name="hardware",
            value=str(hardware.get("name") or "not named"),
            note=prose(str(hardware.get("source") or "")),
        ),
        Fact(name="point of least volume", value=str(physical.get("model")), note="qubits times seconds"),
        Fact(name="physical qubits", value=integer(physical.get("qubits"))),
        Fact(
            name="time of a run",
            value=duration(physical.get("seconds")),
            note=_seconds(physical.get("seconds")),
        ),
        Fact(
            name="time of all runs", value=duration(costs.total), note=f"{short(costs.runs)} runs in sequence"
        ),
        Fact(name="code distance", value=integer(physical.get("code_distance"))),
        Fact(
            name="failure probability",
            value=real(physical.get("failure_probability"), 3),
            note=f"of a run; {real(physical.get('failure_budget'), 3)} was allowed: nothing heralds a failed "
            "operation, so failed runs bias what is read",
        ),
    )
    found: list[Block] = [Facts(facts=facts)]
    if len(points) > 1:
        found.append(_figure(points))
    if points:
        found.append(_table(points, physical))
    return Section(title="Physical cost", anchor="physical", blocks=tuple(found))


def _figure(points: list[Json]) -> Figure:
    pairs = sorted((point["seconds"], point["qubits"]) for point in points)
    (fast, most), (slow, least) = pairs[0], pairs[-1]
    words = f"from {short(least)} qubits for {duration(slow)} to {short(most)} qubits for {duration(fast)}"
    svg = line_chart(
        "frontier",
        title="Physical qubits against the time of a run",
        description=f"A falling staircase {words}. The same numbers stand in the table below.",
        x_label="time of a run (s)",
        y_label="physical qubits",
        series=[Series(label="frontier", points=tuple(pairs))],
        steps=True,
    )
    caption = f"Qubits against time of a run, {words}: no point on or above the line is better in both."
    return Figure(name="frontier", caption=caption, svg=svg)


def _table(points: list[Json], best: Json) -> Table:
    rows = tuple(
        Row(
            cells=(
                str(point.get("model")),
                integer(point["qubits"]),
                duration(point["seconds"]),
                integer(point.get("code_distance")),
                integer(point.get("factories")),
                real(point.get("failure_probability"), 3),
            ),
            emphasis=all(point.get(key) == best.get(key) for key in ("model", "qubits", "seconds")),
        )
        for point in points
    )
    columns = (
        Column(name="layout and factories", numeric=False),
        Column(name="physical qubits"),
        Column(name="time of a run"),
        Column(name="code distance"),
        Column(name="factories"),
        Column(name="failure probability"),
    )
    caption = "The frontier, fewest qubits first; the point of least volume in bold"
    return Table(caption=caption, columns=columns, rows=rows, folded=len(points) > _OPEN_ROWS)


def _is_point(point: object) -> bool:
    found = table(point)
    return is_integer(found.get("qubits")) and is_number(found.get("seconds")) and found["seconds"] > 0


def _seconds(value: object) -> str:
    return f"{real(value)} s" if is_number(value) else ""
