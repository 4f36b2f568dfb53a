"""Where the likelihood of binomial outcomes with odds sin^2(L theta) is largest, over all theta in [0, pi/2].

A cell's odds are the mean over it, so that none is excluded because its middle lies on a zero.

The likelihood of the deepest circuits has thousands of peaks. A grid that is fine enough for the shallow ones is cut
down to where their likelihood is within e^-`KEPT` of its largest, refined for the next deeper ones, and so on: the
theta found is the largest of all but where the shallow circuits speak against it by that factor.
"""

from __future__ import annotations

import math

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray

KEPT = 18.0
"""Cells whose log-likelihood is this far below the largest are dropped."""
_POINTS = 16
"""Cells in pi/2 of phase L theta: the likelihood is smooth within one."""
_LEAST = 1e-12
"""Odds are kept this far from 0 and 1."""


def most_likely(depths: IntArray, shots: IntArray, hits: IntArray, resolution: float) -> float:
    """Return theta, radians.

    Args:
        depths: (g,) L of each group of circuits.
        shots: (g,) runs.
        hits: (g,) runs that showed the event.
        resolution: half width of the last cells, radians.
    """
    order = np.argsort(depths, kind="stable")
    depths, shots, hits = depths[order], shots[order], hits[order]
    half = math.pi / 4 / _POINTS
    cells: FloatArray = np.asarray(half * (2 * np.arange(_POINTS) + 1), dtype=np.float64)
    score = np.zeros(len(cells))
    start = 0
    while start < len(depths):
        stop = int(np.searchsorted(depths, 1.5 * depths[start], side="right"))
        while half > math.pi / (2 * _POINTS * depths[stop - 1]):
            cells, half = _halved(cells, half)
        score = log_likelihood(cells, depths[:stop], shots[:stop], hits[:stop], half)
        cells, score = _kept(cells, score, KEPT)
        start = stop
    while half > resolution:
        cells, half = _halved(cells, half)
        score = log_likelihood(cells, depths, shots, hits, half)
        cells, score = _kept(cells, score, KEPT / 4)
    return float(cells[np.argmax(score)])


def log_likelihood(
    angles: FloatArray, depths: IntArray, shots: IntArray, hits: IntArray, half: float = 0.0
) -> FloatArray:
    """Return the logarithm of the likelihood at each angle, odds averaged within `half` of it, up to a constant."""
    contrast = np.sinc(2 * half / math.pi * depths)
    odds = (1 - np.cos(2 * np.multiply.outer(angles, depths)) * contrast) / 2
    odds = np.clip(odds, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(odds) @ hits + np.log1p(-odds) @ (shots - hits))


def _halved(cells: FloatArray, half: float) -> tuple[FloatArray, float]:
    return np.stack([cells - half / 2, cells + half / 2], axis=1).reshape(-1), half / 2


def _kept(cells: FloatArray, score: FloatArray, margin: float) -> tuple[FloatArray, FloatArray]:
    keep = score >= score.max() - margin
    return cells[keep], score[keep]
