"""The spectrum of a Hessian as it is known: eigenvalues counted one by one, the rest as probes see it.

With K deflated eigenvalues lambda_i and probes p, each a Gauss rule (nodes theta, weights w summing to 1) of a
random vector in the complement, the estimate of (1/n) tr f(H) by probe p is

    F_p = (1/n) (sum_i f(lambda_i) + (n - K) sum_k w_pk f(theta_pk)),

stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017, "Fast estimation of tr(f(A)) via stochastic Lanczos
quadrature") on the deflated matrix; unbiased over random probes for polynomials of degree below twice the
steps. Error bars are Student's 95 % intervals over the probes, which are independent: measured, not proved.
An exact spectrum has K = n and no probes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.document import Document

SpectrumMethod = Literal["auto", "dense", "lanczos"]
"""Exact, an estimate, or exact where it is small."""
CONFIDENCE = 0.95
GRID = 400
"""Points of a density in files and figures."""
WIDTH_SHARE = 0.01
"""Width of the Gaussian of each eigenvalue, as a share of the range of the spectrum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval(Document):
    """A number with half the width of its 95 % interval: 0 where exact, None from a single probe."""

    value: float
    half_width: float | None

    def __str__(self) -> str:
        if self.half_width == 0:
            return f"{self.value:.6g}"
        return f"{self.value:.6g} +- " + ("?" if self.half_width is None else f"{self.half_width:.2g}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probe:
    """The Gauss rule of one random vector: (k,) nodes, weights summing to 1, residual estimates."""

    nodes: FloatArray
    weights: FloatArray
    residuals: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """The eigenvalues h of an n x n Hessian.

    Attributes:
        n: its size, the number of surviving parameters.
        outliers: (K,) eigenvalues known one by one, ascending: all for an exact spectrum.
        outlier_residuals: (K,) estimates of ||H x - h x||.
        probes: of the complement; none for an exact spectrum.
        method: "dense", "fourier" or "lanczos".
        complete: whether no probe saw an eigenvalue beyond the deflated ones of its side.
    """

    n: int
    outliers: FloatArray
    outlier_residuals: FloatArray
    probes: tuple[Probe, ...]
    method: str
    complete: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether every eigenvalue is known."""
        return not self.probes

    def estimate(self, function: Callable[[FloatArray], FloatArray]) -> Interval:
        """Return (1/n) tr f(H) with its error bar; `function` maps (k,) eigenvalues to (k,) values."""
        values = self.estimates(lambda nodes: function(nodes)[:, None])
        return Interval(
            value=float(values[0][0]), half_width=None if values[1] is None else float(values[1][0])
        )

    def estimates(self, function: Callable[[FloatArray], FloatArray]) -> tuple[FloatArray, FloatArray | None]:
        """Return (values, half widths) of many functions: `function` maps (k,) to (k, m)."""
        exact = function(self.outliers).sum(axis=0) if len(self.outliers) else 0.0
        if not self.probes:
            total = np.asarray(exact) / self.n
            return total, np.zeros_like(total)
        rest = self.n - len(self.outliers)
        rows = np.array(
            [(exact + rest * (probe.weights @ function(probe.nodes))) / self.n for probe in self.probes]
        )
        return rows.mean(axis=0), self._half_width(rows)

    def _half_width(self, rows: FloatArray) -> FloatArray | None:
        if len(rows) < 2:
            return None
        from scipy.stats import t

        factor = float(t.ppf(0.5 + CONFIDENCE / 2, len(rows) - 1))
        return np.asarray(factor * rows.std(axis=0, ddof=1) / np.sqrt(len(rows)))

    def moment(self, order: int) -> Interval:
        """Return (1/n) tr H^order."""
        return self.estimate(lambda nodes: nodes**order)

    def count(self, inside: Callable[[FloatArray], Mask]) -> Interval:
        """Return the number of eigenvalues for which `inside` holds."""
        found = self.estimate(lambda nodes: inside(nodes).astype(np.float64))
        width = found.half_width
        return Interval(value=self.n * found.value, half_width=None if width is None else self.n * width)

    def extreme(self, end: int) -> tuple[float, float]:
        """Return (eigenvalue, residual estimate) at an end: -1 the smallest, 1 the largest.

        Some eigenvalue lies within the residual of the value (proved for an exact residual); that none lies
        beyond is what random starts make likely.
        """
        values = np.concatenate([self.outliers, *(probe.nodes for probe in self.probes)])
        residuals = np.concatenate([self.outlier_residuals, *(probe.residuals for probe in self.probes)])
        place = int(np.argmax(end * values))
        return float(values[place]), float(residuals[place])

    @property
    def norm(self) -> float:
        """The spectral norm, as the larger extreme."""
        return max(abs(self.extreme(-1)[0]), abs(self.extreme(1)[0]))

    def rule(self) -> tuple[FloatArray, FloatArray]:
        """Return (nodes, weights) of the whole spectrum, weights summing to 1: the mean over the probes."""
        rest = (self.n - len(self.outliers)) / self.n
        nodes = np.concatenate([self.outliers, *(probe.nodes for probe in self.probes)])
        known = np.full(len(self.outliers), 1.0 / self.n)
        share = [probe.weights * (rest / len(self.probes)) for probe in self.probes]
        return nodes, np.concatenate([known, *share])

    def grid(self, points: int = GRID) -> FloatArray:
        """Return values of h that cover the spectrum with a margin of 3 %."""
        low, high = self.extreme(-1)[0], self.extreme(1)[0]
        margin = 0.03 * ((high - low) or 1.0)
        return np.linspace(low - margin, high + margin, points)

    @property
    def bell_width(self) -> float:
        """The standard deviation of the Gaussian that stands for one eigenvalue in files and figures."""
        return WIDTH_SHARE * ((self.extreme(1)[0] - self.extreme(-1)[0]) or 1.0)

    def density(self, grid: FloatArray, width: float) -> tuple[FloatArray, FloatArray | None]:
        """Return (density, half width) at the points of a grid, each eigenvalue a Gaussian of this width."""

        def bells(nodes: FloatArray) -> FloatArray:
            scaled = (grid[None, :] - nodes[:, None]) / width
            return np.asarray(np.exp(-0.5 * scaled**2) / (width * np.sqrt(2 * np.pi)))

        return self.estimates(bells)

    def to_json(self) -> dict[str, Any]:
        """Return nodes, weights and extremes; an exact spectrum of many eigenvalues lists its extremes only."""
        low, high = self.extreme(-1), self.extreme(1)
        listed = len(self.outliers) <= LISTED
        return {
            "n": self.n,
            "method": self.method,
            "exact": self.is_exact,
            "smallest": {"value": low[0], "residual": low[1]},
            "largest": {"value": high[0], "residual": high[1]},
            "deflated": self.outliers if listed else None,
            "deflated_residuals": self.outlier_residuals if listed else None,
            "deflation_complete": self.complete,
            "moments": {str(order): self.moment(order).to_json() for order in range(1, 5)},
            "probes": [
                {"nodes": probe.nodes, "weights": probe.weights, "residuals": probe.residuals}
                for probe in self.probes
            ],
        }


LISTED = 4096
"""An exact spectrum is listed in JSON up to so many eigenvalues."""
EXACT_RESIDUAL = 1e-12
"""Relative residual of LAPACK's eigenvalues, as stated with exact spectra."""


def exact_spectrum(values: npt.ArrayLike, method: str) -> Spectrum:
    """Return the spectrum of known eigenvalues."""
    found = np.sort(np.asarray(values, dtype=np.float64))
    scale = float(np.abs(found).max(initial=0.0))
    return Spectrum(
        n=len(found),
        outliers=found,
        outlier_residuals=np.full(len(found), EXACT_RESIDUAL * scale),
        probes=(),
        method=method,
    )
