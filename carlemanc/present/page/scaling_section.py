"""T gates and qubits along the axes of a sweep: figures, fitted exponents, and what the paper claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.figures.style import SERIES
from carlemanc.present.number_words import chosen, count, duration, real
from carlemanc.present.page.document import (
    Block,
    Column,
    Figure,
    Figures,
    PageRow,
    PageTable,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.exponents import claim, drawn_fit, exponent, fits_table
from carlemanc.present.page.files import Json
from carlemanc.present.page.material import Material
from carlemanc.present.page.reading import certificate_of, observables_of
from carlemanc.present.page.sweep_points import (
    MAX_ROWS,
    Line,
    Point,
    axis_name,
    keys_of,
    lines_along,
    numeric_axes,
    points_of,
    qubits_of,
    setting,
    short_name,
    spread,
    t_of,
    texts_of,
    x_of,
)

MAX_AXES = 4
"""Axes that get figures."""
_OPEN_ROWS = 6
"""A longer table is folded."""
_UNITS = {"n": "n (weights)", "T": "T (steps)", "N": "N (Carleman order)"}


def scaling_section(material: Material) -> Section | None:
    """Return figures and tables of a sweep, None without one."""
    if not material.rows:
        return None
    points = points_of(material)
    axes = numeric_axes(points)[:MAX_AXES]
    blocks: list[Block] = []
    for number, key in enumerate(axes):
        lines = lines_along(points, key)
        if lines:
            blocks += _along(key, lines, f"axis{number}")
    if axes:
        blocks += [fits_table(points, axes), *claim(points, axes)]
    elif points:
        why = "is one point" if len(points) == 1 else "has no axis of numbers"
        blocks.append(Paragraph(f"The grid {why}: there is no growth to draw or to fit."))
    blocks += [*_all_points(points), *_observables(points), *_failures(material)]
    named = dict.fromkeys(map(axis_name, axes))
    title = f"Growth with {' and '.join(named)}" if named else "Points of the sweep"
    return Section(title, "scaling", tuple(blocks))


def _along(key: str, lines: Sequence[Line], name: str) -> list[Block]:
    shown = spread(lines, len(SERIES))
    label = _UNITS.get(axis_name(key), axis_name(key))
    drawn = [("T gates of a run", "t-gates", t_of), ("logical qubits", "qubits", qubits_of)]
    figures = [_figure(f"{name}-{word}", key, label, title, shown, value) for title, word, value in drawn]
    blocks: list[Block] = [Figures(tuple(figure for figure in figures if figure))]
    if len(shown) < len(lines):
        blocks.append(
            Paragraph(f"{len(shown)} of {len(lines)} lines are drawn along {label}; the tables have all.")
        )
    return blocks


def _figure(
    name: str, key: str, label: str, title: str, lines: Sequence[Line], value: Callable[[Point], int]
) -> Figure | None:
    series = []
    for line in lines:
        pairs = tuple((x_of(point, key), value(point)) for point in line.points)
        series.append(Series(label=line.label or title, points=pairs, fit=drawn_fit(key, line, value)))
    words = "; ".join(_in_words(line) for line in series)
    svg = line_chart(
        name,
        title=f"{title} against {label}",
        description=f"{words}. The same numbers stand in the table of all points.",
        x_label=label,
        y_label=title,
        series=series,
    )
    return Figure(name, f"{title[0].upper()}{title[1:]} against {label}.", svg)


def _in_words(line: Series) -> str:
    (x0, y0), (x1, y1) = line.points[0], line.points[-1]
    growth = f", exponent {exponent(line.fit)}" if line.fit else ""
    return f"{line.label}: from {count(y0)} at {chosen(x0)} to {count(y1)} at {chosen(x1)}{growth}"


def _all_points(points: Sequence[Point]) -> list[Block]:
    if not points:
        return []
    keys = keys_of(points)
    names = [
        *map(short_name, keys),
        "qubits",
        "T gates a run",
        "runs",
        "physical qubits",
        "a run",
        "all runs",
        "flops",
    ]
    numeric = numeric_axes(points)
    columns = tuple(
        Column(name=name, numeric=place >= len(keys) or keys[place] in numeric)
        for place, name in enumerate(names)
    )
    rows = tuple(PageRow(_cells(point, keys)) for point in points[:MAX_ROWS])
    more = f"; the first {MAX_ROWS} of {len(points)}, rows.jsonl has all" if len(points) > MAX_ROWS else ""
    caption = f"All points: T gates with Toffoli as 4 and rotations synthesized{more}"
    return [PageTable(caption, columns, rows=rows, folded=len(points) > _OPEN_ROWS)]


def _observables(points: Sequence[Point]) -> list[Block]:
    """What each observable is and costs at every point, where observables are read."""
    lines = [(point, one) for point in points for one in observables_of(point.estimate)]
    if not lines:
        return []
    keys, numeric = keys_of(points), numeric_axes(points)

    def at(key: str) -> Callable[[tuple[Point, Json]], str]:
        return lambda line: setting(line[0].at.get(key, "–"))

    cells: dict[str, Callable[[tuple[Point, Json]], str]] = {
        f"{short_name(key)}{'' if key in numeric else ':'}": at(key) for key in keys
    }
    cells |= {
        "observable:": lambda line: line[1]["name"],
        "planned value": lambda line: real(line[1].get("classical")),
        "certificate": lambda line: certificate_of(line[1]),
        "uses": lambda line: count(line[1].get("uses")),
        "T gates": lambda line: count(line[1].get("t_count")),
        "time": lambda line: duration(line[1].get("seconds")),
    }
    more = f"; the first {MAX_ROWS} of {len(lines)} lines" if len(lines) > MAX_ROWS else ""
    caption = f"Observables at all points{more}"
    return [listing(caption, lines[:MAX_ROWS], cells, folded=len(lines) > _OPEN_ROWS)]


def _cells(point: Point, keys: Sequence[str]) -> tuple[str, ...]:
    costs = point.costs
    return (
        *(setting(point.at.get(key, "–")) for key in keys),
        count(costs.qubits),
        count(costs.t),
        count(costs.runs),
        "none known" if costs.physical_qubits is None else count(costs.physical_qubits),
        duration(costs.seconds),
        duration(costs.total),
        count(costs.flops),
    )


def _failures(material: Material) -> list[Block]:
    failed = [row for row in material.rows if row.get("status") != 0]
    if not failed:
        return []
    caption = f"Points without an estimate: {len(failed)} of {len(material.rows)}"
    cells: dict[str, Callable[[Json], str]] = {
        "point:": lambda row: ", ".join(
            f"{short_name(key)} = {value}" for key, value in texts_of(row).items()
        ),
        "exit status": lambda row: str(row.get("status")),
        "why:": lambda row: " ".join((row.get("message") or "no reason is written").split())[:300],
    }
    return [listing(caption, failed[:MAX_ROWS], cells, folded=len(failed) > _OPEN_ROWS)]
