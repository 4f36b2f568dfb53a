"""Phase estimation: the circuit as a unitary, its polynomial from the definition, plans on random systems."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from carlemanc.access.facts import InversionFacts
from carlemanc.methods import hhl
from carlemanc.methods.phase_estimation import EigenvalueInversion
from carlemanc.programs.emitter import emit
from tests.access import exact_access
from tests.bloqs.checks import check_counts, unitary_of
from tests.methods.systems import random_system


def _inversion(blocks, size, kappa=3.0):
    table = hhl.rotation_table(size, kappa, 0.8)
    return EigenvalueInversion(blocks.RotationBlock(), hhl.sine_window(size), table)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_counted_is_emitted(blocks, size):
    check_counts(_inversion(blocks, size))


def test_block_adjoint_and_control(blocks):
    inversion = _inversion(blocks, 2)
    matrix = blocks.block(blocks.RotationBlock().tensor_contract(), 1, 2)
    left, sigma, right = np.linalg.svd(matrix)
    series = np.zeros(4)
    series[1::2] = hhl.odd_coefficients(2, 3.0, 0.8)
    whole = unitary_of(emit(inversion), ["system", "ancilla"])
    expected = right.T @ np.diag(chebyshev.chebval(sigma, series)) @ left.T
    assert np.abs(whole[:2, :2] - expected).max() < 1e-13
    assert np.abs(whole.conj().T @ whole - np.eye(len(whole))).max() < 1e-12
    assert np.abs(unitary_of(emit(inversion.adjoint()), ["system", "ancilla"]) - whole.conj().T).max() < 1e-12
    controlled = unitary_of(emit(inversion.controlled()), ["ctrl", "system", "ancilla"])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-12
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-12


@pytest.mark.parametrize("size", [3, 6])
def test_polynomial_is_the_average_of_the_table(size):
    """f(-cos phi) = sum_y g_y |alpha_y(phi)|^2, alpha the Fourier transform of the window moved by phi."""
    count, kappa = 1 << size, 4.0
    window, table = hhl.sine_window(size), hhl.rotation_table(size, kappa, 0.8)
    series = np.zeros(count)
    series[1::2] = hhl.odd_coefficients(size, kappa, 0.8)
    for phi in np.linspace(0.1, 3.0, 7):
        amplitudes = np.fft.fft(window * np.exp(1j * phi * np.arange(count))) / np.sqrt(count)
        assert np.abs(amplitudes) @ np.abs(amplitudes) == pytest.approx(1)
        value = chebyshev.chebval(-np.cos(phi), series)
        assert value == pytest.approx(table @ np.abs(amplitudes) ** 2, abs=1e-12)


@pytest.mark.parametrize(("kappa", "epsilon"), [(3.0, 1e-3), (20.0, 1e-2), (100.0, 1e-2)])
def test_the_clock_is_below_the_textbook_one(kappa, epsilon):
    facts = InversionFacts(alpha=kappa, inverse_norm=1.0, rhs_norm=1.0, solution_norm=0.5)
    plan = hhl.PhaseEstimationInversion().plan(facts, epsilon)
    assert plan.queries_L <= np.pi * kappa / epsilon
    assert plan.success_probability == pytest.approx((plan.amplitude_scale * 0.5) ** 2)
    assert 0.5 / kappa <= plan.amplitude_scale * 1.0 / kappa <= 1 / kappa
    larger = replace(facts, alpha=1e5 * kappa)
    more = hhl.PhaseEstimationInversion().plan(larger, epsilon, phases=False)
    assert more.queries_L <= np.pi * 1e5 * kappa / epsilon
    assert not more.is_solved


@settings(deadline=None, max_examples=15)
@given(size=st.integers(2, 16), seed=st.integers(0, 10**6), exponent=st.floats(0.5, 4))
def test_solution_within_epsilon(size, seed, exponent):
    matrix, rhs, solution, facts = random_system(size, seed)
    epsilon = 10.0**-exponent
    solver = hhl.PhaseEstimationInversion()
    plan = solver.plan(facts, epsilon)
    amplitudes = solver.amplitudes(plan, exact_access(matrix, rhs))
    error = np.linalg.norm(amplitudes / plan.amplitude_scale - solution) / np.linalg.norm(solution)
    assert error <= plan.error_bound * (1 + 1e-3) + 1e-11
    assert plan.error_bound <= epsilon
    assert np.linalg.norm(amplitudes) ** 2 == pytest.approx(plan.success_probability, rel=3 * epsilon)
