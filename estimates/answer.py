"""The picture of the README: seconds of all quantum runs beside the best classical program, line by line."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from carlemanc.core.atomic_output import atomic_file
from carlemanc.present.figures.style import CLASSICAL, QUANTUM, look, saved
from estimates.catalog import ROOT, entry_named
from estimates.headline import SHORT
from estimates.results import read

PICTURE = ROOT / "figures" / "answer.svg"
_TIMES = {
    "1 ms": 1e-3,
    "1 s": 1.0,
    "1 h": 3_600.0,
    "1 year": 3.156e7,
    "age of the\nuniverse": 4.35e17,
}
"""Marks of the axis, seconds."""


def times() -> list[tuple[str, float, float]]:
    """Return (training, seconds of the classical program, seconds of all quantum runs) of each line."""
    found = []
    for name, overrides in SHORT:
        entry = entry_named(name)
        label = next(label for label, point in entry.headline if point == overrides)
        (row,) = [row for row in read(entry)["sweep"] if tuple(row["overrides"]) == overrides]
        verdict = row["estimate"]["verdict"]
        found.append((label, float(verdict["classical_seconds"]), float(verdict["quantum_seconds"])))
    return found


def picture() -> str:
    """Return the picture as SVG: the same bytes for the same results."""
    rows = times()
    with look():
        figure = Figure(figsize=(7.2, 2.9), layout="constrained")
        axes = figure.subplots()
        for place, (_, classical, quantum) in enumerate(rows):
            axes.plot([classical, quantum], [place, place], color="#d0d0d0", linewidth=3, zorder=1)
        places = range(len(rows))
        axes.scatter(
            [row[1] for row in rows],
            places,
            color=CLASSICAL,
            marker="s",
            zorder=2,
            label="best classical program known, one core",
        )
        axes.scatter([row[2] for row in rows], places, color=QUANTUM, zorder=2, label="all quantum runs")
        axes.set_xscale("log")
        axes.set_yticks(places, [row[0] for row in rows])
        axes.set_xticks(list(_TIMES.values()), list(_TIMES))
        axes.minorticks_off()
        axes.invert_yaxis()
        axes.grid(axis="x", color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper center", ncols=2)
        return saved(figure)


def update(place: Path = PICTURE) -> None:
    """Write the picture."""
    with atomic_file(place) as file:
        file.write_text(picture(), encoding="utf-8")
