r"""The even polynomials that single out the kernel: Dalzell's reflection and the Dolph-Chebyshev filter.

With $F(x) = T_l(z(x))/T_l(z(0))$, $z = (1+a^2-2x^2)/(1-a^2)$, $a = 1/\kappa$, and $\rho = 1/T_l(z(0))$: the filter
is F (1 at 0, at most $\rho$ on [a, 1]), the reflection $K = -1 + 2 (F + \rho)/(1 + \rho)$ (1 at 0, in
$[-1, -1 + 4\rho/(1+\rho)]$ on [a, 1]). Both have degree 2l and sup norm 1, attained at 0.

References: [dalzell2024] arXiv:2406.12086, section 4 (second-hand: QLSS 1.7; bounds measured in the tests).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import fft

from carlemanc.core.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelPolynomial:
    """An even polynomial of degree 2 `half_degree` that tells 0 from [1/kappa, 1].

    Args:
        kappa: above 1.
        half_degree: l, at least 1.
        form: "reflection" or "filter".
    """

    kappa: float
    half_degree: int
    form: Literal["reflection", "filter"]

    @property
    def degree(self) -> int:
        """2l."""
        return 2 * self.half_degree

    @property
    def rho(self) -> float:
        """1/T_l(z(0))."""
        return 1 / math.cosh(min(700.0, self.half_degree * _gamma(self.kappa)))

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """Return the values at points of [-1, 1]."""
        ratio = self._ratio(np.abs(np.asarray(x, dtype=np.float64)))
        if self.form == "filter":
            return ratio
        return np.asarray(-1 + 2 * (ratio + self.rho) / (1 + self.rho))

    def chebyshev_coefficients(self) -> FloatArray:
        """Return the (degree + 1,) coefficients of T_0, T_1, ...; the odd ones are zero."""
        size = self.degree + 1
        nodes = np.cos(math.pi * (np.arange(size) + 0.5) / size)
        coefficients = fft.dct(self(nodes), type=2) / size
        coefficients[0] /= 2
        coefficients[1::2] = 0.0
        return np.asarray(coefficients, dtype=np.float64)

    def _ratio(self, x: FloatArray) -> FloatArray:
        """Return T_l(z)/T_l(z(0)) without overflow and without 1 - |z| by subtraction (QLSS 1.3 (iii))."""
        a, half, gamma = 1 / self.kappa, self.half_degree, _gamma(self.kappa)
        inside = x < a
        result = np.empty_like(x)
        excess = 2 * (a - x[inside]) * (a + x[inside]) / ((1 - a) * (1 + a))
        angle = np.log1p(excess + np.sqrt(excess * (2 + excess)))
        result[inside] = (
            np.exp(half * (angle - gamma))
            * (1 + np.exp(-2 * half * angle))
            / (1 + math.exp(-2 * half * gamma))
        )
        y = x[~inside]
        theta = 2 * np.arctan2(np.sqrt((y - a) * (y + a)), np.sqrt(np.maximum((1 - y) * (1 + y), 0.0)))
        result[~inside] = np.cos(half * theta) * self.rho
        return result


def kernel_polynomial(kappa: float, rho: float, form: Literal["reflection", "filter"]) -> KernelPolynomial:
    """Return the polynomial of least degree with 1/T_l(z(0)) <= rho; l is about (kappa/2) ln(2/rho)."""
    kappa = max(kappa, 1 + 1e-6)
    half = max(1, math.ceil(math.acosh(max(1.0, 1 / rho)) / _gamma(kappa)))
    return KernelPolynomial(kappa=kappa, half_degree=half, form=form)


def _gamma(kappa: float) -> float:
    """Return acosh z(0) = 2 artanh(1/kappa)."""
    return 2 * math.atanh(1 / kappa)
