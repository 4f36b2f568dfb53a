"""Configurations in axes: the frontier of `optimize`, and the methods of `solvers` side by side."""

from __future__ import annotations

from matplotlib.axes import Axes

from carlemanc.commands.optimize import Frontier
from carlemanc.evaluation.comparison import Comparison
from carlemanc.present.figures.style import CLASSICAL, QUANTUM
from carlemanc.present.plots import axes_or_new, plot


@plot.register
def plot_frontier(found: Frontier, axes: Axes | None = None) -> Axes:
    """Draw seconds against T gates of all runs, each point with its method and physical qubits."""
    axes = axes_or_new(axes)
    axes.loglog([point.t_count for point in found.points], [point.seconds for point in found.points], "o")
    for point in found.points:
        words = f" {point.method}, {point.physical_qubits:.3g} qubits"
        axes.annotate(words, (point.t_count, point.seconds), fontsize="small")
    axes.set_xlabel("T gates of all runs")
    axes.set_ylabel(f"seconds of all runs, {found.hardware}")
    axes.set_title(found.name)
    return axes


@plot.register
def plot_methods(found: Comparison, axes: Axes | None = None) -> Axes:
    """Draw the T gates of all runs of each method that applies, the choice in another color, fewest at the top."""
    axes = axes_or_new(axes)
    costs = sorted(((row.cost.expected_t, row.method) for row in found.rows if row.cost), reverse=True)
    colors = [QUANTUM if method == found.method else CLASSICAL for _, method in costs]
    axes.barh([method for _, method in costs], [t for t, _ in costs], color=colors)
    axes.set_xscale("log")
    axes.set_xlabel("T gates of all runs")
    axes.set_title(found.name)
    return axes
