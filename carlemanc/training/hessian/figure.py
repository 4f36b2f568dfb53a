"""The density of a spectrum as an SVG, the same bytes for the same numbers."""

from __future__ import annotations

import io

import numpy as np

from carlemanc.training.hessian.spectrum import Spectrum

WIDTH_SHARE = 0.01
"""Width of the Gaussian of each eigenvalue, as a share of the range of the spectrum."""


def bell_width(spectrum: Spectrum) -> float:
    """Return the standard deviation of the Gaussian that stands for one eigenvalue."""
    span = spectrum.extreme(1)[0] - spectrum.extreme(-1)[0]
    return WIDTH_SHARE * (span or 1.0)


def density_svg(spectrum: Spectrum, *, title: str, window: float) -> str:
    """Return a figure of rho(a), a = -h, with the error band of the probes and the deflated eigenvalues.

    Args:
        spectrum: of the Hessian.
        title: model and data.
        window: |a| from which the error proxy keeps modes, drawn as lines.
    """
    import matplotlib
    from matplotlib.figure import Figure

    grid, width = spectrum.grid(), bell_width(spectrum)
    density, band = spectrum.density(grid, width)
    floor = 0.1 / (spectrum.n * width)
    with matplotlib.rc_context({"svg.hashsalt": "carlemanc", "svg.fonttype": "path", "font.size": 9}):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.add_subplot()
        axes.semilogy(-grid, np.maximum(density, floor), color="C0", lw=1.2, label="density of a = -h")
        if band is not None and band.any():
            low, high = np.maximum(density - band, floor), np.maximum(density + band, floor)
            axes.fill_between(-grid, low, high, color="C0", alpha=0.25, lw=0, label="95 % over the probes")
        if len(spectrum.outliers) and not spectrum.is_exact:
            at = np.full(len(spectrum.outliers), floor)
            axes.plot(-spectrum.outliers, at, "|", color="C3", label="counted one by one")
        for place in (-window, window):
            if grid[0] <= -place <= grid[-1]:
                axes.axvline(place, color="0.5", lw=0.8, ls=":")
        axes.set_xlabel("a = -(eigenvalue of the Hessian); negative: dissipative")
        axes.set_ylabel("density")
        axes.set_ylim(bottom=floor)
        axes.set_title(title, fontsize=8, wrap=True)
        axes.legend(fontsize=7, frameon=False)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()
