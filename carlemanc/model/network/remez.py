"""The best uniform approximation of a function by a polynomial of given degree, by the exchange algorithm.

One point is exchanged at a time on a finite grid of Chebyshev points, where the algorithm ends after finitely
many exchanges because the leveled error grows with each (Remez 1934; Cheney, Introduction to Approximation
Theory, chapter 3). The result is used through its remainder, which `approximation.py` bounds afterwards, so
an early stop costs accuracy and never correctness.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.polynomial import chebyshev

from carlemanc.core.arrays import FloatArray, IntArray

GRID = 4_001
MAX_EXCHANGES = 2_000
TOLERANCE = 1e-10
"""Relative excess of the largest error over the leveled one at which the exchange ends."""


def best_uniform(
    function: Callable[[FloatArray], FloatArray], degree: int, kinks: Sequence[float] = ()
) -> FloatArray:
    """Return the Chebyshev coefficients, shape (degree + 1,), of the best polynomial on [-1, 1].

    Args:
        function: on arrays of points in [-1, 1].
        degree: of the polynomial.
        kinks: points to add to the grid, where the slope of the function jumps.
    """
    grid = np.union1d(-np.cos(np.pi * np.arange(GRID) / (GRID - 1)), [k for k in kinks if -1 < k < 1])
    wanted = np.asarray(function(grid), dtype=np.float64)
    basis = chebyshev.chebvander(grid, degree)
    places = np.unique(np.rint(np.linspace(0, len(grid) - 1, degree + 2)).astype(np.int64))
    signs = (-1.0) ** np.arange(degree + 2)
    for _ in range(MAX_EXCHANGES):
        system = np.column_stack((basis[places], signs))
        coefficients = np.linalg.solve(system, wanted[places])[:-1]
        error = wanted - basis @ coefficients
        worst = int(np.argmax(np.abs(error)))
        level = float(np.abs(error[places]).max())
        if abs(error[worst]) <= level * (1 + TOLERANCE) + 1e-16 * np.abs(wanted).max():
            break
        places = _exchanged(places, error, worst)
    return np.asarray(coefficients, dtype=np.float64)


def _exchanged(places: IntArray, error: FloatArray, worst: int) -> IntArray:
    """Return the reference with `worst` in place of a neighbor, the signs of the error still alternating."""
    result = places.copy()
    behind = int(np.searchsorted(places, worst))
    same = [np.sign(error[place]) == np.sign(error[worst]) for place in places]
    if behind == 0:
        if same[0]:
            result[0] = worst
        else:
            result = np.concatenate(([worst], places[:-1]))
    elif behind == len(places):
        if same[-1]:
            result[-1] = worst
        else:
            result = np.concatenate((places[1:], [worst]))
    else:
        result[behind if same[behind] else behind - 1] = worst
    return result
