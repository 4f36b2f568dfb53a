"""A sweep in axes: a number of each point against the first swept key, marked with whether it pays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from carlemanc.core.errors import InputError, Problem
from carlemanc.present.figures.style import CLASSICAL, GROWTH, QUANTUM
from carlemanc.present.plots import axes_or_new, plot
from carlemanc.sweeps.driver import Sweep
from carlemanc.sweeps.table import flatten

_COLORS = {"no": GROWTH, "only against a weaker program": CLASSICAL, "open": QUANTUM}
"""Of the marks, by the verdict."""
_SPAN = 20
"""Largest over smallest number from which a scale is logarithmic."""


@plot.register
def plot_sweep(found: Sweep, axes: Axes | None = None, *, y: str = "t_of_a_run") -> Axes:
    """Draw a line for each combination of the other keys. Raises InputError where no point has such a number."""
    axes = axes_or_new(axes)
    key, *others = found.swept
    lines: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in map(flatten, found.rows):
        if _is_number(row.get(y)):
            lines[", ".join(f"{other} = {row[other]}" for other in others)].append(row)
    if not lines:
        problem = Problem(
            where="y", found=y, allowed="a column of to_frame() with numbers", help="t_of_a_run"
        )
        raise InputError("there is nothing to draw", [problem])
    for label, rows in lines.items():
        axes.plot([row[key] for row in rows], [float(row[y]) for row in rows], label=label, zorder=1)
    shown = [row for rows in lines.values() for row in rows]
    _marks(axes, [(row[key], float(row[y]), row.get("verdict.pays")) for row in shown])
    for scale, values in (
        (axes.set_xscale, [row[key] for row in shown]),
        (axes.set_yscale, [row[y] for row in shown]),
    ):
        if all(map(_is_number, values)) and min(values) > 0 and max(values) > _SPAN * min(values):
            scale("log")
    axes.set_xlabel(key)
    axes.set_ylabel(y)
    axes.set_title(found.name)
    return axes


def _marks(axes: Axes, points: list[tuple[Any, float, Any]]) -> None:
    """Mark the points by their verdict; the legend says it, and what the lines are where there are several."""
    verdicts = dict.fromkeys(pays for *_, pays in points)
    for pays in verdicts:
        chosen = [(x, y) for x, y, verdict in points if verdict == pays]
        axes.plot(*zip(*chosen, strict=True), "o", color=_COLORS.get(pays, CLASSICAL))
    handles = [
        line for line in axes.get_lines() if not str(line.get_label()).startswith("_") and line.get_label()
    ]
    handles += [
        Line2D([], [], marker="o", linestyle="", color=_COLORS.get(pays, CLASSICAL), label=f"pays: {pays}")
        for pays in verdicts
        if pays is not None
    ]
    if handles:
        axes.legend(handles=handles)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
