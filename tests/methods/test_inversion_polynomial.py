"""Published check values, a 60-digit oracle, and the properties that make the polynomials optimal."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from carlemanc.core.errors import InputError
from carlemanc.methods.inversion_polynomial import (
    InversionPolynomial,
    absolute_error_polynomial,
    relative_error_polynomial,
)

BOTH = pytest.mark.parametrize("make", [relative_error_polynomial, absolute_error_polynomial])


@pytest.mark.parametrize(
    ("kappa", "epsilon", "relative", "absolute"),
    [
        (10, 1e-3, 75, 93),
        (10, 1e-10, 237, 253),
        (100, 1e-3, 761, 1153),
        (100, 1e-10, 2371, 2765),
        (1e4, 1e-3, 76009, 161181),
    ],
)
def test_degrees_of_the_query_table(kappa, epsilon, relative, absolute):
    """QLSS table 1.8."""
    assert relative_error_polynomial(kappa, epsilon).degree == relative
    assert absolute_error_polynomial(kappa, epsilon).degree == absolute


def test_degrees_of_a_published_ring():
    """NWQLib's ring at kappa 5 and PennyLane's loop (QLSS section 8, rows 1 and 2)."""
    assert [relative_error_polynomial(5, e).degree for e in (0.1, 0.01, 1e-3, 1e-4)] == [15, 27, 37, 49]
    assert absolute_error_polynomial(10, 1e-5).degree == 139


@pytest.mark.parametrize(("kappa", "degree", "error"), [(10, 93, 8.817275817e-4), (200, 3823, 9.986570e-7)])
def test_published_minimax_errors(kappa, degree, error):
    """Sünderhauf et al. 2025, Theorem 1."""
    polynomial = InversionPolynomial(kappa=kappa, terms=(degree + 1) // 2, criterion="absolute")
    assert polynomial.error == pytest.approx(error, rel=1e-6)
    x = np.linspace(1 / kappa, 1, 200_001)
    assert np.abs(polynomial(x) - 1 / x).max() == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize(("epsilon", "ratio"), [(1e-3, 1.303), (1e-6, 1.759), (1e-10, 2.228)])
def test_sup_norm_of_the_relative_optimum(epsilon, ratio):
    assert relative_error_polynomial(1e4, epsilon).sup_norm / 1e4 == pytest.approx(ratio, abs=6e-4)


@pytest.mark.parametrize(
    ("kappa", "coarse", "fine"), [(10, 1.464, 1.876), (50, 1.565, 1.963), (1000, 1.748, 2.111)]
)
def test_sup_norm_of_the_absolute_optimum(kappa, coarse, fine):
    assert absolute_error_polynomial(kappa, 1e-3).sup_norm / kappa == pytest.approx(coarse, abs=1e-3)
    assert absolute_error_polynomial(kappa, 1e-6).sup_norm / kappa == pytest.approx(fine, abs=1e-3)


def _oracle(polynomial, x):
    """Return P(x) from the definition in 60 digits."""
    with mpmath.workdps(60):
        a, x = 1 / mpmath.mpf(polynomial.kappa), mpmath.mpf(float(x))
        n, absolute = polynomial.terms, polynomial.criterion == "absolute"

        def chebyshev_t(order, z):
            z = max(z, mpmath.mpf(-1))  # rounding of x = 1
            return mpmath.cosh(order * mpmath.acosh(z)) if z >= 1 else mpmath.cos(order * mpmath.acos(z))

        def filtered(z):
            mixed = (1 - a) / (1 + a) * chebyshev_t(n - 1, z) if absolute else 0
            return chebyshev_t(n, z) - mixed

        z = (1 + a * a - 2 * x * x) / (1 - a * a)
        return (1 - filtered(z) / filtered((1 + a * a) / (1 - a * a))) / x


@BOTH
@settings(deadline=None, max_examples=40)
@given(
    kappa=st.floats(1.1, 1e5),
    epsilon=st.floats(1e-10, 0.5),
    exponent=st.floats(0, 1),
    offset=st.floats(-1, 1),
)
def test_evaluation_against_sixty_digits(make, kappa, epsilon, exponent, offset):
    polynomial = make(kappa, epsilon)
    points = np.clip([kappa**-exponent, 1e-3 * kappa**-exponent, (1 + 1e-6 * offset) / kappa], 1e-12, 1)
    exact = np.array([float(_oracle(polynomial, x)) for x in points])
    np.testing.assert_allclose(polynomial(points), exact, rtol=1e-15 * kappa + 1e-13)


@BOTH
@pytest.mark.parametrize("kappa", [3.0, 40.0, 1000.0])
def test_coefficients_reproduce_the_formula(make, kappa):
    polynomial = make(kappa, 1e-4)
    full = np.zeros(polynomial.degree + 1)
    full[1::2] = polynomial.chebyshev_coefficients()
    x = np.concatenate([np.linspace(-1, 1, 101), np.geomspace(1e-3 / kappa, 1, 101)])
    assert np.abs(chebyshev.chebval(x, full) - polynomial(x)).max() < 1e-12 * kappa


@BOTH
@settings(deadline=None, max_examples=25)
@given(kappa=st.floats(1.01, 1e4), epsilon=st.floats(1e-8, 0.9))
def test_error_is_attained_and_no_lower_degree_would_do(make, kappa, epsilon):
    polynomial = make(kappa, epsilon)
    x = np.geomspace(1 / kappa, 1, 20_001)
    deviation = np.abs(polynomial(x) - 1 / x)
    deviation = deviation * x if polynomial.criterion == "relative" else deviation
    assert deviation.max() <= polynomial.error * (1 + 1e-6) + 1e-14 * kappa
    assert polynomial.error <= epsilon * (1 + 1e-9)
    if polynomial.terms > 1:
        shorter = InversionPolynomial(
            kappa=polynomial.kappa, terms=polynomial.terms - 1, criterion=polynomial.criterion
        )
        assert shorter.error > epsilon * (1 - 1e-9)


@BOTH
@settings(deadline=None, max_examples=25)
@given(kappa=st.floats(1.01, 1e5), epsilon=st.floats(1e-9, 0.9))
def test_sup_norm_bounds_a_fine_grid_tightly(make, kappa, epsilon):
    polynomial = make(kappa, epsilon)
    x = np.concatenate([np.linspace(0, 2 / kappa, 20_001).clip(0, 1), np.linspace(0, 1, 2001)])
    peak = np.abs(polynomial(x)).max()
    assert peak <= polynomial.sup_norm
    assert polynomial.sup_norm <= max(peak * (1 + 1e-6), kappa * (1 + polynomial.error) * (1 + 1e-8))


@pytest.mark.parametrize("kappa", [0.5, -1.0, float("inf"), float("nan")])
def test_an_impossible_condition_number_is_refused(kappa):
    with pytest.raises(InputError, match="condition number"):
        relative_error_polynomial(kappa, 1e-3)


@pytest.mark.parametrize("epsilon", [0.0, 1.0, -1e-3, float("nan")])
def test_a_precision_outside_zero_one_is_refused(epsilon):
    with pytest.raises(InputError, match=r"solver\.epsilon"):
        relative_error_polynomial(10.0, epsilon)
    with pytest.raises(InputError, match=r"solver\.epsilon"):
        absolute_error_polynomial(10.0, 10 * epsilon)
