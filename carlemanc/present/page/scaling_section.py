"""T gates and qubits against n and T: figures, fitted exponents, and what the paper claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from carlemanc.estimate.scaling import FittedExponent, fitted_exponent
from carlemanc.present.figures.axis import Number
from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.figures.inline import SERIES
from carlemanc.present.number_words import duration, grouped, integer, real, short
from carlemanc.present.page.document import Block, Column, Figure, Figures, Paragraph, Row, Section, Table
from carlemanc.present.page.material import Material, table
from carlemanc.present.page.sweep_points import (
    Line,
    Point,
    axis_name,
    keys_of,
    lines_along,
    numeric_axes,
    points_of,
    short_name,
    texts_of,
)

MAX_ROWS = 400
"""Points that the table lists; the files beside the report have all."""
MAX_AXES = 4
"""Axes that get figures."""
_FIT_POINTS = 3
"""A line through fewer points always fits."""
_NOTABLE = 0.2
"""Exponents that differ by more are said to."""
_NO_POWER = 0.5
"""A larger standard error of an exponent says that the points follow no power law."""
_CLAIMS = {
    "fully dissipative": "T · polylog(n, 1/epsilon) (Theorem 1, fully dissipative, small learning rate)",
    "almost dissipative": "T² · polylog(n, 1/epsilon) (Theorem 2, almost dissipative)",
}
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
        blocks += [*_fits(points, axes), *_claim(points, axes)]
    elif points:
        why = "is one point" if len(points) == 1 else "has no axis of numbers"
        blocks.append(Paragraph(text=f"The grid {why}: there is no growth to draw or to fit."))
    blocks += [*_all_points(points), *_failures(material)]
    return Section(title="Growth with n and T", anchor="scaling", blocks=tuple(blocks))


def _along(key: str, lines: Sequence[Line], name: str) -> list[Block]:
    shown = _spread(lines, len(SERIES))
    label = _UNITS.get(axis_name(key), axis_name(key))
    drawn = [
        ("T gates of a run", "t-gates", _t),
        ("logical qubits", "qubits", _qubits),
    ]
    figures = [_figure(f"{name}-{word}", key, label, title, shown, value) for title, word, value in drawn]
    blocks: list[Block] = [Figures(figures=tuple(figure for figure in figures if figure))]
    if len(shown) < len(lines):
        blocks.append(
            Paragraph(
                text=f"{len(shown)} of {len(lines)} lines are drawn along {label}; the tables have all."
            )
        )
    return blocks


def _figure(
    name: str, key: str, label: str, title: str, lines: Sequence[Line], value: Callable[[Point], int]
) -> Figure | None:
    series = []
    for line in lines:
        pairs = tuple((_x(point, key), value(point)) for point in line.points)
        series.append(Series(label=line.label or title, points=pairs, fit=_fit(key, line, value)))
    words = "; ".join(_in_words(line) for line in series)
    svg = line_chart(
        name,
        title=f"{title} against {label}",
        description=f"{words}. The same numbers stand in the table of all points.",
        x_label=label,
        y_label=title,
        series=series,
    )
    return Figure(name=name, caption=f"{title[0].upper()}{title[1:]} against {label}.", svg=svg)


def _in_words(line: Series) -> str:
    (x0, y0), (x1, y1) = line.points[0], line.points[-1]
    growth = f", exponent {_exponent(line.fit)}" if line.fit else ""
    return f"{line.label}: from {short(y0)} at {short(x0)} to {short(y1)} at {short(x1)}{growth}"


def _fit(key: str, line: Line, value: Callable[[Point], int]) -> FittedExponent | None:
    """The exponent of a line of positive numbers, None where there are too few."""
    pairs = [(_x(point, key), value(point)) for point in line.points]
    kept = [(x, y) for x, y in pairs if x > 0 and y > 0]
    if len({x for x, _ in kept}) < _FIT_POINTS:
        return None
    return fitted_exponent([x for x, _ in kept], [y for _, y in kept])


def _fits(points: Sequence[Point], axes: Sequence[str]) -> list[Block]:
    rows = []
    for key in axes:
        for line in lines_along(points, key):
            fits = [_fit(key, line, value) for value in (_t, _qubits, _t_of_all_runs)]
            if not any(fits):
                continue
            cells = ["too few points" if fit is None else _exponent(fit) for fit in fits]
            first, last = _x(line.points[0], key), _x(line.points[-1], key)
            span = f"{short(first)} to {short(last)}, {len(line.points)} points"
            rows.append(Row(cells=(axis_name(key), line.label or "–", *cells, span)))
    if not rows:
        return [Paragraph(text=f"No line has {_FIT_POINTS} points: no exponent is fitted.")]
    columns = (
        Column(name="against", numeric=False),
        Column(name="at", numeric=False),
        Column(name="T gates of a run"),
        Column(name="logical qubits"),
        Column(name="T gates of all runs"),
        Column(name="fitted over"),
    )
    caption = (
        "Fitted exponents: counts grow like a power of the axis, least squares in logarithms, "
        "± the standard error; a logarithm shows as a small exponent that shrinks as the sizes grow"
    )
    return [Table(caption=caption, columns=columns, rows=tuple(rows[:MAX_ROWS]))]


def _claim(points: Sequence[Point], axes: Sequence[str]) -> list[Block]:
    regimes = Counter(table(point.estimate.get("regime")).get("name") for point in points)
    names = [name for name in regimes if name]
    if len(names) != 1:
        found = ", ".join(f"{name} ({regimes[name]} points)" for name in names) or "not known"
        text = (
            f"Liu et al. 2024 claim {'; '.join(_CLAIMS.values())}. The regime of this grid: {found}. Each exponent "
            "is to be held against the claim of its own regime."
        )
        return [Paragraph(text=text)]
    claim = _CLAIMS.get(names[0])
    if claim is None:
        text = (
            f"These systems are {names[0]}: Liu et al. 2024 claim no scaling in this regime, so that the "
            "exponents stand alone."
        )
        return [Paragraph(text=text, tone="caution")]
    text = (
        f"These systems are {names[0]}, where Liu et al. 2024 claim a cost of {claim}. One run, which prepares the "
        "solution, is compared with it; reading the weights multiplies it by the number of runs."
    )
    return [Paragraph(text=text), *_with_readout(points, axes)]


def _with_readout(points: Sequence[Point], axes: Sequence[str]) -> list[Block]:
    """How all runs together grow, where that is another power than one run."""
    found = []
    for key in axes:
        fits = [(_fit(key, line, _t), _fit(key, line, _t_of_all_runs)) for line in lines_along(points, key)]
        pairs = [(one, every) for one, every in fits if one and every]
        if pairs and max(every.exponent - one.exponent for one, every in pairs) > _NOTABLE:
            ones, all_runs = ([fit.exponent for fit in side] for side in zip(*pairs, strict=True))
            found.append(
                f"against {axis_name(key)}, one run has exponent {_span(ones)} and all runs {_span(all_runs)}"
                + _doubt([every for _, every in pairs])
            )
    if not found:
        return []
    text = f"With the readout the growth is another one: {'; '.join(found)}."
    return [Paragraph(text=text, tone="caution")]


def _doubt(fits: Sequence[FittedExponent]) -> str:
    """Say so where the points lie on no straight line."""
    worst = max(fit.standard_error or 0.0 for fit in fits)
    return f", by no power law (standard errors up to {real(worst, 2)})" if worst > _NO_POWER else ""


def _span(values: Sequence[float]) -> str:
    low, high = real(min(values), 2), real(max(values), 2)
    return low if low == high else f"{low} to {high}"


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
    rows = tuple(Row(cells=_cells(point, keys)) for point in points[:MAX_ROWS])
    more = f"; the first {MAX_ROWS} of {len(points)}, rows.jsonl has all" if len(points) > MAX_ROWS else ""
    caption = f"All points: T gates with Toffoli as 4 and rotations synthesized{more}"
    return [Table(caption=caption, columns=columns, rows=rows, folded=len(points) > 12)]


def _cells(point: Point, keys: Sequence[str]) -> tuple[str, ...]:
    costs = point.costs
    return (
        *(point.at.get(key, "–") for key in keys),
        grouped(costs.qubits),
        integer(costs.t),
        short(costs.runs),
        "none known" if costs.physical_qubits is None else short(costs.physical_qubits),
        duration(costs.seconds),
        duration(costs.total),
        short(costs.flops),
    )


def _failures(material: Material) -> list[Block]:
    failed = [row for row in material.rows if row.get("status") != 0]
    if not failed:
        return []
    rows = tuple(
        Row(
            cells=(
                ", ".join(f"{short_name(key)} = {value}" for key, value in texts_of(row).items()),
                str(row.get("status")),
                " ".join(str(row.get("message") or "no reason is written").split())[:300],
            )
        )
        for row in failed[:MAX_ROWS]
    )
    columns = (
        Column(name="point", numeric=False),
        Column(name="exit status"),
        Column(name="why", numeric=False),
    )
    caption = f"Points without an estimate: {len(failed)} of {len(material.rows)}"
    return [Table(caption=caption, columns=columns, rows=rows, folded=len(failed) > 12)]


def _spread(lines: Sequence[Line], most: int) -> list[Line]:
    """At most so many lines, the first and the last among them."""
    if len(lines) <= most:
        return list(lines)
    return [lines[round(k * (len(lines) - 1) / (most - 1))] for k in range(most)]


def _exponent(fit: FittedExponent) -> str:
    error = "" if fit.standard_error is None else f" ± {real(fit.standard_error, 1)}"
    return f"{real(fit.exponent, 3)}{error}"


def _t(point: Point) -> int:
    return point.costs.t


def _qubits(point: Point) -> int:
    return point.costs.qubits


def _t_of_all_runs(point: Point) -> int:
    return point.costs.t_in_all or 0


def _x(point: Point, key: str) -> Number:
    number = point.number(key)
    assert number is not None, "numeric_axes has checked that"
    return number
