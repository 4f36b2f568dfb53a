"""The emitted gates against the tensors and the counts of the bloqs, by a plain state vector of our own."""

from __future__ import annotations

import numpy as np
import pytest
from qualtran.symbolics import HasLength

from carlemanc.access.facts import InversionFacts
from carlemanc.methods import QSVT, InversionCircuit, QSVTInversion
from carlemanc.methods.phase_factors import phase_factors
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from tests.reference import unitary


def _qsvt(blocks, degree, adjoint_first=True):
    coefficients = np.zeros(degree + 1)
    coefficients[degree % 2 :: 2] = 0.8 / (degree // 2 + 1)
    phases = phase_factors(coefficients).to_reflection().phases
    return QSVT(blocks.RotationBlock(), phases, adjoint_first=adjoint_first)


@pytest.mark.parametrize("degree", [1, 4, 5])
@pytest.mark.parametrize("form", ["plain", "adjoint", "controlled"])
def test_emitted_gates_are_the_tensors_and_their_counts(blocks, degree, form):
    qsvt = _qsvt(blocks, degree)
    bloq = {"plain": qsvt, "adjoint": qsvt.adjoint(), "controlled": qsvt.controlled()}[form]
    program = emit(bloq)
    names = ["ctrl"] * (form == "controlled") + ["system", "ancilla"]
    assert np.abs(unitary(program, names[::-1]) - bloq.tensor_contract()).max() < 1e-12
    emitted, counted = tally(program), count(bloq)
    for name in ("t", "toffoli", "measurements", "qubits"):
        assert getattr(counted, name) == getattr(emitted, name), name
    assert counted.rotation_count == emitted.rotations


def test_unknown_phases_count_like_known_ones(blocks):
    known, unknown = count(_qsvt(blocks, 5)), count(QSVT(blocks.RotationBlock(), HasLength(6)))
    assert (known.toffoli, known.rotation_count, known.qubits) == (
        unknown.toffoli,
        unknown.rotation_count,
        unknown.qubits,
    )


def test_the_simulated_circuit_solves_a_linear_system(blocks):
    """Numbers -> plan -> bloqs -> gates -> amplitudes: s x as precisely as asked, sign included."""
    matrix = blocks.block(blocks.RotationBlock().tensor_contract(), 1, 2)
    rhs = np.array([0.0, 2.5])  # what Flip prepares, not normalized
    solution = np.linalg.solve(matrix, rhs)
    facts = InversionFacts(
        alpha=1.0,
        inverse_norm=float(np.linalg.norm(np.linalg.inv(matrix), 2)),
        rhs_norm=2.5,
        solution_norm=float(np.linalg.norm(solution)),
    )
    plan = QSVTInversion().plan(facts, 1e-2)
    program = emit(InversionCircuit(blocks.Flip(), QSVT(blocks.RotationBlock(), plan.phases.phases)))
    state = simulate(program)
    success = state.project(program.registers["ancilla"])
    assert success.norm() ** 2 == pytest.approx(plan.success_probability, rel=3e-2)
    indices, amplitudes = state.register_amplitudes("system", ancilla_zero=program.registers["ancilla"])
    found = np.zeros(2, dtype=complex)
    found[np.asarray(indices, dtype=int)] = amplitudes
    error = np.linalg.norm(found / plan.amplitude_scale - solution) / np.linalg.norm(solution)
    assert error <= plan.error_bound


def test_inversion_circuit_prepares_and_transforms(blocks):
    qsvt = _qsvt(blocks, 3)
    program = emit(InversionCircuit(blocks.Flip(), qsvt))
    columns = unitary(program, ["ancilla", "system"])[:, 0]
    assert np.abs(columns - qsvt.tensor_contract().reshape(2, 8, 2, 8)[:, :, 1, 0].ravel()).max() < 1e-12


def test_a_thousand_queries_emit_from_two_sub_programs(blocks):
    """Every query is placed, not compiled again: 1,001 of them hold 1,001 times the primitives of one."""
    phases = np.random.default_rng(0).normal(size=1002)
    program = emit(QSVT(blocks.RotationBlock(), phases))
    query = len(emit(blocks.RotationBlock()))
    per_phase = 2 * 2 + 2 + 3  # X on two ancillas twice, and, and_dg, cx rz cx
    assert len(program) == 1001 * query + 1002 * per_phase + 2
    assert program.width == 5
