r"""The odd polynomial of uniform singular value amplification: gain * x on [0, edge], at most 1 on [-1, 1].

$f \approx g x\, \mathrm{rect}(x)$ with a rectangle of two error functions that falls at $x = 1/g$, $g = (1 -
\delta)/\mathrm{edge}$: its width leaves the line alone up to `edge` and cuts it before it passes 1. Degree
$O((1/(\delta\,\mathrm{edge})) \log(1/\epsilon))$.

References: [low2017] arXiv:1707.05391, uniform spectral amplification (form from memory; error and sup
norm are measured on the polynomial itself, on 8 (d + 1) Chebyshev points).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.special import erf, erfcinv

from carlemanc.core.arrays import FloatArray

LARGEST_SUP = 0.995
"""Scaling of f where it comes nearer to 1: phases need longer FFTs there (QLSS 2.2)."""
MOST_POINTS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AmplificationPolynomial:
    """The polynomial with its certificate.

    Args:
        odd: (t,) coefficients of T_1, T_3, ...; the degree is 2t - 1.
        gain: the slope g.
        error: max |f(x) - gain x| on [0, edge], measured.
    """

    odd: FloatArray
    gain: float
    error: float

    @property
    def degree(self) -> int:
        """The degree, odd."""
        return 2 * len(self.odd) - 1

    def chebyshev_coefficients(self) -> FloatArray:
        """Return the (degree + 1,) coefficients, the even ones zero."""
        coefficients = np.zeros(self.degree + 1)
        coefficients[1::2] = self.odd
        return coefficients


def amplification_polynomial(edge: float, delta: float, epsilon: float) -> AmplificationPolynomial:
    """Return the polynomial of least degree found whose error is at most epsilon.

    Args:
        edge: largest singular value, in (0, 1).
        delta: what is left between gain * edge and 1, in (0, 1).
        epsilon: bound on |f(x) - gain x| for x in [0, edge].

    Raises ValueError where the degree would pass 2^19.
    """
    fall = edge / (1 - delta)
    steepness = float(erfcinv(epsilon)) / (fall - edge)
    points = 1 << max(6, math.ceil(math.log2(16 * (steepness + 1))))
    if points > MOST_POINTS:
        raise ValueError(f"the amplification polynomial would need {points} points")
    x = np.cos(np.pi * (np.arange(points) + 0.5) / points)
    rectangle = (erf(steepness * (x + fall)) - erf(steepness * (x - fall))) / 2
    series = fft.dct(x * rectangle / fall, type=2) / points
    odd = series[1::2]
    tails = np.append(np.cumsum(np.abs(odd[::-1]))[::-1], 0.0)
    length = max(1, int(np.argmax(tails <= epsilon / 2)))
    return _certified(odd[:length], 1 / fall, edge)


def _certified(odd: FloatArray, gain: float, edge: float) -> AmplificationPolynomial:
    """Measure sup norm and error; scale down where |f| comes too near 1."""
    number = 16 * len(odd)
    padded = np.zeros(number)
    padded[1 : 2 * len(odd) : 2] = odd / 2
    x = np.cos(np.pi * (np.arange(number) + 0.5) / number)
    values = fft.dct(padded, type=3)
    scale = min(1.0, LARGEST_SUP / float(np.abs(values).max()))
    inside = np.append(np.abs(x) <= edge, False)[:-1]
    error = float(np.abs(values - gain * x)[inside].max(initial=0.0))
    at_edge = float(np.polynomial.chebyshev.chebval(edge, np.insert(odd, np.arange(len(odd)), 0.0)))
    error = max(error, abs(at_edge - gain * edge))
    return AmplificationPolynomial(odd=scale * odd, gain=scale * gain, error=scale * error)
