"""Phases against the 2x2 definition, against nlft-qsp, and under the change of convention."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nlft_qsp import ChebyshevQSPPhaseFactors, ChebyshevTExpansion
from numpy.polynomial import chebyshev

from carlemanc.methods import nonlinear_fourier
from carlemanc.methods.inversion_polynomial import absolute_error_polynomial, relative_error_polynomial
from carlemanc.methods.nonlinear_fourier import complete, multiply_layers, strip_layers
from carlemanc.methods.phase_factors import phase_factors, response_coefficients
from tests.reference import response


def _inversion(kappa, epsilon, sup, make=relative_error_polynomial):
    polynomial = make(kappa, epsilon)
    coefficients = np.zeros(polynomial.degree + 1)
    coefficients[1::2] = polynomial.chebyshev_coefficients() * sup / polynomial.sup_norm
    return polynomial, coefficients


def _random(degree, sup, seed):
    coefficients = np.zeros(degree + 1)
    rng = np.random.default_rng(seed)
    coefficients[degree % 2 :: 2] = rng.normal(size=degree // 2 + 1)
    return coefficients * sup / np.abs(coefficients).sum()


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 8, 33, 254, 255, 256, 257, 700, 1531])
@pytest.mark.parametrize("convention", ["W", "R"])
def test_the_response_is_the_polynomial_with_its_sign(degree, convention):
    coefficients = _random(degree, 0.95, seed=degree)
    found = phase_factors(coefficients)
    assert found.residual < 1e-13
    phases = found.phases if convention == "W" else found.to_reflection().phases
    x = np.concatenate([np.linspace(-1, 1, 41), np.geomspace(1e-9, 1, 20)])
    expected = chebyshev.chebval(x, coefficients)
    assert np.abs(response(phases, x, convention).real - expected).max() < 1e-12


@pytest.mark.parametrize("sup", [0.9, 0.99, 0.999, 0.9999])
def test_residual_does_not_grow_near_unit_sup_norm(sup):
    """QLSS 2.2: kappa 50, epsilon 1e-6, degree 887."""
    polynomial, coefficients = _inversion(50, 1e-6, sup, absolute_error_polynomial)
    found = phase_factors(coefficients)
    assert found.degree == 887
    assert found.residual < 1e-12
    x = np.geomspace(1 / 50, 1, 400)
    value = response(found.phases, x, "W").real
    assert np.abs(value - polynomial(x) * sup / polynomial.sup_norm).max() < 1e-12
    assert np.abs(value * polynomial.sup_norm / sup - 1 / x).max() <= polynomial.error * (1 + 1e-4)


def test_degree_of_twenty_thousand():
    """The target of QLSS 2.4: kappa 1000, epsilon 1e-6, residual below 1e-11 (timed in tests/benchmarks)."""
    polynomial, coefficients = _inversion(1000, 1e-6, 0.99, absolute_error_polynomial)
    found = phase_factors(coefficients)
    assert found.degree == 20725
    assert found.residual < 1e-11
    x = np.concatenate([np.linspace(0, 1, 20), np.geomspace(1e-4, 1, 20)])
    expected = polynomial(x) * 0.99 / polynomial.sup_norm
    assert np.abs(response(found.to_reflection().phases, x, "R").real - expected).max() < 1e-11


@pytest.mark.parametrize(("kappa", "epsilon", "sup"), [(10, 1e-3, 0.9), (50, 1e-3, 0.99), (200, 1e-3, 0.9)])
def test_the_phases_are_those_of_nlft_qsp(kappa, epsilon, sup):
    _, coefficients = _inversion(kappa, epsilon, sup)
    ours = phase_factors(coefficients)
    theirs = np.asarray(ChebyshevQSPPhaseFactors.solve(ChebyshevTExpansion(coefficients)).phi, dtype=float)
    # nlft-qsp returns the complex conjugate with the outer phases shifted oppositely: the same real part
    theirs[0] += np.pi / 4
    theirs[-1] -= np.pi / 4
    assert np.abs(np.exp(1j * (ours.phases + theirs)) - 1).max() < 1e-11
    residual = np.abs(response_coefficients(theirs) - coefficients).max()
    assert ours.residual < max(10 * residual, 1e-12)


@settings(deadline=None, max_examples=40)
@given(degree=st.integers(0, 300), sup=st.floats(0.01, 0.999), seed=st.integers(0, 2**32 - 1))
def test_random_polynomials_of_either_parity(degree, sup, seed):
    coefficients = _random(degree, sup, seed)
    found = phase_factors(coefficients)
    assert found.residual < 1e-12
    assert np.array_equal(found.phases, found.phases[::-1])
    assert np.abs(response_coefficients(found.phases) - coefficients).max() < 1e-12


@settings(deadline=None, max_examples=30)
@given(count=st.integers(1, 900), seed=st.integers(0, 2**32 - 1))
def test_stripping_undoes_multiplying(count, seed):
    """Layers -> pair -> layers, unsymmetric angles, through several levels of the recursion."""
    angles = np.random.default_rng(seed).normal(size=count) / (2 * np.sqrt(count))
    p, q = multiply_layers(angles[::-1])
    assert np.abs(np.fft.fft(p, 2048)) ** 2 + np.abs(np.fft.fft(q, 2048)) ** 2 == pytest.approx(1, abs=1e-12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nonlinear_fourier, "_LEAF", 32)
        found = strip_layers(p[::-1].copy(), q[::-1].copy(), count)
    assert found == pytest.approx(angles, abs=1e-12)


def test_completion_is_outer_and_normalized():
    b = np.random.default_rng(3).normal(size=40)
    b *= 0.9 / np.abs(b).sum()
    a, tail = complete(b)
    assert tail < 1e-14
    assert np.abs(np.fft.fft(a, 512)) ** 2 + np.abs(np.fft.fft(b, 512)) ** 2 == pytest.approx(1, abs=1e-13)
    assert np.abs(np.roots(a[::-1])).min() > 1


def test_mixed_parity_and_too_large_polynomials_are_refused():
    with pytest.raises(ValueError, match="parity"):
        phase_factors(np.array([0.1, 0.2, 0.3]))
    with pytest.raises(ValueError, match="scale it down"):
        phase_factors(np.array([0.0, 1.0]))
