"""Quantum and classical time against n at the points of a sweep: where one becomes the shorter, or that none does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from carlemanc.present.figures.axis import Number
from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.number_words import chosen, duration, real
from carlemanc.present.page.document import Block, Bullets, Figure
from carlemanc.present.page.material import Material
from carlemanc.present.page.sweep_points import (
    Line,
    Point,
    axis_name,
    lines_along,
    numeric_axes,
    points_of,
    spread,
    x_of,
)

_LINES = 3
"""Lines that are drawn: each has a quantum and a classical time, and there are six colors."""


def crossing_blocks(material: Material) -> list[Block]:
    """Return both times against n, and what the points say of a crossover; none where n is not swept."""
    points = [point for point in points_of(material) if _is_compared(point)]
    axes = [key for key in numeric_axes(points) if axis_name(key) == "n"]
    if not axes:
        return []
    lines = lines_along(points, axes[0])
    if not lines:
        return []
    shown = spread(lines, _LINES)
    said = [_said(axes[0], line) for line in shown]
    if len(shown) < len(lines):
        said.append(f"{len(lines) - len(shown)} further lines are among all points")
    return [_figure(axes[0], shown), Bullets(tuple(said))]


def _is_compared(point: Point) -> bool:
    return bool(point.costs.total) and bool(point.costs.classical)


def _times(key: str, line: Line) -> Iterator[tuple[Number, Fraction, Fraction]]:
    """n, quantum and classical seconds of every point that has both."""
    for point in line.points:
        if point.costs.total is not None and point.costs.classical is not None:
            yield x_of(point, key), point.costs.total, point.costs.classical


def _said(key: str, line: Line) -> str:
    """What the points of a line say; nothing is said of an n between them or beyond."""
    times = list(_times(key, line))
    where = f"{line.label}: " if line.label else ""
    shorter = [n for n, quantum, classical in times if quantum < classical]
    first, last = times[0][0], times[-1][0]
    if not shorter:
        n, quantum, classical = min(times, key=lambda one: one[1] / one[2])
        ratio = real(float(quantum / classical))
        return (
            f"{where}no crossover from n = {chosen(first)} to {chosen(last)}; nearest at n = {chosen(n)}, where the "
            f"quantum runs take {ratio} times the {duration(classical)} of the classical program."
        )
    after = [n for n, *_ in times if n >= shorter[0]]
    if shorter != after:
        return f"{where}the quantum time is the shorter one at n = {', '.join(map(chosen, shorter))} alone."
    if len(shorter) == len(times):
        return f"{where}the quantum time is the shorter one at every point, n = {chosen(first)} to {chosen(last)}."
    before = max(n for n, *_ in times if n < shorter[0])
    return (
        f"{where}the quantum time is the shorter one from n = {chosen(shorter[0])} on; "
        f"at n = {chosen(before)} it is not."
    )


def _figure(key: str, lines: Sequence[Line]) -> Figure:
    series = []
    for line in lines:
        times = list(_times(key, line))
        for sort, place in (("quantum", 1), ("classical", 2)):
            pairs = tuple((one[0], float(one[place])) for one in times)
            series.append(Series(label=f"{sort}{f', {line.label}' if line.label else ''}", points=pairs))
    svg = line_chart(
        "times",
        title="Quantum and classical time against n",
        description=" ".join(_said(key, line) for line in lines),
        x_label="n",
        y_label="time of all that is read (s)",
        series=series,
    )
    return Figure("times", "Time of all quantum runs and of the cheapest classical program against n.", svg)
