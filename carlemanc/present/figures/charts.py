"""The charts of a report: lines on logarithmic axes.

Axes are drawn on log10 of exact numbers, so that counts beyond the range of floating-point numbers have a place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Any

from carlemanc.costs.scaling import FittedExponent
from carlemanc.present.figures.axis import Axis, Number, has_place
from carlemanc.present.figures.style import GRID, INK, MARKERS, SERIES, look, svg_text

_PAGE: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "font.size": 10.5,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.fontsize": 10,
    "legend.labelcolor": INK,
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": 10,
    "xtick.major.width": 0.6,
    "ytick.color": INK,
    "ytick.labelsize": 10,
    "ytick.major.width": 0.6,
}
"""The look of a figure in a page: its colors, and text that stays text."""
_WIDTH, _HEIGHT = 4.9, 3.3
"""Inches; 72 units each. On a phone one unit is about a pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line of a chart: points (x, y), drawn with markers; a `fit` is drawn instead of the line between them.

    One that is not `is_marked` has too many points for markers.
    """

    label: str
    points: tuple[tuple[Number, Number], ...]
    fit: FittedExponent | None = None
    is_marked: bool = True


def line_chart(
    name: str,
    *,
    title: str,
    description: str,
    x_label: str,
    y_label: str,
    series: Sequence[Series],
    steps: bool = False,
) -> str:
    """Return the SVG text of lines on logarithmic axes; an axis with a number below 0, or under a factor 4, is linear.

    Args:
        name: of the figure, a prefix of every id in it.
        title: read by screen readers, with the description.
        description: what is seen, in words.
        x_label: of the horizontal axis, with its unit.
        y_label: of the vertical axis.
        series: at most as many as there are colors.
        steps: whether the line between points is a staircase.
    """
    series, missing = _with_places(series)
    points = [point for line in series for point in line.points]
    if missing:
        description += f" Points not drawn, having no logarithm: {missing}."
    x_axis, y_axis = Axis([x for x, _ in points]), Axis([y for _, y in points])
    with look({**_PAGE, "svg.hashsalt": name}):
        figure, axes = _new()
        for line, color, marker in zip(series, SERIES, MARKERS, strict=False):
            ends = _fit_ends(line, x_axis, y_axis)
            axes.plot(
                [x_axis.place(x) for x, _ in line.points],
                [y_axis.place(y) for _, y in line.points],
                color=color,
                marker=marker if line.is_marked else "",
                markersize=4.5,
                linewidth=0.0 if ends else 1.6,
                drawstyle="steps-post" if steps else "default",
                label=line.label,
            )
            axes.plot([x for x, _ in ends], [y for _, y in ends], linewidth=1.3, color=color)
        _set_ticks(axes.set_xticks, axes.set_xlim, x_axis)
        _set_ticks(axes.set_yticks, axes.set_ylim, y_axis)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.grid()
        if len(series) > 1:
            _legend(figure, axes)
        return svg_text(figure, name, title, description)


def _with_places(series: Sequence[Series]) -> tuple[list[Series], int]:
    """The lines without the points that no axis has a place for, and how many those are."""
    points = [point for line in series for point in line.points]
    x_most, y_most = max(x for x, _ in points), max(y for _, y in points)
    kept = [
        replace(
            line, points=tuple(p for p in line.points if has_place(p[0], x_most) and has_place(p[1], y_most))
        )
        for line in series
    ]
    return [line for line in kept if line.points], len(points) - sum(len(line.points) for line in kept)


def _fit_ends(line: Series, x_axis: Axis, y_axis: Axis) -> list[tuple[float, float]]:
    """The ends of a fitted power: a straight line where both axes are logarithmic, else it is not drawn."""
    if line.fit is None or not (x_axis.is_log and y_axis.is_log):
        return []
    places = [x_axis.place(x) for x in (line.fit.smallest, line.fit.largest)]
    return [(x, line.fit.log_prefactor / log(10) + line.fit.exponent * x) for x in places]


def _set_ticks(set_ticks: Callable[..., object], set_limits: Callable[..., object], axis: Axis) -> None:
    places, labels = axis.ticks()
    set_ticks(places, labels)
    set_limits(*axis.limits())


def _new(height: float = _HEIGHT) -> tuple[Any, Any]:
    """A figure and its axes in the colors of the page, without pyplot and its state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    figure.patch.set_visible(False)
    axes = figure.add_subplot()
    axes.patch.set_visible(False)
    axes.minorticks_off()
    return figure, axes


def _legend(figure: Any, axes: Any) -> None:
    handles, labels = axes.get_legend_handles_labels()
    columns = 1 if max(map(len, labels)) > 26 else 2 if max(map(len, labels)) > 12 else 3
    figure.legend(
        handles,
        [_clipped(label, 56) for label in labels],
        loc="outside upper left",
        ncols=columns,
    )


def _clipped(text: str, length: int) -> str:
    """A label that fits; `$` would start mathematics in matplotlib."""
    line = " ".join(text.split()).replace("$", "＄")
    return line if len(line) <= length else f"{line[: length - 1]}…"
