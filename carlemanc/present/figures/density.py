"""The density of a spectrum, with the error band of its probes and the eigenvalues counted one by one."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from carlemanc.present.figures import svg
from carlemanc.present.figures.style import CLASSICAL, GROWTH, QUANTUM, look, saved
from carlemanc.training.dissipation_report import Dissipation


@svg.register
def density_svg(report: Dissipation) -> str:
    """Return rho(a), a = -h."""
    with look():
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        draw_density(figure.add_subplot(), report)
        return saved(figure)


def draw_density(axes: Axes, report: Dissipation) -> None:
    """Draw rho(a), a = -h; dotted lines stand at the |a| from which the error proxy keeps modes."""
    spectrum, window = report.spectrum, report.window[0]
    grid, width = spectrum.grid(), spectrum.bell_width
    density, band = spectrum.density(grid, width)
    floor = 0.1 / (spectrum.n * width)
    axes.semilogy(-grid, np.maximum(density, floor), color=QUANTUM, label="density of a = -h")
    if band is not None and band.any():
        low, high = np.maximum(density - band, floor), np.maximum(density + band, floor)
        axes.fill_between(-grid, low, high, color=QUANTUM, alpha=0.25, lw=0, label="95 % over the probes")
    if len(spectrum.outliers) and not spectrum.is_exact:
        at = np.full(len(spectrum.outliers), floor)
        axes.plot(-spectrum.outliers, at, "|", color=GROWTH, label="counted one by one")
    for place in (-window, window):
        if grid[0] <= -place <= grid[-1]:
            axes.axvline(place, color=CLASSICAL, linewidth=0.8, linestyle=":")
    axes.set_xlabel("a = -(eigenvalue of the Hessian); negative: dissipative")
    axes.set_ylabel("density")
    axes.set_ylim(bottom=floor)
    axes.set_title(report.label, wrap=True)
    axes.legend()
