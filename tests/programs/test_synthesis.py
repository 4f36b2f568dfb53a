"""Synthesized programs: error, T counts, sharing of words between an angle and its opposite."""

import numpy as np
import pytest
from qualtran import CtrlSpec
from qualtran.bloqs.basic_gates import CRz
from qualtran.bloqs.mcmt import ControlledViaAnd

from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import rotation_angles, tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.gridsynth import Gridsynth
from carlemanc.programs.lowering import LOWERED_OPS, lower
from carlemanc.programs.synthesis import synthesize
from tests.reference import evaluate, program_of


@pytest.fixture
def program():
    ops = [
        ("h", 0),
        ("ry", 0, 0.7),
        ("cx", 0, 1),
        ("rz", 1, -0.7),
        ("and", 0, 1, 2),
        ("ry", 1, 2.9),
        ("and", 2, 1, 3),
    ]
    return program_of(4, [*ops, ("rz", 1, np.pi / 2), ("t", 0)])


@pytest.mark.parametrize("epsilon", [1e-2, 1e-6])
def test_error_and_t_count(program, epsilon):
    flat = synthesize(program, epsilon)
    assert set(np.unique(flat.angles[flat.angles != 0])) <= set(flat.angles[flat.codes == 15])
    assert np.linalg.norm(evaluate(flat) - evaluate(program)) <= 3 * epsilon
    before, after = tally(program), tally(flat)
    expected = sum(n * Gridsynth(epsilon=epsilon).t(a) for a, n in rotation_angles(program).items())
    assert after.rotations == 0
    assert after.t == before.t + expected
    assert after.toffoli == before.toffoli


def test_each_rotation_is_within_epsilon():
    for angle in (0.1, -0.1, 3.0, 5.5, -9.0):
        for name in ("rz", "ry"):
            program = program_of(1, [(name, 0, angle)])
            exact = evaluate(program, np.eye(2))
            got = evaluate(synthesize(program, 1e-5), np.eye(2))
            assert np.linalg.norm(got - exact, 2) <= 1e-5
            assert Gridsynth(epsilon=1e-5).t(angle) == Gridsynth(epsilon=1e-5).t(-angle)


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
def test_the_count_of_a_bloq_is_the_t_count_of_its_file(uncompute):
    """Down to the gate, as Qiskit counts the T gates of the expanded circuit."""
    bloq = ControlledViaAnd(CRz(0.37), CtrlSpec(cvs=[1, 0]))
    program = synthesize(emit(bloq), 1e-6)
    gates = lower(program, uncompute).codes
    in_file = np.count_nonzero(np.isin(gates, [LOWERED_OPS.index("t"), LOWERED_OPS.index("tdg")]))
    counts = count(bloq, uncompute)
    turned = sum(Gridsynth(epsilon=1e-6).t(angle) * times for angle, times in counts.rotations.items())
    assert counts.t_in_file + turned == in_file == tally(program, uncompute).t_in_file > 50


@pytest.mark.parametrize(
    "angle", [1e-9, -1e-7, np.pi / 4 + 1e-9, 2 * np.pi - 1e-8, 11 * np.pi / 4 + 1e-6, 100.0]
)
def test_awkward_angles(angle):
    program = program_of(1, [("ry", 0, angle)])
    error = evaluate(synthesize(program, 1e-6), np.eye(2)) - evaluate(program, np.eye(2))
    assert np.linalg.norm(error, 2) <= 1e-6


@pytest.mark.parametrize("epsilon", [0.0, 1.0, -1.0])
def test_precision_must_lie_in_the_unit_interval(program, epsilon):
    with pytest.raises(ValueError, match="precision"):
        synthesize(program, epsilon)
