"""Outliers read off the probes themselves, without a run of their own.

An eigenvalue at an end of the spectrum that has converged in every probe is known to its residual, whatever its
share of each random vector was: it is counted as one, and the rest of each probe's rule, scaled to weight 1, is the
rule of the complement (exactly so where the pair has converged, since the Krylov space of v then splits into
the eigenvector and that of v's remainder; derived here). This takes the chance of a single mode's weight out of
counts and moments. Simple eigenvalues are assumed, as everywhere one start vector cannot tell copies apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.training.hessian.spectrum import Probe, Spectrum


def harvest(spectrum: Spectrum, *, tolerance: float, most: int) -> Spectrum:
    """Return the spectrum with the ends that converged in all probes counted one by one.

    Args:
        spectrum: of probes, nothing deflated.
        tolerance: residual of a converged eigenvalue, and how far the probes may differ, relative to the norm.
        most: taken together.
    """
    allowed = tolerance * spectrum.norm
    low, high = 0, 0
    room = min([most, *(len(probe.nodes) - 1 for probe in spectrum.probes)])
    while low + high < room:
        bottom, top = (_agreed(spectrum.probes, place, allowed) for place in (low, -1 - high))
        if top is not None and (bottom is None or abs(top[0]) >= abs(bottom[0])):
            high += 1
        elif bottom is not None:
            low += 1
        else:
            break
    places = [*range(low), *range(-high, 0)]
    found = [_agreed(spectrum.probes, place, allowed) for place in places]
    pairs: FloatArray = np.array([pair for pair in found if pair is not None]).reshape(-1, 2)
    return replace(
        spectrum,
        outliers=pairs[:, 0],
        outlier_residuals=pairs[:, 1],
        probes=tuple(_rest(probe, low, high) for probe in spectrum.probes),
    )


def _agreed(probes: Sequence[Probe], place: int, allowed: float) -> tuple[float, float] | None:
    """Return (value, residual) of the probe that knows this node best; None where one has not converged."""
    values = np.array([probe.nodes[place] for probe in probes])
    residuals = np.array([probe.residuals[place] for probe in probes])
    if residuals.max() > allowed or np.ptp(values) > allowed:
        return None
    best = int(residuals.argmin())
    return float(values[best]), float(residuals[best])


def _rest(probe: Probe, low: int, high: int) -> Probe:
    kept = slice(low, len(probe.nodes) - high)
    weights = probe.weights[kept]
    return Probe(nodes=probe.nodes[kept], weights=weights / weights.sum(), residuals=probe.residuals[kept])
