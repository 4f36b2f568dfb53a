"""The page of `optimize -o`: the configurations that none other beats, and what each trades for what."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.number_words import count, duration, real
from carlemanc.present.page.document import (
    SELF_CONTAINED,
    Badge,
    Block,
    Document,
    Figure,
    PageTable,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.times import Time, bars_of

_BARS = 6
"""Configurations whose times are drawn; the table has all."""


def frontier_page(frontier: Json, directory: str) -> Document:
    """Return the page of a frontier that has a point."""
    points = list(enumerate(frontier["points"], start=1))
    fastest = min(points, key=lambda point: point[1]["seconds"])
    times = tuple(
        Time(
            label=f"{number}: {point['method']}",
            seconds=Fraction(point["seconds"]),
            sort="quantum",
            emphasis=number == fastest[0],
        )
        for number, point in points[:_BARS]
        if point["seconds"] > 0
    )
    bars = bars_of(times, "Time of all runs, on a logarithmic scale")
    trades = _trades(points, fastest)
    sections = [Section("The configurations", "points", (_points(points, fastest[0]), *_figure(points)))]
    varied, same = _choices(points)
    if varied is not None:
        sections.append(Section("What they choose", "choices", (varied,)))
    if same:
        sections.append(Section("What all of them choose", "same", (same,), folded=True))
    return Document(
        title=str(frontier["name"]),
        about="Configurations that none other beats, on a fault-tolerant quantum computer",
        badges=(
            Badge(f"{len(points)} configuration{'s' if len(points) > 1 else ''}"),
            Badge(str(frontier["hardware"])),
            *(Badge(method) for method in dict.fromkeys(str(point["method"]) for _, point in points)),
        ),
        verdict=(_verdict(points, fastest),),
        panels=tuple(block for block in (bars, trades) if block is not None),
        summary=(
            Paragraph(
                "Whether one of them pays is judged where it is estimated: carlemanc estimate "
                f"{directory}/{fastest[1].get('file') or 'SPEC'}."
            ),
        ),
        highlights=(),
        sections=tuple(sections),
        footer=SELF_CONTAINED,
    )


_Point = tuple[int, Json]


def _verdict(points: list[_Point], fastest: _Point) -> Paragraph:
    number, best = fastest
    text = (
        f"The fastest configuration, {number}, is {best['method']}: {duration(best['seconds'])} for all runs, "
        f"{count(best['t_count'])} T gates on {count(best['physical_qubits'])} physical qubits."
    )
    least = min(points, key=lambda point: point[1]["physical_qubits"])
    if least[0] != number:
        text += (
            f" The fewest physical qubits, {count(least[1]['physical_qubits'])}, take "
            f"{duration(least[1]['seconds'])}."
        )
    return Paragraph(text)


def _trades(points: list[_Point], fastest: _Point) -> PageTable | None:
    """What every other configuration multiplies the figures of the fastest by."""
    others = [point for point in points if point[0] != fastest[0]]
    if not others:
        return None

    def times(key: str) -> Any:
        return lambda point: real(point[1][key] / fastest[1][key]) if fastest[1][key] else "–"

    cells = {
        "configuration": lambda point: str(point[0]),
        "T gates": times("t_count"),
        "time": times("seconds"),
        "qubits": times("physical_qubits"),
    }
    return listing(f"The others, in multiples of configuration {fastest[0]}", others, cells, wraps=True)


def _points(points: list[_Point], fastest: int) -> PageTable:
    return listing(
        "Totals of all runs; the fastest in bold",
        points,
        {
            "configuration": lambda point: str(point[0]),
            "method:": lambda point: str(point[1]["method"]),
            "T gates": lambda point: count(point[1]["t_count"]),
            "time": lambda point: duration(point[1]["seconds"]),
            "physical qubits": lambda point: count(point[1]["physical_qubits"]),
            "logical qubits": lambda point: count(point[1]["logical_qubits"]),
            "spec:": lambda point: str(point[1].get("file") or "–"),
        },
        emphasis=lambda point: point[0] == fastest,
    )


def _figure(points: list[_Point]) -> list[Block]:
    if len(points) < 2:
        return []
    pairs = sorted((point["seconds"], point["physical_qubits"]) for _, point in points)
    words = "; ".join(f"{count(qubits)} qubits for {duration(seconds)}" for seconds, qubits in pairs)
    svg = line_chart(
        "configurations",
        title="Physical qubits against the time of all runs",
        description=f"{words}. The same numbers stand in the table.",
        x_label="time of all runs (s)",
        y_label="physical qubits",
        series=[Series(label="configurations", points=tuple(pairs))],
    )
    return [Figure("configurations", "Physical qubits against the time of all runs.", svg)]


def _choices(points: list[_Point]) -> tuple[PageTable | None, PageTable | None]:
    """The keys that the configurations choose differently, and those they choose alike."""
    keys = dict.fromkeys(key for _, point in points for key in table(point.get("choices")))

    def of(point: Json, key: str) -> str:
        return str(table(table(point.get("choices")).get(key)).get("value", "–"))

    varied = [key for key in keys if len({of(point, key) for _, point in points}) > 1]
    same = [key for key in keys if key not in varied]
    by = {key: str(table(table(points[0][1].get("choices")).get(key)).get("by", "–")) for key in same}
    cells: dict[str, Any] = {"key:": str}
    cells |= {f"{number}:": lambda key, point=point: of(point, key) for number, point in points}
    return (
        listing("Keys that differ, by configuration", varied, cells) if varied else None,
        listing(
            "Keys that do not differ",
            same,
            {"key:": str, "value:": lambda key: of(points[0][1], key), "chosen by:": lambda key: by[key]},
        )
        if same
        else None,
    )
