"""The bloqs against the singular-value definition, by tensor contraction, on non-normal matrices."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from numpy.polynomial import chebyshev
from qualtran import DecomposeTypeError
from qualtran.bloqs.basic_gates import Rz
from qualtran.bloqs.mcmt import And
from qualtran.resource_counting import QubitCount, get_cost_value
from qualtran.resource_counting.generalizers import ignore_split_join
from qualtran.symbolics import HasLength
from qualtran.testing import assert_equivalent_bloq_counts, assert_valid_bloq_decomposition

from carlemanc.methods import QSVT, InversionCircuit, ProjectorPhase, ZeroTest
from carlemanc.methods.inversion_polynomial import relative_error_polynomial
from carlemanc.methods.phase_factors import phase_factors


def _non_normal(size, seed):
    """Return a complex matrix, norm 1/1.1, far from normal, smallest singular value about 0.3."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.normal(size=(size, size, 2)) @ [1, 1j])[0] for _ in range(2))
    return left @ np.diag(np.linspace(1, 0.3, size)) @ right / 1.1


def _phases(degree, seed=5):
    coefficients = np.zeros(degree + 1)
    coefficients[degree % 2 :: 2] = np.random.default_rng(seed).normal(size=degree // 2 + 1)
    coefficients *= 0.8 / np.abs(coefficients).sum()
    return coefficients, tuple(phase_factors(coefficients).to_reflection().phases)


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
@pytest.mark.parametrize("controls", [0, 1])
def test_projector_phase_is_the_exponential_it_says(bits, controls):
    phi = 0.37
    bloq = ProjectorPhase(bits, phi, controls=controls)
    on = np.zeros((2,) * controls + (2, 1 << bits)) - 1.0  # (ctrl, flag, ancilla): sign of 2 Pi - 1
    on[(-1,) * controls + (slice(None), 0)] = 1.0
    on[..., 1, :] *= -1
    expected = np.diag(np.exp(1j * phi * on.ravel()))
    assert np.abs(bloq.tensor_contract() - expected).max() < 1e-12
    assert np.abs(bloq.adjoint().tensor_contract() - expected.conj()).max() < 1e-12


def test_projector_phase_without_ancillas():
    assert np.abs(ProjectorPhase(0, 0.3).tensor_contract() - np.diag(np.exp([0.3j, -0.3j]))).max() < 1e-12


@pytest.mark.parametrize("adjoint_first", [True, False])
@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("ancillas", [1, 2])
def test_block_is_the_singular_value_polynomial(blocks, degree, adjoint_first, ancillas):
    matrix = _non_normal(2, seed=degree)
    w, sigma, v_dagger = np.linalg.svd(matrix)
    coefficients, phases = _phases(degree)
    qsvt = QSVT(blocks.dilate(matrix, ancillas), phases, adjoint_first=adjoint_first)
    unitary = qsvt.tensor_contract()
    left = v_dagger.conj().T if adjoint_first ^ (degree % 2 == 0) else w
    right = w.conj().T if adjoint_first else v_dagger
    expected = left @ np.diag(chebyshev.chebval(sigma, coefficients)) @ right
    assert np.abs(blocks.block(unitary, 1, ancillas + 1) - expected).max() < 1e-13
    assert np.abs(qsvt.adjoint().tensor_contract() - unitary.conj().T).max() < 1e-13


def test_inverse_of_a_non_normal_matrix(blocks):
    matrix = _non_normal(4, seed=0)
    polynomial = relative_error_polynomial(1.1 / 0.3, 0.2)
    coefficients = np.zeros(polynomial.degree + 1)
    coefficients[1::2] = polynomial.chebyshev_coefficients() * 0.99 / polynomial.sup_norm
    phases = tuple(phase_factors(coefficients).to_reflection().phases)
    found = blocks.block(QSVT(blocks.dilate(matrix, 1), phases).tensor_contract(), 2, 2)
    inverse = np.linalg.inv(matrix) * 0.99 / polynomial.sup_norm
    relative = np.linalg.norm((found - inverse) @ matrix, 2) * polynomial.sup_norm / 0.99
    assert relative == pytest.approx(polynomial.error, rel=0.2)
    wrong = blocks.block(QSVT(blocks.dilate(matrix, 1), phases, adjoint_first=False).tensor_contract(), 2, 2)
    assert np.linalg.norm(wrong - inverse, 2) > 0.3


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("adjoint_first", [True, False])
def test_control_one_is_the_sequence_and_control_zero_the_identity(blocks, degree, adjoint_first):
    _, phases = _phases(degree)
    phases = tuple(np.array(phases) + np.linspace(0, 1, degree + 1))  # unsymmetric
    qsvt = QSVT(blocks.RotationBlock(), phases, adjoint_first=adjoint_first)
    unitary = qsvt.controlled().tensor_contract()
    half = len(unitary) // 2
    assert np.abs(unitary[:half, :half] - np.eye(half)).max() < 1e-12
    assert np.abs(unitary[half:, half:] - qsvt.tensor_contract()).max() < 1e-12
    assert np.abs(unitary[:half, half:]).max() < 1e-12


BLOQS = {
    "zero test": lambda blocks: ZeroTest(5),
    "controlled zero test": lambda blocks: ZeroTest(3, 1),
    "projector phase": lambda blocks: ProjectorPhase(4, 0.3),
    "controlled projector phase": lambda blocks: ProjectorPhase(3, 0.3, controls=1),
    "one-wire projector phase": lambda blocks: ProjectorPhase(1, 0.3),
    "no-wire projector phase": lambda blocks: ProjectorPhase(0, 0.3, controls=1),
    "even": lambda blocks: QSVT(blocks.RotationBlock(), _phases(6)[1]),
    "odd": lambda blocks: QSVT(blocks.RotationBlock(), _phases(7)[1]),
    "forward": lambda blocks: QSVT(blocks.RotationBlock(), _phases(7)[1], adjoint_first=False),
    "controlled even": lambda blocks: QSVT(blocks.RotationBlock(), _phases(6)[1], is_controlled=True),
    "controlled odd": lambda blocks: QSVT(blocks.RotationBlock(), _phases(7)[1], is_controlled=True),
    "inversion": lambda blocks: InversionCircuit(blocks.Flip(), QSVT(blocks.RotationBlock(), _phases(3)[1])),
}


@pytest.mark.parametrize("name", BLOQS)
def test_call_graph_agrees_with_the_decomposition(blocks, name):
    bloq = BLOQS[name](blocks)
    for form in (bloq, bloq.adjoint()):
        assert_valid_bloq_decomposition(form)
        assert_equivalent_bloq_counts(form, ignore_split_join)


@pytest.mark.parametrize("name", ["even", "odd", "controlled even", "controlled odd"])
def test_width_is_that_of_the_decomposition(blocks, name):
    bloq = BLOQS[name](blocks)
    assert get_cost_value(bloq, QubitCount()) == get_cost_value(bloq.decompose_bloq(), QubitCount())


def test_cost_per_phase_and_per_control(blocks):
    """An AND per ancilla beyond the first and a rotation a phase; control: an AND more, two rotations."""
    _, phases = _phases(7)
    qsvt = QSVT(blocks.RotationBlock(), phases)
    plain, controlled = (bloq.call_graph()[1] for bloq in (qsvt, qsvt.controlled()))
    assert (plain[And()], controlled[And()]) == (8, 16)
    rotations = [
        sum(n for bloq, n in counts.items() if isinstance(bloq, Rz)) for counts in (plain, controlled)
    ]
    assert rotations == [8, 10]


def test_counting_needs_only_the_number_of_phases(blocks):
    qsvt = QSVT(blocks.RotationBlock(), HasLength(10**9))
    assert qsvt.degree == 10**9 - 1
    counts = qsvt.call_graph()[1]
    assert counts[And()] == 10**9
    assert get_cost_value(qsvt, QubitCount()) == 5
    assert get_cost_value(qsvt.controlled(), QubitCount()) == 7
    assert qsvt.adjoint().adjoint() == qsvt
    with pytest.raises(DecomposeTypeError, match="number of phases"):
        qsvt.decompose_bloq()


def test_equal_bloqs_are_equal_and_hashable(blocks):
    _, phases = _phases(7)
    one, two = (QSVT(blocks.RotationBlock(), np.array(phases)) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert attrs.evolve(one, adjoint_first=False) != one
