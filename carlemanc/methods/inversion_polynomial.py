r"""The odd polynomials that invert singular values: the relative-error and the absolute-error optimum.

Comes in: $\kappa$ (singular values of $A/\alpha$ lie in $[1/\kappa, 1]$) and $\epsilon$. Goes out: a
polynomial $P(x) \approx 1/x$ as exact formula, as Chebyshev coefficients, and with its sup norm on $[-1, 1]$.

Both are $P(x) = (1 - F(A(x))/F(\gamma))/x$ with $a = 1/\kappa$, $\cosh A(x) = z(x) = (1+a^2-2x^2)/(1-a^2)$,
$\gamma = A(0)$ and

* relative optimum, the Chebyshev iteration: $F(A) = \cosh tA = T_t(z)$. It is the minimizer of
  $\max_{[a,1]} |xP(x) - 1|$ over odd polynomials of degree $2t-1$ (QLSS fact 1; derived here from the
  extremal property of $T_t$ in the variable $x^2$);
* absolute optimum, the minimizer of $\max_{[a,1]} |P(x) - 1/x|$ (Sünderhauf et al. 2025, Theorem 1):
  $F(A) = T_t - r T_{t-1}$, $r = (1-a)/(1+a) = e^{-\gamma}$.

Evaluation never subtracts nearly equal numbers (QLSS 1.3 (iii)): with $m = t - 1/2$,
$T_t - r T_{t-1} = (1-r)\cosh tA + 2r \sinh mA \sinh(A/2)$, a sum of positive terms whose differences factor.

References: [sunderhauf2025] Sünderhauf, Németh, Walayat, Patterson, Berntson, arXiv:2507.15537.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import fft

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem

SUP_NORM_TOLERANCE = 1e-9
"""Relative width of the enclosure `InversionPolynomial.sup_norm` is the upper end of."""
_SMALLEST_KAPPA = 1.0 + 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class InversionPolynomial:
    """The optimal odd polynomial of degree `2 * terms - 1` near 1/x on [1/kappa, 1].

    Args:
        kappa: 1/kappa is the smallest singular value the polynomial serves; above 1.
        terms: t, the number of odd Chebyshev coefficients.
        criterion: which error it minimizes, |x P - 1| ("relative") or |P - 1/x| ("absolute").
    """

    kappa: float
    terms: int
    criterion: Literal["relative", "absolute"]

    @property
    def degree(self) -> int:
        """The degree, odd: queries to the block encoding."""
        return 2 * self.terms - 1

    @property
    def error(self) -> float:
        """The attained minimax error on [1/kappa, 1] (closed form; proved); bounds |x P - 1| either way."""
        if self.criterion == "relative":
            return 1.0 / math.cosh(min(self.terms * _gamma(self.kappa), 700.0))
        a = 1.0 / self.kappa
        return math.exp(self.terms * math.log1p(-a) - (self.terms - 1) * math.log1p(a)) / a

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """Return P at points of [-1, 1] (any shape), to about machine precision times kappa."""
        points = np.asarray(x, dtype=np.float64)
        size = np.abs(points)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = self._complement(size) / size
        return np.sign(points) * np.where(size == 0, 0.0, values)

    def chebyshev_coefficients(self) -> FloatArray:
        """Return the (terms,) coefficients of T_1, T_3, ..., T_degree.

        Interpolation at the zeros of T_(degree+1), a DCT-IV of the values on half of them: O(d log d), exact
        up to rounding because the polynomial has that degree.
        """
        # the zeros cos((2j+1) pi/4t) as sines, so that the small ones keep their relative precision
        nodes = np.sin((2 * np.arange(self.terms)[::-1] + 1) * (math.pi / (4 * self.terms)))
        values = self(nodes)
        return np.asarray(fft.dct(values, type=4) / self.terms, dtype=np.float64)

    @property
    def sup_norm(self) -> float:
        """An upper bound on max |P| over [-1, 1], at most `SUP_NORM_TOLERANCE` above the maximum (relative).

        Proved up to rounding (derived here): on [a, 1] |P| <= (1 + error)/x or 1/x + error; on [0, a] the
        numerator h = x P is increasing and concave in x^2 (F is convex in z for z >= 1), so P <=
        h(right)/left on any cell, and a cell that cannot hold the maximum is dropped while the others are
        halved.
        """
        return _sup_norm(self)

    def _complement(self, x: FloatArray) -> FloatArray:
        """Return 1 - F(A(x))/F(gamma) for x >= 0."""
        a = 1.0 / self.kappa
        inside = x < a
        result = np.empty_like(x)
        result[inside] = self._complement_inside(x[inside], a)
        result[~inside] = 1.0 - self._ratio_outside(x[~inside], a)
        return result

    def _complement_inside(self, x: FloatArray, a: float) -> FloatArray:
        """Return (F(gamma) - F(A))/F(gamma) for x < a as a sum of positive terms, scaled by e^(-t gamma)."""
        t, m, gamma, r = self.terms, self.terms - 0.5, _gamma(self.kappa), self._mix
        square = (1 - a) * (1 + a)
        excess = 2 * (a - x) * (a + x) / square  # z - 1
        below = 2 * x * x / square  # z(0) - z
        z0 = (1 + a * a) / square
        sinh0, sinh = 2 * a / square, np.sqrt(excess * (2 + excess))
        z = 1 + excess
        angle = np.log1p(excess + sinh)
        drop = np.arcsinh(below * (z0 + z) / (sinh0 * z + z0 * sinh))  # gamma - A(x)
        total = gamma + angle
        # cosh(t gamma) - cosh(t A) = 2 sinh(t total/2) sinh(t drop/2), and e^(-t gamma) splits between the
        # two
        main = np.expm1(-t * total) * np.expm1(-t * drop) / 2
        if r == 0.0:
            return np.asarray(main / self._scaled_denominator(), dtype=np.float64)
        # sinh(m g) sinh(g/2) - sinh(m A) sinh(A/2), both differences again as products
        first = (1 + np.exp(-m * total)) * -np.expm1(-m * drop) / 2 * math.sinh(gamma / 2)
        second = np.exp(-m * drop) * -np.expm1(-2 * m * angle) / 2
        second = second * 2 * np.cosh((gamma + angle) / 4) * np.sinh(drop / 4)
        side = 2 * (first + second) * math.exp(-gamma / 2)
        return np.asarray(((1 - r) * main + r * side) / self._scaled_denominator(), dtype=np.float64)

    def _ratio_outside(self, x: FloatArray, a: float) -> FloatArray:
        """Return F(A(x))/F(gamma) for a <= x <= 1, where A = i theta."""
        t, r = self.terms, self._mix
        theta = 2 * np.arctan2(np.sqrt((x - a) * (x + a)), np.sqrt(np.maximum((1 - x) * (1 + x), 0.0)))
        value = (1 - r) * np.cos(t * theta) - 2 * r * np.sin((t - 0.5) * theta) * np.sin(theta / 2)
        decay = math.exp(-min(t * _gamma(self.kappa), 740.0))
        return np.asarray(value * decay / self._scaled_denominator(), dtype=np.float64)

    @property
    def _mix(self) -> float:
        a = 1.0 / self.kappa
        return (1 - a) / (1 + a) if self.criterion == "absolute" else 0.0

    def _scaled_denominator(self) -> float:
        """Return F(gamma) e^(-t gamma)."""
        gamma = _gamma(self.kappa)
        if self.criterion == "relative":
            return (1 + math.exp(-2 * self.terms * gamma)) / 2
        return math.exp(-gamma) * math.sinh(gamma)


def relative_error_polynomial(kappa: float, epsilon: float) -> InversionPolynomial:
    """Return the odd polynomial of least degree with |x P(x) - 1| <= epsilon on [1/kappa, 1].

    Its degree is about kappa ln(2/epsilon). Raises InputError where kappa is below 1 or not finite, or
    epsilon is outside (0, 1).
    """
    kappa = _checked(kappa, epsilon)
    terms = max(1, math.ceil(math.acosh(1 / epsilon) / _gamma(kappa)))
    return InversionPolynomial(kappa=kappa, terms=terms, criterion="relative")


def absolute_error_polynomial(kappa: float, epsilon: float) -> InversionPolynomial:
    """Return the odd polynomial of least degree with |P(x) - 1/x| <= epsilon on [1/kappa, 1].

    Sünderhauf et al. 2025, Theorem 1; degree about kappa ln(kappa/epsilon). Raises InputError as
    `relative_error_polynomial` does, but epsilon may be anything below kappa (where P = 0 would do).
    """
    kappa = _checked(kappa, epsilon, largest=max(kappa, 1.0))
    a = 1 / kappa
    steps = (math.log(1 / epsilon) + math.log(kappa) + math.log1p(a)) / _gamma(kappa)
    return InversionPolynomial(kappa=kappa, terms=max(1, math.ceil(steps)), criterion="absolute")


@lru_cache(maxsize=64)
def _sup_norm(polynomial: InversionPolynomial) -> float:
    a = 1.0 / polynomial.kappa
    outside = (
        polynomial.kappa * (1 + polynomial.error)
        if polynomial.criterion == "relative"
        else polynomial.kappa + polynomial.error
    )
    left = np.linspace(a / 64, a, 65)[:-1]
    right = left + a / 64
    # Left of the first cell h <= h'(0) x^2, again by concavity, so P <= P'(0) a/64.
    slope = float(polynomial(np.asarray([a * 1e-6]))[0]) / (a * 1e-6)
    best = max(slope * a / 64, outside)
    while True:
        low, high = polynomial(left), polynomial(right)
        best = max(best, float(low.max()), float(high.max()))
        upper = high * right / left
        alive = upper > best * (1 + SUP_NORM_TOLERANCE)
        if not alive.any():
            return best * (1 + SUP_NORM_TOLERANCE)
        left, right = left[alive], right[alive]
        middle = (left + right) / 2
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])


def _gamma(kappa: float) -> float:
    """Return acosh((1+a^2)/(1-a^2)) = 2 artanh(a), a = 1/kappa."""
    return 2 * math.atanh(1 / kappa)


def _checked(kappa: float, epsilon: float, largest: float = 1.0) -> float:
    problems = []
    if not (math.isfinite(kappa) and kappa >= 1 - 1e-9):
        problems.append(
            Problem(
                where="effective condition number alpha * ||L^-1||",
                found=repr(kappa),
                allowed="a finite number, at least 1",
                help="alpha is at least ||L||; a system whose inverse has no finite bound cannot be inverted",
            )
        )
    if not 0 < epsilon < largest:
        problems.append(
            Problem(
                where="solver.epsilon", found=repr(epsilon), allowed=f"a number between 0 and {largest:g}"
            )
        )
    if problems:
        raise InputError("the inversion polynomial does not exist for these numbers", problems)
    return max(kappa, _SMALLEST_KAPPA)
