"""Rotations by a phase gradient: their action, their counts, and the catalyst that is left as it was."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import TooLarge
from carlemanc.programs.counts import rotation_angles, tally
from carlemanc.programs.gridsynth import gridsynth_t
from carlemanc.programs.phase_gradient import PhaseGradient, phase_gradient
from carlemanc.programs.sparse_state import simulate
from carlemanc.programs.synthesis import rewrite, synthesize
from tests.reference import evaluate, gate_matrix, program_of

ANGLES = st.one_of(
    st.floats(-4 * math.pi, 4 * math.pi),
    st.integers(-16, 16).map(lambda k: k * math.pi / 4),
    st.floats(1e-9, 1e-3).flatmap(lambda size: st.sampled_from([size, -size])),
    st.integers(-64, 64).map(lambda k: k * math.pi / 32),
)
CATALYST_ERROR = 1e-9


def block(program, wires):
    """The matrix on the first wires, all others |0> before and after."""
    size = 1 << wires
    return evaluate(program, np.eye(1 << program.width, size))[:size]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(angle=ANGLES, name=st.sampled_from(["rz", "ry"]), bits=st.integers(4, 8))
def test_a_rotation_is_off_by_its_rounding_alone(angle, name, bits):
    made = PhaseGradient(bits=bits, catalyst_error=CATALYST_ERROR)
    found = block(rewrite(program_of(1, [(name, 0, angle)]), made), 1)
    off = np.linalg.norm(found - gate_matrix(name, angle), 2)
    assert made.error(angle) <= math.pi * 2.0 ** -(bits + 1)
    assert off == pytest.approx(made.error(angle), abs=2 * bits * CATALYST_ERROR + 1e-12)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(angles=st.lists(ANGLES, min_size=2, max_size=4))
def test_many_rotations_share_one_catalyst(angles):
    """Its error enters once for all of them: twice a bit, not twice a rotation."""
    ops = [("h", 0)]
    for place, angle in enumerate(angles):
        ops += [("ry" if place % 2 else "rz", place % 2, angle), ("cx", 0, 1), ("h", 0)]
    program = program_of(2, ops)
    made = PhaseGradient(bits=7, catalyst_error=1e-3)
    off = np.linalg.norm(block(rewrite(program, made), 2) - block(program, 2), 2)
    assert off <= math.fsum(map(made.error, angles)) + made.catalyst_whole_error + 1e-12


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@pytest.mark.parametrize("epsilon", [1e-1, 1e-2, 1e-4])
def test_the_price_is_the_tally(uncompute, epsilon):
    rng = np.random.default_rng(0)
    angles = [*rng.uniform(-7, 7, 12), *rng.uniform(-1e-3, 1e-3, 3), math.pi / 8, -math.pi / 16, math.pi / 2]
    program = program_of(2, [("ry" if i % 3 else "rz", i % 2, angle) for i, angle in enumerate(angles)])
    before, counted = tally(program, uncompute), rotation_angles(program)
    after = tally(synthesize(program, epsilon, "phase-gradient"), uncompute)
    made = phase_gradient(sum(counted.values()), epsilon)
    ands = sum(times * made.ands(angle) for angle, times in counted.items())
    assert after.rotations == 0
    assert (
        after.t == before.t + sum(times * made.t(angle) for angle, times in counted.items()) + made.catalyst_t
    )
    assert (after.and_computed, after.and_uncomputed) == (ands, ands)
    assert after.measurements == (ands if uncompute == "measure" else 0)
    assert after.qubits == before.qubits + made.added_wires(counted)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(number=st.integers(1, 10**7), epsilon=st.floats(1e-9, 0.3))
def test_precision_asked_is_kept_and_no_cheaper_length_is_left(number, epsilon):
    made = phase_gradient(number, epsilon)
    catalyst = 2 * made.wires * made.catalyst_error
    assert number * math.pi * 2.0 ** -(made.bits + 1) + catalyst <= number * epsilon * (1 + 1e-12)
    if made.bits > 4:  # a bit less cannot be rounded to so finely
        least = math.ceil(math.log2(math.pi / 2 / epsilon))
        assert made.bits <= max(4, least) + 2


def test_emitted_errors_stay_within_what_was_asked():
    angles = np.random.default_rng(1).uniform(-4, 4, 6)
    program = program_of(1, [("ry" if i % 2 else "rz", 0, angle) for i, angle in enumerate(angles)])
    for epsilon in (0.2, 0.05, 0.02):
        flat = synthesize(program, epsilon, "phase-gradient")
        assert np.linalg.norm(block(flat, 1) - block(program, 1), 2) <= 6 * epsilon


def test_ands_are_fewer_by_the_zeros_that_end_an_angle():
    made = PhaseGradient(bits=10, catalyst_error=1e-3)
    assert made.ands(2 * math.pi / 2**10) == 7
    assert made.ands(2 * math.pi * 4 / 2**10) == 5
    assert made.ands(math.pi / 8) == 1
    assert made.ands(math.pi / 4) == made.ands(0.0) == 0
    assert (made.t(math.pi / 8), made.t(0.0)) == (1, 0)


def test_a_program_without_rotations_gets_no_catalyst():
    program = program_of(1, [("h", 0), ("t", 0)])
    assert synthesize(program, 1e-3, "phase-gradient").width == 1


def test_measurements_stay_last_and_the_ancillas_return():
    program = program_of(
        2, [("h", 0), ("rz", 0, 0.4), ("h", 0), ("cx", 0, 1), ("measure", 0), ("measure", 1)]
    )
    flat = synthesize(program, 0.05, "phase-gradient")
    assert [program.codes[-1]] * 2 == flat.codes[-2:].tolist()
    left = simulate(flat).project(range(2, flat.width))
    assert left.norm() ** 2 == pytest.approx(1.0, abs=2 * 0.05)


def test_angles_of_more_bits_than_a_float_are_refused():
    with pytest.raises(TooLarge, match="bits an angle"):
        phase_gradient(10, 1e-16)


def test_four_t_a_bit_of_an_angle():
    """Against three a bit for words; the bits above pi/4 and the mean trailing zero are free."""
    epsilon, number = 1e-8, 10_000
    made = phase_gradient(number, epsilon)
    assert 4 * (made.wires - 1) + 1 == pytest.approx(gridsynth_t(epsilon), rel=0.3)
