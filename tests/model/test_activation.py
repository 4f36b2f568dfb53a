"""Activations: Taylor coefficients against mpmath and sympy, slopes, and bounds on derivatives."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from carlemanc.model.network.activation import Smooth
from carlemanc.model.network.registry import ACTIVATIONS, activation_named

MPMATH = {
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "identity": lambda z: z,
    "square": lambda z: z**2,
    "cubic": lambda z: z**3,
}


@pytest.mark.parametrize("name", sorted(MPMATH))
def test_series_against_mpmath(name: str) -> None:
    points = np.array([-3.1, -0.7, 0.0, 0.4, 2.6])
    found = activation_named(name).series(points, 7)
    with mpmath.workdps(40):
        for place, point in enumerate(points):
            wanted = [float(c) for c in mpmath.taylor(MPMATH[name], mpmath.mpf(point), 7)]
            np.testing.assert_allclose(found[:, place], wanted, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_value_and_slope_are_the_first_two_coefficients(name: str) -> None:
    points = np.linspace(-4, 4, 33).reshape(3, 11)
    activation = activation_named(name)
    series = activation.series(points, 1)
    np.testing.assert_allclose(activation.value(points), series[0], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(activation.slope(points), series[1], rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(activation.series(points, 0)[0], series[0])


@pytest.mark.parametrize("name", [name for name, known in ACTIVATIONS.items() if not known.is_polynomial])
def test_derivative_bounds_hold_and_are_tight(name: str) -> None:
    activation = activation_named(name)
    assert isinstance(activation, Smooth)
    derivatives = activation.series(np.linspace(-12, 12, 100_001), 3)
    for order, bound in ((2, activation.curvature), (3, activation.jerk)):
        largest = math.factorial(order) * np.abs(derivatives[order]).max()
        assert largest <= bound * (1 + 1e-12)
        assert largest >= 0.95 * bound


def test_large_arguments_do_not_overflow() -> None:
    points = np.array([-800.0, 800.0])
    for activation in map(activation_named, ACTIVATIONS):
        assert np.all(np.isfinite(activation.series(points, 3)))
    np.testing.assert_array_equal(activation_named("softplus").value(points), [0.0, 800.0])
