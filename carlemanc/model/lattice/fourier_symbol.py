"""The largest value of a Fourier symbol over all wave vectors, as a proved upper bound.

f(phi) = sum over classes of |sum_s c_s exp(i phi . o_s)|^2 is a trigonometric polynomial with real
coefficients, f = sum_m w_m cos(phi . d_m). Branch and bound: on a cell with center phi and half widths h,

    f <= f(phi) + |grad f(phi)| . h + (1/2) h^T K h,    K_ab = sum_m |w_m d_ma d_mb|,

and cells that cannot hold the maximum are dropped. Proved (Taylor); derived here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray

_START = 8
"""Cells per axis to begin with."""
_MOST_CELLS = 40_000
_LEVELS = 50
_TOLERANCE = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Convolution:
    """One class of columns: `coefficients` (k,) at `offsets` (k, D)."""

    coefficients: FloatArray
    offsets: IntArray


def largest_symbol(classes: Sequence[Convolution], *, at_most: float = math.inf) -> float:
    """Return sqrt(max f), rounded up; `at_most` is a known bound, at which the search may stop."""
    if not classes:
        return 0.0
    weights, steps = _cosines(classes)
    dimension = steps.shape[1]
    scale = float(np.abs(weights).max(initial=0.0))
    if not 0.0 < scale < math.inf:
        return at_most if scale else 0.0
    weights = weights / scale
    half = np.full(dimension, math.pi / _START)
    axis = -math.pi + half[0] * (2 * np.arange(_START) + 1)
    centers = np.stack(np.meshgrid(*[axis] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
    best = float(_values(weights, steps, np.zeros((1, dimension)))[0])
    bound = math.inf
    curvature = np.einsum("m,ma,mb->ab", np.abs(weights), np.abs(steps), np.abs(steps))
    for _ in range(_LEVELS):
        values = _values(weights, steps, centers)
        slopes = np.abs(np.sin(centers @ steps.T) @ (weights[:, None] * steps))
        ceilings = values + slopes @ half + 0.5 * half @ curvature @ half
        best = max(best, float(values.max()))
        bound = max(float(ceilings.max()), best * (1.0 + 0.5 * _TOLERANCE))
        if bound <= best * (1.0 + _TOLERANCE) or best * scale >= at_most**2 * (1.0 - _TOLERANCE):
            break
        centers = centers[ceilings > best * (1.0 + 0.5 * _TOLERANCE)]
        if not len(centers) or len(centers) * 2**dimension > _MOST_CELLS:
            break
        half = half / 2
        signs = np.stack(np.meshgrid(*[[-1.0, 1.0]] * dimension, indexing="ij"), axis=-1)
        centers = (centers[:, None, :] + signs.reshape(1, -1, dimension) * half).reshape(-1, dimension)
    return min(math.sqrt(bound * scale) * (1.0 + 1e-14), at_most)


def _values(weights: FloatArray, steps: FloatArray, points: FloatArray) -> FloatArray:
    return np.asarray(np.cos(points @ steps.T) @ weights)


def _cosines(classes: Sequence[Convolution]) -> tuple[FloatArray, FloatArray]:
    """Return w (m,) and d (m, D), equal and opposite d merged."""
    found: dict[tuple[int, ...], float] = {}
    for item in classes:
        values, offsets = item.coefficients.tolist(), item.offsets.tolist()
        for first, start in zip(values, offsets, strict=True):
            for second, end in zip(values, offsets, strict=True):
                step = tuple(a - b for a, b in zip(start, end, strict=True))
                step = max(step, tuple(-a for a in step))
                found[step] = found.get(step, 0.0) + first * second
    return np.array(list(found.values())), np.array(list(found), dtype=np.float64)
