"""The encoding of a matrix without structure against the matrix, and systems solved through it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from carlemanc.access.facts import InversionFacts
from carlemanc.block_encoding.sparse_matrix import SparseMatrixEncoding, VectorPreparation
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.methods.registry import method_named
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from tests.access import access_of
from tests.bloqs.checks import check_counts, unitary_of


def _matrix(bits, density, seed):
    """A sparse non-normal matrix with a full diagonal, entries of both signs."""
    rng = np.random.default_rng(seed)
    size = 1 << bits
    noise = sparse.random_array((size, size), density=density, rng=rng, data_sampler=rng.standard_normal)
    return sparse.csr_array(2 * sparse.eye_array(size) + noise)


CASES = pytest.mark.parametrize(
    ("bits", "density", "seed"), [(1, 0.9, 0), (2, 0.3, 1), (3, 0.15, 2), (2, 1.0, 3)]
)


@CASES
def test_counted_is_emitted(bits, density, seed):
    check_counts(SparseMatrixEncoding.of(_matrix(bits, density, seed)))


@CASES
def test_block_adjoint_and_control(bits, density, seed):
    matrix = _matrix(bits, density, seed)
    encoding = SparseMatrixEncoding.of(matrix)
    size = 1 << bits
    whole = unitary_of(emit(encoding), ["system", "ancilla"])
    assert np.abs(encoding.alpha * whole[:size, :size] - matrix.toarray()).max() < 1e-12
    assert np.abs(whole.conj().T @ whole - np.eye(len(whole))).max() < 1e-12
    assert np.abs(unitary_of(emit(encoding.adjoint()), ["system", "ancilla"]) - whole.conj().T).max() < 1e-12
    controlled = unitary_of(emit(encoding.controlled()), ["ctrl", "system", "ancilla"])
    assert np.abs(controlled[::2, ::2] - np.eye(len(whole))).max() < 1e-12
    assert np.abs(controlled[1::2, 1::2] - whole).max() < 1e-12


def test_alpha_is_at_most_the_colors_times_the_largest_entry():
    matrix = _matrix(5, 0.1, 4)
    encoding = SparseMatrixEncoding.of(matrix)
    degree = max(np.diff(matrix.indptr).max(), np.diff(matrix.tocsc().indptr).max())
    assert sum(weight > 0 for weight in encoding.weights) == degree
    assert np.linalg.norm(matrix.toarray(), 2) <= encoding.alpha <= degree * np.abs(matrix.data).max()


@pytest.mark.parametrize("method", ["qsvt", "lcu", "kernel"])
@pytest.mark.parametrize("seed", [0, 1])
def test_random_non_normal_systems_are_solved(method, seed):
    matrix = _matrix(2, 0.25, seed)
    rhs = np.array([0.7, 0.0, -1.3, 0.2])
    dense = matrix.toarray()
    assert np.linalg.norm(dense @ dense.T - dense.T @ dense) > 0.1
    solution = np.linalg.solve(dense, rhs)
    encoding, chosen = SparseMatrixEncoding.of(matrix), method_named(method)
    facts = InversionFacts(
        alpha=encoding.alpha,
        inverse_norm=float(np.linalg.norm(np.linalg.inv(dense), 2)),
        rhs_norm=float(np.linalg.norm(rhs)),
        solution_norm=float(np.linalg.norm(solution)),
    )
    plan = chosen.plan(facts, 1e-2)
    program = emit(chosen.circuit(plan, access_of(encoding, VectorPreparation.of(rhs))))
    indices, found = simulate(program).register_amplitudes(
        "system", ancilla_zero=program.registers["ancilla"]
    )
    amplitudes = np.zeros(4, dtype=complex)
    amplitudes[np.asarray(indices, dtype=int)] = found
    success = float(np.vdot(amplitudes, amplitudes).real)
    error = np.linalg.norm(plan.solution(amplitudes, success) - solution) / np.linalg.norm(solution)
    assert error <= plan.error_bound <= 1e-2


@pytest.mark.parametrize(
    "matrix", [np.eye(3), np.ones((2, 4)), np.zeros((2, 2)), np.diag([1.0, np.inf]), 1j * np.eye(2)]
)
def test_what_cannot_be_encoded_is_refused(matrix):
    with pytest.raises(InputError, match="matrix"):
        SparseMatrixEncoding.of(matrix)


def test_too_many_angles_are_refused():
    with pytest.raises(TooLarge, match="colors"):
        SparseMatrixEncoding.of(np.ones((2048, 2048)))
