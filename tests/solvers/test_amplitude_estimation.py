"""Amplitude estimation: coverage and cost on seeded draws, the sampled circuits, the norm of a solution."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.circuit.emitter import emit
from carlemanc.circuit.sparse_state import simulate
from carlemanc.core.errors import InputError
from carlemanc.solvers.amplitude_estimation import (
    estimate_probability,
    iterate,
    iterative_bound,
    norm_epsilon,
    phase_estimation_iterates,
)
from carlemanc.solvers.march_circuit import MarchCircuit


def _sampler(probability, seed):
    theta, rng = math.asin(math.sqrt(probability)), np.random.default_rng(seed)
    return lambda k, shots: int(rng.binomial(shots, math.sin((2 * k + 1) * theta) ** 2))


@pytest.mark.parametrize("probability", [0.0, 0.003, 0.1, 0.25, 0.5, 0.77, 1.0])
def test_the_interval_holds_as_often_as_claimed_and_is_narrow(probability):
    epsilon, delta = 1e-3, 0.05
    found = [estimate_probability(_sampler(probability, seed), epsilon, delta) for seed in range(40)]
    held = sum(item.low - 1e-12 <= probability <= item.high + 1e-12 for item in found)
    assert held >= 40 * (1 - delta) - 2
    assert all(item.high - item.low <= 2 * epsilon for item in found)
    assert max(item.runs for item in found) <= iterative_bound(epsilon, delta)


def test_runs_grow_as_the_inverse_of_the_error():
    """Sampling alone needs the inverse square."""
    runs = [
        np.mean([estimate_probability(_sampler(0.3, seed), epsilon).runs for seed in range(20)])
        for epsilon in (1e-3, 1e-5)
    ]
    assert 30 < runs[1] / runs[0] < 300
    assert runs[1] < 0.3 * 0.7 / 1e-5**2 / 100


def test_the_sampled_circuits_have_the_success_that_is_assumed(blocks):
    circuit = MarchCircuit(blocks.Flip(), (blocks.RotationBlock(),), (0, 0))

    def success(rounds):
        program = emit(iterate(circuit, rounds))
        kept = simulate(program, {0: 1.0 + 0j}).project(program.registers["ancilla"])
        return float(np.square(np.abs(kept.amplitudes)).sum())

    theta = math.asin(math.sqrt(success(0)))
    for rounds in (1, 2, 4):
        assert success(rounds) == pytest.approx(math.sin((2 * rounds + 1) * theta) ** 2, abs=1e-10)


def test_the_norm_of_the_solution():
    scale, norm = 0.2, 2.5
    probability = (scale * norm) ** 2
    epsilon = norm_epsilon(probability, 1e-3)
    found, error = estimate_probability(_sampler(probability, 5), epsilon).norm(scale)
    assert error <= 1.01e-3 * norm
    assert abs(found - norm) <= error


def test_iterates_of_phase_estimation():
    """QLSS section 6 (second-hand quotation of BHMT Theorem 12)."""
    for probability, epsilon in ((0.3, 1e-3), (0.01, 1e-5)):
        m = phase_estimation_iterates(probability, epsilon)
        bound = [
            2 * math.pi * math.sqrt(probability * (1 - probability)) / n + math.pi**2 / n**2
            for n in (m, m - 1)
        ]
        assert bound[0] <= epsilon < bound[1]


def test_bad_numbers_are_refused():
    with pytest.raises(InputError, match="precision"):
        estimate_probability(_sampler(0.5, 0), 0.0)
