"""A schedule as curves: loss, accuracy and error proxy against its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from carlemanc.present.figures import svg
from carlemanc.present.figures.style import CLASSICAL, GROWTH, QUANTUM, look, saved
from carlemanc.training.result import TrainingRun


@svg.register
def training_svg(run: TrainingRun) -> str:
    """Return loss, accuracy and error proxy of a run against its steps."""
    document = run.to_json()
    with look():
        has_accuracy = document["final"]["accuracy"] is not None
        figure = Figure(figsize=(7.2, 5.4 if has_accuracy else 4.0), layout="constrained")
        panels = figure.subplots(3 if has_accuracy else 2, 1, sharex=True)
        draw_quantity(panels[0], document, "loss")
        if has_accuracy:
            draw_quantity(panels[1], document, "accuracy")
        draw_proxy(panels[-1], document, "proxy", "gain |1 + ηa|ᵗ")
        panels[0].legend()
        panels[-1].set_xlabel("step (pre-training not counted)")
        figure.suptitle(caption(document), fontsize=9, x=0.01, ha="left")
        return saved(figure)


def caption(document: Mapping[str, object]) -> str:
    """Return model, data and what the evolution was, in one line."""
    data = "" if document["data"] is None else f" on {document['data']}"
    trained = f"{document['survivors']:,} of {document['weights']:,} weights"
    return f"{document['name']}{data}: {trained}; {document['label']}"


def draw_quantity(axes: Axes, document: Mapping[str, Any], key: str) -> None:
    """Draw loss or accuracy of the schedule beside plain gradient descent on the same survivors."""
    reference = document["reference"]["steps"]
    axes.plot(
        [row["step"] for row in reference],
        [row[key] for row in reference],
        color=CLASSICAL,
        label=document["reference"]["label"],
    )
    rows = [row for row in document["steps"] if row[key] is not None]
    axes.plot([row["step"] for row in rows], [row[key] for row in rows], color=QUANTUM, label="schedule")
    reads = [row for row in rows if row["phase"] == "download"]
    axes.plot(
        [row["step"] for row in reads], [row[key] for row in reads], ".", color=QUANTUM, label="downloads"
    )
    axes.set_ylabel(key)


def draw_proxy(axes: Axes, document: Mapping[str, Any], key: str, label: str) -> None:
    """Draw the error proxy, one curve a segment, from 1 at its upload."""
    drawn = False
    for number in range(len(document["segments"])):
        rows = [row for row in document["steps"] if row["segment"] == number and row[key] is not None]
        drawn = drawn or bool(rows)
        axes.plot([row["step"] for row in rows], [row[key] for row in rows], color=GROWTH)
    axes.axhline(1.0, color=CLASSICAL, linewidth=0.6)
    axes.set_ylabel(f"error proxy\n({label})")
    if drawn:
        axes.set_yscale("log")
    else:
        axes.text(0.5, 0.5, "no Hessian mode in the window", transform=axes.transAxes, ha="center")
