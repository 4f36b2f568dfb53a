"""How far the entries of F_l that were dropped as rounding can move u(T): a scalar recursion, for any system.

The map that is compiled is G, the one that was meant G + D with ||D_l|| <= d_l (`PolynomialMap.dropped`). For the
distance e of their trajectories from one start, with ||u(t)|| <= v(t) along that of G,

    e(t+1) <= sum_l g_l ((v + e)^l - v^l) + sum_l d_l (v + e)^l,     g_l = ||G_l Pi_sym||,     e(0) = 0,

since G_l((u + w)^(x)l) - G_l(u^(x)l) has a factor w in each of the 2^l - 1 terms that are left (proved; derived here).
Each step is rounded up; it is infinite where it overflows. How much was dropped is itself a matter of the last bits: so
where floats entered a map, the bound is at least `NEGLIGIBLE` times the largest ||u(t)||, which is the same everywhere
and in nearly every case the larger of the two. It is zero for maps that are known as rational numbers.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.majorant import OVERFLOW, sequence_majorant
from carlemanc.carleman.map_norms import ROUND_UP, norms_of_each, symmetrized_norms
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomials.coefficients import NEGLIGIBLE
from carlemanc.model.weights import Point


def dropped_error(sequence: MapSequence, u_in: npt.ArrayLike | Point) -> float:
    """Return a bound of ||u(T) - u'(T)||_2, u' that of the maps with the dropped entries; inf if none is finite."""
    if all(item.is_shaped or item.is_exact for item in sequence.maps):
        return 0.0
    lost = [{} if item.is_shaped else item.dropped for item in sequence.maps]
    norms = norms_of_each(sequence.maps, symmetrized_norms)
    sizes = (sizes_along(sequence, u_in) * ROUND_UP).tolist()
    if not all(map(math.isfinite, sizes)):
        sizes = sequence_majorant([norms[index].steps for index in sequence.schedule], norms[0].vector(u_in))
    largest = float(max(sizes))
    if not any(lost):
        return NEGLIGIBLE * largest
    error = 0.0
    for index, size in zip(sequence.schedule, sizes, strict=False):
        if not size + error < OVERFLOW:
            return math.inf
        error = _step(norms[index].steps, lost[index], size, error) * (1 + 1e-12)
    return max(error, NEGLIGIBLE * largest)


def _step(steps: tuple[float, ...], lost: dict[int, float], size: float, error: float) -> float:
    with np.errstate(over="ignore"):
        moved = sum(
            g * math.comb(degree, k) * np.float64(size) ** (degree - k) * np.float64(error) ** k
            for degree, g in enumerate(steps)
            for k in range(1, degree + 1)
        )
        fresh = sum(value * np.float64(size + error) ** degree for degree, value in lost.items())
    return float(moved + fresh)
