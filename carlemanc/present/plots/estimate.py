"""An estimate in axes: times of the classical programs and the quantum runs, or the T gates of each part of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes

from carlemanc.commands.estimate_result import Estimate
from carlemanc.core.double_precision import as_float
from carlemanc.costs.classical_baseline import MACHINES, at_hand
from carlemanc.present.figures.style import CLASSICAL, QUANTUM
from carlemanc.present.plots import axes_or_new, plot

Bar = tuple[str, float, str]
"""Label, length and color."""


@plot.register
def plot_estimate(
    found: Estimate, axes: Axes | None = None, *, what: Literal["times", "cost"] = "times"
) -> Axes:
    """Draw bars: seconds on a logarithmic scale, the longest at the top, or T gates by part of a run."""
    axes = axes_or_new(axes)
    if what == "cost":
        _bars(axes, _parts(found))
        axes.set_xlabel("T gates of a run")
    else:
        _bars(axes, _times(found))
        axes.set_xscale("log")
        axes.set_xlabel("seconds")
    axes.set_title(f"{found.name}: does it pay? {found.pays}")
    return axes


def _times(found: Estimate) -> list[Bar]:
    """Times that are known and not 0: the programs on the machine that holds the best, a run, and all runs."""
    machine = MACHINES[at_hand(found.baseline.programs)[0]]
    bars = [
        (f"{one.name}, {machine.name}", as_float(one.seconds_on(machine)), CLASSICAL)
        for one in found.baseline.programs
        if one.flops and one.memory <= machine.memory
    ]
    if found.physical.best is not None and found.seconds is not None:
        bars.append(("one run", as_float(found.physical.best.time), QUANTUM))
        bars.append(("all runs", found.seconds, QUANTUM))
    return sorted(bars, key=lambda bar: bar[1])


def _parts(found: Estimate) -> list[Bar]:
    """T gates of each part that has any, rotations priced as on average."""
    bars = [(row.part, as_float(found.t_of_part(row)), QUANTUM) for row in found.ledger.rows]
    return sorted((bar for bar in bars if bar[1]), key=lambda bar: bar[1])


def _bars(axes: Axes, bars: Sequence[Bar]) -> None:
    labels, lengths, colors = zip(*bars, strict=True) if bars else ((), (), ())
    axes.barh(range(len(bars)), lengths, color=colors)
    axes.set_yticks(range(len(bars)), labels)
