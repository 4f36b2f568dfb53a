"""Physical qubits against time: the frontier of one run, and the machine it is priced on."""

from __future__ import annotations

from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.number_words import count, duration, prose, real
from carlemanc.present.page.costs import costs_of
from carlemanc.present.page.document import (
    Block,
    Fact,
    FactList,
    Figure,
    PageTable,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material


def physical_section(material: Material) -> Section | None:
    """Return the physical cost of one run, None without an estimate."""
    estimate = material.subject
    if not estimate:
        return None
    physical = table(estimate.get("physical"))
    if not physical:
        reason = estimate.get("physical_absent") or "the file does not say why"
        blocks: tuple[Block, ...] = (Paragraph(f"None is known: {reason}.", tone="caution"),)
        return Section("Physical cost", "physical", blocks)
    points = [point for point in physical.get("frontier") or () if _is_point(point)]
    hardware = table(physical.get("hardware"))
    costs = costs_of(estimate)
    facts = (
        Fact("hardware", str(hardware.get("name") or "not named"), prose(hardware.get("source"))),
        Fact("point of least volume", str(physical.get("model")), "qubits times seconds"),
        Fact("physical qubits", count(physical.get("qubits"))),
        Fact("time of a run", duration(physical.get("seconds"))),
        Fact(
            f"time of all {costs.reading.unit}",
            duration(costs.total),
            f"{count(costs.runs)} {costs.reading.unit} in sequence{costs.reading.beside}",
        ),
        Fact("code distance", count(physical.get("code_distance"))),
        Fact(
            "failure probability",
            real(physical.get("failure_probability"), 3),
            f"of a run; {real(physical.get('failure_budget'), 3)} was allowed: nothing heralds a failed "
            "operation, so failed runs bias what is read",
        ),
    )
    found: list[Block] = [FactList(facts)]
    if len(points) > 1:
        found.append(_figure(points))
    if points:
        found.append(_table(points, physical))
    return Section("Physical cost", "physical", tuple(found))


def _figure(points: list[Json]) -> Figure:
    pairs = sorted((point["seconds"], point["qubits"]) for point in points)
    (fast, most), (slow, least) = pairs[0], pairs[-1]
    words = f"from {count(least)} qubits for {duration(slow)} to {count(most)} qubits for {duration(fast)}"
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
    return Figure("frontier", caption, svg)


def _table(points: list[Json], best: Json) -> PageTable:
    return listing(
        "The frontier, fewest qubits first; the point of least volume in bold",
        points,
        {
            "layout and factories:": lambda point: str(point.get("model")),
            "physical qubits": lambda point: count(point["qubits"]),
            "time of a run": lambda point: duration(point["seconds"]),
            "code distance": lambda point: count(point.get("code_distance")),
            "factories": lambda point: count(point.get("factories")),
            "failure probability": lambda point: real(point.get("failure_probability"), 3),
        },
        emphasis=lambda point: all(point.get(key) == best.get(key) for key in ("model", "qubits", "seconds")),
        folded=True,
    )


def _is_point(point: Json) -> bool:
    return point.get("qubits") is not None and bool(point.get("seconds"))
