"""The Chebyshev LCU against dense singular-value polynomials, its counts, and its series."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import chebyshev

from carlemanc.methods import lcu
from carlemanc.methods.chebyshev_lcu import ChebyshevLCU
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from tests.bloqs.checks import check_counts, unitary_of

WEIGHTS = pytest.mark.parametrize(
    "weights", [(3.0, 2.0), (3.0, 2.0, 1.0), (5.0, 4.0, 3.0, 2.0, 1.0), tuple(range(9, 1, -1))]
)


@WEIGHTS
def test_counted_is_emitted(blocks, weights):
    check_counts(ChebyshevLCU(blocks.RotationBlock(), weights))


@WEIGHTS
def test_block_is_the_alternating_series_of_the_adjoint(blocks, weights):
    encoding = blocks.RotationBlock()
    matrix = blocks.block(encoding.tensor_contract(), 1, 2)
    left, sigma, right = np.linalg.svd(matrix)
    series = np.zeros(2 * len(weights))
    series[1::2] = [weight * (-1) ** j for j, weight in enumerate(weights)]
    expected = right.T @ np.diag(chebyshev.chebval(sigma, series / sum(weights))) @ left.T
    bloq = ChebyshevLCU(encoding, weights)
    whole = unitary_of(emit(bloq), ["system", "ancilla"])
    assert np.abs(whole[:2, :2] - expected).max() < 1e-13
    assert np.abs(whole.conj().T @ whole - np.eye(len(whole))).max() < 1e-13
    assert np.abs(unitary_of(emit(bloq.adjoint()), ["system", "ancilla"]) - whole.conj().T).max() < 1e-13


def test_control_zero_is_the_identity(blocks):
    bloq = ChebyshevLCU(blocks.RotationBlock(), (3.0, 2.0, 1.0))
    whole = unitary_of(emit(bloq), ["system", "ancilla"])
    controlled = unitary_of(emit(bloq.controlled()), ["ctrl", "system", "ancilla"])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-13
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-13


def test_queries_are_the_degree_and_a_step_costs_its_reflections(blocks):
    """Rotations: six a query, the selector's two trees; ANDs: two reflections on two wires and one leaf a step."""
    weights = tuple(range(16, 0, -1))
    counts = tally(emit(ChebyshevLCU(blocks.RotationBlock(), weights)), "measure")
    assert counts.rotations == 31 * 6 + 2 * 15
    assert 15 * 2 <= counts.toffoli <= 15 * 2 + 2 * 15


@pytest.mark.parametrize("b", [1, 7, 90, 4000])
def test_weights_are_binomial_tails(b):
    from scipy.stats import binom

    last = min(b - 1, 40)
    expected = 4 * binom.sf(b + np.arange(last + 1), 2 * b, 0.5)
    assert lcu.series_weights(b, last) == pytest.approx(expected, rel=1e-10)
    assert lcu.series_weights(b, b - 1).sum() == pytest.approx(lcu.series_one_norm(b), rel=1e-9)


@pytest.mark.parametrize(("kappa", "epsilon"), [(3.0, 1e-2), (10.0, 1e-3), (40.0, 1e-6)])
def test_the_cut_series_is_within_its_certificate(kappa, epsilon):
    b, last = lcu.series_length(kappa, epsilon / 2)
    series = np.zeros(2 * last + 2)
    series[1::2] = lcu.series_weights(b, last) * (-1.0) ** np.arange(last + 1)
    x = np.linspace(1 / kappa, 1, 4001)
    found = np.abs(x * chebyshev.chebval(x, series) - 1).max()
    certificate = (1 - kappa**-2) ** b + lcu.truncation_error(b, last)
    assert found <= certificate * (1 + 1e-9) + 1e-13
    assert certificate <= epsilon


@pytest.mark.parametrize(("kappa", "epsilon", "ratio"), [(10, 1e-3, 3.6), (1e6, 1e-10, 6.9)])
def test_one_norm_of_the_document(kappa, epsilon, ratio):
    """QLSS 1.2, measured."""
    b, _ = lcu.series_length(kappa, epsilon / 2)
    assert lcu.series_one_norm(b) / kappa == pytest.approx(ratio, abs=0.05)
