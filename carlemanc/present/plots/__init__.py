"""Results in axes of matplotlib: `plot(result, axes)`, for a session of one's own and with one's own settings.

Comes in: a frozen result, and axes or None. Goes out: the axes, drawn; None is a new figure of pyplot. Figures in files
are those of `carlemanc.present.figures`, which look the same whatever the settings.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from matplotlib.axes import Axes

from carlemanc.present.families import renderer

FAMILIES = {
    "carlemanc.commands.estimate_result": "estimate",
    "carlemanc.commands.optimize": "configurations",
    "carlemanc.evaluation.comparison": "configurations",
    "carlemanc.sweeps.driver": "sweep",
    "carlemanc.training.dissipation_report": "training",
    "carlemanc.training.result": "training",
}
"""Module of a result -> file of this package that draws it."""


@singledispatch
def plot(result: object, axes: Axes | None, **options: Any) -> Axes:
    """Draw a result into axes, those of a new figure where there are none, and return them.

    Raises TypeError for an object that no family draws.
    """
    found: Axes = renderer(plot, FAMILIES, result)(result, axes, **options)
    return found


def axes_or_new(axes: Axes | None) -> Axes:
    """Return axes, those of a new figure of pyplot where there are none."""
    if axes is not None:
        return axes
    from matplotlib import pyplot

    return pyplot.subplots(layout="constrained")[1]
