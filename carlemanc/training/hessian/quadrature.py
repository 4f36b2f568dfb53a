"""Stochastic Lanczos quadrature with the outliers taken out first.

1. One Lanczos run of `outlier_steps` finds eigenpairs at both ends. Those whose residual estimate is below
   `tolerance` times the spectral norm are converged; they are taken from the ends inward, the larger |h|
   first, up to the first at each end that is not converged, and at most `outliers` of them.
2. The probes, random Gaussian vectors without components along these, run in their complement.

Both runs keep every step in a log, so that they can be cut off anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray
from carlemanc.core.progress import task
from carlemanc.training.hessian.harvest import harvest
from carlemanc.training.hessian.probe_lanczos import Operator, Tridiagonal, Vectors, lanczos
from carlemanc.training.hessian.spectrum import Probe, Spectrum
from carlemanc.training.hessian.step_log import FileLog

LogMaker = Callable[[str, npt.NDArray[np.float32]], FileLog | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrature:
    """How a spectrum is estimated.

    Attributes:
        probes: random vectors; error bars need two.
        steps: Lanczos steps of each.
        outliers: most eigenvalues that are deflated.
        outlier_steps: Lanczos steps that look for them; 0 counts what converges in all probes (`harvest`).
        tolerance: residual of a converged eigenvalue, relative to the spectral norm.
        seed: of numpy's default_rng for all random vectors.
    """

    probes: int = 4
    steps: int = 60
    outliers: int = 20
    outlier_steps: int = 80
    tolerance: float = 1e-3
    seed: int = 0


def estimated_spectrum(
    operator: Operator, n: int, quadrature: Quadrature, *, log: LogMaker | None = None
) -> Spectrum:
    """Return the spectrum of a symmetric operator on n numbers.

    Args:
        operator: (k, n) float32 vectors to their products.
        n: its size.
        quadrature: how.
        log: returns the step log of a run, given its name and deflated vectors.
    """
    make = log or (lambda _name, _deflated: None)
    generator = np.random.default_rng(quadrature.seed)
    found = _outliers(operator, n, quadrature, generator, make)
    if len(found.values) == n:
        return _spectrum(found, n, (), complete=True)
    starts = _gaussian(generator, quadrature.probes, n)
    with task("probes", total=min(quadrature.steps, n - len(found.values))) as progress:
        runs = lanczos(
            operator,
            starts,
            steps=quadrature.steps,
            deflated=found.vectors,
            log=make("probes", found.vectors),
            after_step=progress.advance,
        )
    probes = tuple(_probe(run) for run in runs)
    spectrum = _spectrum(found, n, probes, complete=_is_complete(found, probes, quadrature.tolerance))
    if quadrature.outlier_steps == 0:
        return harvest(spectrum, tolerance=quadrature.tolerance, most=quadrature.outliers)
    return spectrum


def _spectrum(found: _Deflated, n: int, probes: tuple[Probe, ...], *, complete: bool) -> Spectrum:
    return Spectrum(
        n=n,
        outliers=found.values,
        outlier_residuals=found.residuals,
        probes=probes,
        method="lanczos",
        complete=complete,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Deflated:
    """Eigenpairs that are taken out: values ascending, `low` of them from the low end, `high` from the high."""

    values: FloatArray
    residuals: FloatArray
    vectors: Vectors
    low: int
    high: int


def _outliers(
    operator: Operator, n: int, quadrature: Quadrature, generator: np.random.Generator, make: LogMaker
) -> _Deflated:
    nothing = np.empty((0, n), dtype=np.float32)
    steps = min(quadrature.outlier_steps, n)
    if not steps or not quadrature.outliers:
        return _Deflated(values=np.empty(0), residuals=np.empty(0), vectors=nothing, low=0, high=0)
    start = _gaussian(generator, 1, n)
    with task("outliers", total=steps) as progress:
        run = lanczos(
            operator, start, steps=steps, log=make("outliers", nothing), after_step=progress.advance
        )[0]
    nodes, _, residuals = run.ritz()
    low, high = converged_ends(nodes, residuals, quadrature.tolerance, quadrature.outliers)
    chosen = np.r_[0:low, len(nodes) - high : len(nodes)]
    return _Deflated(
        values=nodes[chosen],
        residuals=residuals[chosen],
        vectors=run.ritz_vectors(chosen),
        low=low,
        high=high,
    )


def converged_ends(nodes: FloatArray, residuals: FloatArray, tolerance: float, most: int) -> tuple[int, int]:
    """Return how many nodes to take from the low and from the high end: converged, the larger |node| first.

    Args:
        nodes: (k,) ascending.
        residuals: (k,) their residual estimates.
        tolerance: of a converged node, relative to the largest |node|.
        most: taken together.
    """
    allowed = residuals <= tolerance * np.abs(nodes).max()
    low, high = 0, 0
    while low + high < min(most, len(nodes)):
        bottom, top = low, len(nodes) - 1 - high
        if allowed[top] and (abs(nodes[top]) >= abs(nodes[bottom]) or not allowed[bottom]):
            high += 1
        elif allowed[bottom]:
            low += 1
        else:
            break
    return low, high


def _probe(run: Tridiagonal) -> Probe:
    nodes, weights, residuals = run.ritz()
    return Probe(nodes=nodes, weights=weights, residuals=residuals)


def _is_complete(found: _Deflated, probes: tuple[Probe, ...], tolerance: float) -> bool:
    """Return whether no probe sees an eigenvalue beyond the innermost deflated one of its side."""
    rest = np.concatenate([probe.nodes for probe in probes])
    slack = tolerance * float(np.abs(found.values).max(initial=0.0))
    above = found.high and rest.max() > found.values[-found.high] + slack
    below = found.low and rest.min() < found.values[found.low - 1] - slack
    return not (above or below)


def _gaussian(generator: np.random.Generator, rows: int, n: int) -> Vectors:
    """Return random vectors of unit length."""
    found = generator.standard_normal((rows, n), dtype=np.float32)
    norms = np.sqrt(np.einsum("ij,ij->i", found, found, dtype=np.float64))
    return np.asarray(found / norms[:, None].astype(np.float32))
