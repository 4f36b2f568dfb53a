"""Activation functions: values, slopes and Taylor coefficients at any point, and bounds on their derivatives.

`series(z, order)` returns sigma^(k)(z)/k! for k = 0..order by recurrences of truncated power series (automatic
differentiation in one variable), so that jets of a network need no numerical differentiation. Derivative
bounds are global (all real z) and make remainders of fits rigorous (`approximation.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from carlemanc.core.arrays import FloatArray


class ScalarFunction(Protocol):
    """A function of one real variable that a network applies to each number."""

    @property
    def name(self) -> str:
        """What it is called in a spec."""

    @property
    def degree(self) -> int | None:
        """The degree of a polynomial, None for any other function."""

    def value(self, z: FloatArray) -> FloatArray:
        """Return sigma(z), the shape of z."""

    def slope(self, z: FloatArray) -> FloatArray:
        """Return sigma'(z), the shape of z."""

    def series(self, z: FloatArray, order: int) -> FloatArray:
        """Return sigma^(k)(z)/k! for k = 0..order, shape (order + 1, *z.shape)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Monomial:
    """z^power: identity, square, cubic."""

    name: str
    power: int

    @property
    def degree(self) -> int:
        """The power."""
        return self.power

    def value(self, z: FloatArray) -> FloatArray:
        """Return z^power."""
        return np.asarray(z**self.power)

    def slope(self, z: FloatArray) -> FloatArray:
        """Return power z^(power - 1)."""
        return np.asarray(self.power * z ** (self.power - 1))

    def series(self, z: FloatArray, order: int) -> FloatArray:
        """Return binomial(power, k) z^(power - k); zero beyond the power."""
        result = np.zeros((order + 1, *z.shape))
        for k in range(min(order, self.power) + 1):
            result[k] = math.comb(self.power, k) * z ** (self.power - k)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Smooth:
    """A function that is no polynomial.

    Attributes:
        name: what it is called in a spec.
        curvature: a bound on |sigma''| over the real line, away from `kinks`.
        jerk: a bound on |sigma'''| over the real line, away from `kinks`.
        kinks: where the slope jumps.
    """

    name: str
    curvature: float
    jerk: float
    kinks: tuple[float, ...]
    value: Callable[[FloatArray], FloatArray]
    """sigma(z), the shape of z."""
    slope: Callable[[FloatArray], FloatArray]
    """sigma'(z); at a kink the smaller of the two slopes."""
    series: Callable[[FloatArray, int], FloatArray]
    """sigma^(k)(z)/k! for k = 0..order; at a kink, of the branch that `slope` takes."""

    @property
    def degree(self) -> None:
        """None: not a polynomial."""
        return None


def _product(left: list[FloatArray], right: list[FloatArray], k: int) -> FloatArray:
    """Return coefficient k of the product of two power series known up to k."""
    return np.asarray(sum(left[i] * right[k - i] for i in range(k + 1)))


def _tanh_series(z: FloatArray, order: int) -> FloatArray:
    """tanh' = 1 - tanh^2."""
    a: list[FloatArray] = [np.tanh(z)]
    for k in range(order):
        a.append(((k == 0) - _product(a, a, k)) / (k + 1))
    return np.stack(a)


def _sigmoid_series(z: FloatArray, order: int) -> FloatArray:
    """s' = s (1 - s), the constant taken as s(z) s(-z), which stays accurate where s is near 1."""
    a: list[FloatArray] = [special.expit(z)]
    if order:
        a.append(special.expit(z) * special.expit(-z))
    for k in range(1, order):
        a.append((a[k] - _product(a, a, k)) / (k + 1))
    return np.stack(a)


def _softplus_series(z: FloatArray, order: int) -> FloatArray:
    """softplus' = sigmoid."""
    result = np.empty((order + 1, *z.shape))
    result[0] = np.logaddexp(0.0, z)
    if order:
        divisors = np.arange(1, order + 1).reshape(-1, *[1] * z.ndim)
        result[1:] = _sigmoid_series(z, order - 1) / divisors
    return result


def _gelu_series(z: FloatArray, order: int) -> FloatArray:
    """gelu = z Phi(z), Phi' = phi, phi' = -z phi."""
    density: list[FloatArray] = [_density(z)]
    for k in range(order):
        before = density[k - 1] if k else np.zeros_like(z)
        density.append(-(z * density[k] + before) / (k + 1))
    phi = [special.ndtr(z), *[density[k] / (k + 1) for k in range(order)]]
    return np.stack([z * phi[k] + (phi[k - 1] if k else 0.0) for k in range(order + 1)])


def _relu_series(z: FloatArray, order: int) -> FloatArray:
    result = np.zeros((order + 1, *z.shape))
    result[0] = np.maximum(z, 0.0)
    if order:
        result[1] = z > 0
    return result


def _density(z: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi))


def _tanh_slope(z: FloatArray) -> FloatArray:
    return np.asarray(4.0 * special.expit(2 * z) * special.expit(-2 * z))


_SQRT3 = math.sqrt(3.0)

IDENTITY = Monomial(name="identity", power=1)
SQUARE = Monomial(name="square", power=2)
CUBIC = Monomial(name="cubic", power=3)
TANH = Smooth(
    name="tanh",
    curvature=4 / (3 * _SQRT3),
    jerk=2.0,
    kinks=(),
    value=np.tanh,
    slope=_tanh_slope,
    series=_tanh_series,
)
SIGMOID = Smooth(
    name="sigmoid",
    curvature=1 / (6 * _SQRT3),
    jerk=0.125,
    kinks=(),
    value=special.expit,
    slope=lambda z: np.asarray(special.expit(z) * special.expit(-z)),
    series=_sigmoid_series,
)
SOFTPLUS = Smooth(
    name="softplus",
    curvature=0.25,
    jerk=1 / (6 * _SQRT3),
    kinks=(),
    value=lambda z: np.asarray(np.logaddexp(0.0, z)),
    slope=special.expit,
    series=_softplus_series,
)
RELU = Smooth(
    name="relu",
    curvature=0.0,
    jerk=0.0,
    kinks=(0.0,),
    value=lambda z: np.asarray(np.maximum(z, 0.0)),
    slope=lambda z: np.asarray(z > 0, dtype=np.float64),
    series=_relu_series,
)
GELU = Smooth(
    name="gelu",
    curvature=2 / math.sqrt(2 * math.pi),
    jerk=0.8,
    kinks=(),
    value=lambda z: np.asarray(z * special.ndtr(z)),
    slope=lambda z: np.asarray(special.ndtr(z) + z * _density(z)),
    series=_gelu_series,
)
"""Bounds: calculus on sigma'' and sigma''' (derived here; that of gelu''' is rounded up from 0.78)."""
