"""The scalar majorant: Carleman's own matrix for the polynomial g(x) = sum ||G_l|| x^l.

||B^j_k|| <= b_jk = [x^k] g(x)^j in any norm that multiplies over tensor products (THEORY 2.4, 3.2). With
`corrections` = p the kept part of row j is sum over m <= p factors F; both that part and the dropped part
have majorants built from ||F_l||, and the kept part is also at most (whole + dropped), which keeps the
contraction ||I + F_1|| < 1 visible; the smaller bound is used entry by entry. Derived here, proved by the
triangle inequality.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.carleman.map_norms import MapNorms
from carlemanc.core.arrays import FloatArray

Matrix = FloatArray
OVERFLOW = 1e100
"""Norms of u beyond which nothing is computed; a bound there would say nothing."""
_ULP = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Majorant:
    """Bounds of the block norms, rows j = 1..N, columns k = 0..Nq, in units where u is measured in `unit`."""

    kept: Matrix
    """Bounds of the kept blocks (before truncation of the columns)."""
    dropped: Matrix
    """Bounds of what `corrections` leaves out; 0 for the exact matrix."""

    @property
    def order(self) -> int:
        """N."""
        return len(self.kept)


def majorant(norms: MapNorms, *, order: int, unit: float = 1.0, corrections: int | None = None) -> Majorant:
    """Return the majorant of the Carleman rows 1..order in units of `unit` (g_l becomes g_l unit^(l-1))."""
    g, f = _in_units(norms.steps, unit), _in_units(norms.factors, unit)
    whole = powers(g, order)
    if corrections is None:
        return Majorant(kept=whole, dropped=np.zeros_like(whole))
    kept, dropped = np.zeros_like(whole), np.zeros_like(whole)
    for j in range(1, order + 1):
        for m in range(j + 1):
            target = kept if m <= corrections else dropped
            target[j - 1] += math.comb(j, m) * _shifted_power(f, m, j - m, whole.shape[1])
    return Majorant(kept=np.minimum(kept, whole + dropped), dropped=dropped)


def _in_units(norms: tuple[float, ...], unit: float) -> list[float]:
    """Return g_l unit^(l-1); inf where that overflows (silently, inside the caller's errstate)."""
    scale = np.float64(unit)
    return [float(value * scale ** (degree - 1)) if value else 0.0 for degree, value in enumerate(norms)]


def powers(coefficients: list[float], order: int) -> Matrix:
    """Return the coefficients of g, g^2, ..., g^order, shape (order, order * q + 1).

    >>> powers([0.0, 1.0, 2.0], 2)
    array([[0., 1., 2., 0., 0.],
           [0., 0., 1., 4., 4.]])
    """
    table = np.zeros((order, order * (len(coefficients) - 1) + 1))
    power = np.ones(1)
    for row in table:
        power = np.convolve(power, coefficients)
        row[: power.size] = power
    return table


def _shifted_power(f: list[float], m: int, shift: int, length: int) -> FloatArray:
    """Return the coefficients of x^shift f(x)^m, padded to `length`."""
    power = np.ones(1)
    for _ in range(m):
        power = np.convolve(power, f)
    row = np.zeros(length)
    row[shift : shift + power.size] = power
    return row


def evaluate(coefficients: tuple[float, ...] | list[float], x: float) -> float:
    """Return g(x) by Horner's rule; inf instead of an overflow."""
    value = 0.0
    for coefficient in reversed(coefficients):
        value = coefficient if value == 0.0 else value * x + coefficient
    return value


def sequence_majorant(steps: Sequence[tuple[float, ...]], x0: float) -> list[float]:
    """Return v(0..T) with v(t+1) = g(v(t)), g = `steps[t]`, rounded up; inf from the first overflow on."""
    sizes = [float(x0)]
    for norms in steps:
        slack = 1.0 + 4 * len(norms) * _ULP
        sizes.append(evaluate(norms, sizes[-1]) * slack if sizes[-1] < OVERFLOW else math.inf)
    return sizes
