"""What training shows in axes: the loss of a schedule, and the density of a Hessian spectrum."""

from __future__ import annotations

from matplotlib.axes import Axes

from carlemanc.present.figures.density import draw_density
from carlemanc.present.figures.training import caption, draw_quantity
from carlemanc.present.plots import axes_or_new, plot
from carlemanc.training.dissipation_report import Dissipation
from carlemanc.training.result import TrainingRun


@plot.register
def plot_training(found: TrainingRun, axes: Axes | None = None) -> Axes:
    """Draw the loss of the schedule beside that of gradient descent on the same survivors."""
    axes, document = axes_or_new(axes), found.to_json()
    draw_quantity(axes, document, "loss")
    axes.set_xlabel("step (pre-training not counted)")
    axes.set_title(caption(document), wrap=True)
    axes.legend()
    return axes


@plot.register
def plot_density(found: Dissipation, axes: Axes | None = None) -> Axes:
    """Draw the density of a = -h; dotted lines stand where the window of the error proxy begins."""
    axes = axes_or_new(axes)
    draw_density(axes, found)
    return axes
