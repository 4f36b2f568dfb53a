"""Kernel reflection: the operator, the polynomials and their published bounds, plans on random systems."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from carlemanc.block_encoding import encode
from carlemanc.methods.kernel import KernelInversion
from carlemanc.methods.kernel_operator import KernelOperator
from carlemanc.methods.kernel_polynomial import KernelPolynomial, kernel_polynomial
from carlemanc.programs.emitter import emit
from carlemanc.state_preparation import prepare
from tests.access import exact_access
from tests.block_encoding.systems import history
from tests.bloqs.checks import check_counts, unitary_of
from tests.methods.systems import random_system
from tests.reference import tensor

GUESSES = pytest.mark.parametrize("t", [1.7, 1.0, None])


def _dense(matrix, unit, t):
    """Return G as its definition reads."""
    if t is None:
        return (np.eye(len(unit)) - np.outer(unit, unit)) @ matrix
    joint = np.concatenate([unit, unit]) / np.sqrt(2)
    zero = np.zeros_like(matrix)
    augmented = np.block([[matrix, zero], [zero, np.eye(len(unit)) / t]])
    return (np.eye(len(joint)) - np.outer(joint, joint)) @ augmented


@GUESSES
def test_counted_is_emitted(blocks, t):
    check_counts(KernelOperator(blocks.Flip(), blocks.RotationBlock(), t))


@GUESSES
def test_block_control_and_adjoint_of_the_operator(blocks, t):
    operator = KernelOperator(blocks.Flip(), blocks.RotationBlock(), t)
    matrix = blocks.block(blocks.RotationBlock().tensor_contract(), 1, 2).real
    whole = unitary_of(emit(operator), ["system", "ancilla"])
    expected = _dense(matrix, np.array([0.0, 1.0]), t)
    assert np.abs(whole[: len(expected), : len(expected)] - expected).max() < 1e-13
    assert np.abs(unitary_of(emit(operator.adjoint()), ["system", "ancilla"]) - whole.conj().T).max() < 1e-13
    controlled = unitary_of(emit(operator.controlled()), ["ctrl", "system", "ancilla"])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-13
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-13


@pytest.mark.parametrize("is_one_sided", [False, True])
def test_an_encoding_that_rests_at_one_over_t(is_one_sided):
    system = history({1: tensor(1, 1, {(0, 0): -0.2})}, n=1, order=1, steps=1)
    encoding = attrs.evolve(encode(system), is_one_sided=is_one_sided)
    operator = KernelOperator(prepare(system), encoding, 2.5)
    rhs = system.rhs() / np.linalg.norm(system.rhs())
    expected = _dense(system.matrix().toarray() / encoding.alpha, rhs, 2.5)
    whole = unitary_of(emit(operator), ["system", "ancilla"])
    assert np.abs(whole[: len(expected), : len(expected)] - expected).max() < 1e-13
    controlled = unitary_of(emit(operator.controlled()), ["ctrl", "system", "ancilla"])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-13
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-13
    check_counts(operator)


@settings(deadline=None, max_examples=25)
@given(size=st.integers(2, 12), seed=st.integers(0, 10**6), share=st.floats(0, 1))
def test_kernel_and_gap_of_the_operator(size, seed, share):
    """The claim of the module: the kernel is x and t e, every other singular value at least 1/kappa."""
    matrix, rhs, solution, facts = random_system(size, seed)
    kappa = facts.alpha * facts.inverse_norm
    t, unit = kappa**share, rhs / np.linalg.norm(rhs)
    operator = _dense(matrix.toarray() / facts.alpha, unit, t)
    kernel = np.concatenate([solution * facts.alpha / facts.rhs_norm, t * unit])
    assert np.linalg.norm(operator @ kernel) < 1e-10 * np.linalg.norm(kernel)
    assert np.linalg.svd(operator, compute_uv=False)[-2] >= (1 - 1e-9) / kappa


@pytest.mark.parametrize(("kappa", "eta"), [(1000.0, 1e-3), (7.0, 0.3), (40.0, 1e-6)])
def test_reflection_is_within_the_published_window(kappa, eta):
    """-1 <= K <= -1 + 4 eta/(1 + eta) on [1/kappa, 1] and K(0) = 1 (Lemma 3, second-hand; QLSS measured it)."""
    polynomial = kernel_polynomial(kappa, eta, "reflection")
    values = polynomial(np.linspace(1 / kappa, 1, 20001))
    assert polynomial(0.0) == pytest.approx(1.0)
    assert values.min() >= -1 - 1e-12
    assert values.max() <= -1 + 4 * eta / (1 + eta) + 1e-12
    assert polynomial.degree <= 2 * np.ceil(kappa / 2 * np.log(2 / eta))
    assert np.abs(polynomial(np.linspace(0, 1, 999))).max() <= 1 + 1e-12


def test_the_measured_value_of_the_window():
    """QLSS 1.7: 3.992e-3 at kappa = 1000, eta = 1e-3, l = ceil(kappa/2 ln(2/eta))."""
    polynomial = KernelPolynomial(
        kappa=1000.0, half_degree=int(np.ceil(500 * np.log(2000))), form="reflection"
    )
    assert 1 + polynomial(np.geomspace(1e-3, 1, 200_001)).max() == pytest.approx(3.992e-3, abs=4e-6)


@pytest.mark.parametrize("form", ["reflection", "filter"])
def test_coefficients_reproduce_the_formula(form):
    polynomial = kernel_polynomial(60.0, 1e-4, form)
    x = np.concatenate([np.linspace(-1, 1, 301), np.geomspace(1e-5, 1, 301)])
    assert np.abs(chebyshev.chebval(x, polynomial.chebyshev_coefficients()) - polynomial(x)).max() < 1e-12


@settings(deadline=None, max_examples=20)
@given(size=st.integers(2, 24), seed=st.integers(0, 10**6), exponent=st.floats(0.5, 8), known=st.booleans())
def test_direction_within_epsilon(size, seed, exponent, known):
    matrix, rhs, solution, facts = random_system(size, seed)
    epsilon = 10.0**-exponent
    solver = KernelInversion(norm="known" if known else "unknown")
    plan = solver.plan(facts, epsilon)
    amplitudes = solver.amplitudes(plan, exact_access(matrix, rhs))
    success = float(np.vdot(amplitudes, amplitudes).real)
    error = np.linalg.norm(plan.solution(amplitudes, success) - solution) / np.linalg.norm(solution)
    assert error <= plan.error_bound + 1e-11
    assert plan.error_bound <= epsilon
    assert plan.amplitude_scale is None
    if known:
        assert success == pytest.approx(plan.success_probability, rel=3 * epsilon + 1e-9)
        assert plan.success_probability > 0.99 * (1 - 1.5 * epsilon)
