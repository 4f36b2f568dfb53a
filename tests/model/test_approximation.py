"""Fits of activations: published best errors, remainders that are bounds, and every fault of a request."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import Chebyshev, chebyshev

from carlemanc.core.errors import InputError
from carlemanc.model.network.activation import Monomial, Smooth
from carlemanc.model.network.approximation import (
    Approximation,
    PolynomialFit,
    approximate,
    fit,
    request_problems,
)
from carlemanc.model.network.registry import ACTIVATIONS, activation_named
from carlemanc.model.network.remez import best_uniform

SMOOTH = [name for name, known in ACTIVATIONS.items() if not known.is_polynomial]


def smooth(name: str) -> Smooth:
    activation = activation_named(name)
    assert isinstance(activation, Smooth)
    return activation


@pytest.mark.parametrize("kind", ["chebyshev", "minimax"])
@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize(("degree", "interval"), [(1, (-1.0, 3.0)), (5, (-2.0, 2.0)), (12, (-0.5, 4.0))])
def test_remainders_bound_the_error_and_are_tight(
    name: str, kind: str, degree: int, interval: tuple[float, float]
) -> None:
    polynomial = fit(smooth(name), degree, interval, kind)
    points = np.random.default_rng(1).uniform(*interval, 20_000)
    error = np.abs(polynomial.value(points) - smooth(name).value(points)).max()
    slope_error = np.abs(polynomial.slope(points) - smooth(name).slope(points)).max()
    assert error <= polynomial.remainder <= 1.01 * error + 1e-7
    assert slope_error <= polynomial.slope_remainder <= 1.05 * slope_error + 1e-6


def test_chebyshev_is_the_interpolant() -> None:
    polynomial = fit(smooth("tanh"), 5, (-1.0, 2.0), "chebyshev")
    reference = Chebyshev.interpolate(np.tanh, 5, domain=[-1.0, 2.0])
    np.testing.assert_allclose(polynomial.coefficients, reference.coef, atol=1e-15)


def error_of_the_absolute_value(degree: int) -> float:
    coefficients = best_uniform(np.abs, degree, [0.0])
    points = np.linspace(-1, 1, 400_001)
    return float(np.abs(chebyshev.chebval(points, coefficients) - np.abs(points)).max())


@pytest.mark.parametrize("degree", [2, 3])
def test_minimax_of_the_absolute_value(degree: int) -> None:
    """The best quadratic, and cubic, is x^2 + 1/8 with error 1/8."""
    assert error_of_the_absolute_value(degree) == pytest.approx(1 / 8, rel=1e-6)
    np.testing.assert_allclose(best_uniform(np.abs, 2, [0.0]), [5 / 8, 0.0, 1 / 2], atol=1e-6)


def test_bernstein_constant() -> None:
    """2n E_2n(|x|) tends to 0.2801694990 with an error in powers of 1/n^2 (Varga and Carpenter 1985)."""
    at_8, at_16 = (2 * n * error_of_the_absolute_value(2 * n) for n in (8, 16))
    assert (4 * at_16 - at_8) / 3 == pytest.approx(0.2801694990, rel=1e-4)


@pytest.mark.parametrize("name", SMOOTH)
def test_minimax_equioscillates(name: str) -> None:
    """Chebyshev's criterion: degree + 2 alternating extremes of one size."""
    degree = 6
    polynomial = fit(smooth(name), degree, (-1.5, 2.5), "minimax")
    points = np.linspace(-1.5, 2.5, 200_001)
    error = smooth(name).value(points) - polynomial.value(points)
    high = np.abs(error) >= 0.999 * np.abs(error).max()
    signs = np.sign(error[high])
    assert 1 + np.count_nonzero(signs[1:] != signs[:-1]) >= degree + 2
    assert polynomial.remainder <= fit(smooth(name), degree, (-1.5, 2.5), "chebyshev").remainder


def test_series_of_a_fit_is_its_expansion() -> None:
    polynomial = fit(smooth("gelu"), 4, (-2.0, 3.0), "chebyshev")
    points, shift = np.array([-1.3, 0.2, 2.0]), 0.37
    series = polynomial.series(points, 7)
    powers = shift ** np.arange(8)
    np.testing.assert_allclose(powers @ series, polynomial.value(points + shift), rtol=1e-13)
    np.testing.assert_array_equal(series[5:], 0.0)


def test_polynomials_and_taylor_need_no_fit() -> None:
    assert isinstance(approximate("square", None, "here"), Monomial)
    assert approximate("tanh", Approximation(degree=4, kind="taylor"), "here") is activation_named("tanh")
    chosen = approximate("tanh", Approximation(degree=4, interval=(-1, 1)), "here")
    assert isinstance(chosen, PolynomialFit)
    assert chosen.degree == 3  # tanh is odd: the coefficient of T_4 vanishes


@pytest.mark.parametrize(
    ("name", "request_", "found"),
    [
        ("sine", None, "'sine'"),
        ("tanh", None, "tanh without an approximation"),
        ("square", Approximation(degree=3, interval=(-1, 1)), "an approximation of square"),
        ("tanh", Approximation(degree=0, interval=(-1, 1)), "degree = 0"),
        ("tanh", Approximation(degree=99, interval=(-1, 1)), "degree = 99"),
        ("tanh", Approximation(degree=3), "no interval"),
        ("tanh", Approximation(degree=3, interval=(1, -1)), "interval = [1, -1]"),
        ("tanh", Approximation(degree=3, interval=(0, float("nan"))), "interval = [0, nan]"),
        ("tanh", Approximation(degree=3, interval=(0, 1), kind="taylor"), "an interval of a taylor"),
        ("tanh", Approximation(degree=3, interval=(0, 1), kind="pade"), "kind = 'pade'"),
    ],
)
def test_faults_are_named(name: str, request_: Approximation | None, found: str) -> None:
    problems = request_problems(name, request_, "network.layers[0]")
    assert found in "; ".join(problem.found for problem in problems)
    with pytest.raises(InputError, match="layers"):
        approximate(name, request_, "network.layers[0]")
