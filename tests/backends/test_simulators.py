"""Aer and Cirq return the same exact amplitudes as dense matrices, and refuse what does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.backends import canonical_wires, qiskit_backend, simulate, simulation
from carlemanc.backends.simulated_state import SimulatedState
from carlemanc.core.errors import InputError, InternalError, TooLarge
from tests.backends.programs import random_program
from tests.reference import program_of, unitary

DENSE = pytest.mark.parametrize("backend", ["aer", "cirq"])
ALL = pytest.mark.parametrize("backend", ["aer", "cirq", "sparse"])


@ALL
@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=15)
def test_amplitudes_of_the_system_with_all_else_zero(backend: str, seed: int) -> None:
    program = random_program(seed)
    expected = unitary(canonical_wires(program))[:4, 0]
    state = simulate(program, backend)
    np.testing.assert_allclose(state.dense(), expected, atol=1e-12)
    assert state.success_probability == pytest.approx(np.linalg.norm(expected) ** 2, abs=1e-12)
    assert (state.backend, state.register, state.bits) == (backend, "system", 2)


@ALL
def test_another_register_can_be_read(backend: str) -> None:
    program = random_program(5)
    whole = unitary(canonical_wires(program))[:, 0]
    state = simulate(program, backend, register="ancilla")
    np.testing.assert_allclose(state.dense(), whole[[0, 4]], atol=1e-12)


@DENSE
def test_too_many_wires_name_the_sparse_back_end(backend: str) -> None:
    program = program_of(1100, [("h", wire) for wire in range(1100)], system=tuple(range(1100)))
    with pytest.raises(TooLarge, match=r"1100 qubits.*--backend sparse") as caught:
        simulate(program, backend)
    assert caught.value.exit_status == 3


@DENSE
def test_idle_work_wires_cost_nothing(backend: str) -> None:
    program = program_of(100, [("x", 50), ("and", 50, 3, 77), ("and_dg", 50, 3, 77)], system=(3, 50))
    state = simulate(program, backend)
    assert state.indices.tolist() == [2]
    assert state.width == 100


@DENSE
def test_too_many_updates_are_refused(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MAX_UPDATES", 100)
    with pytest.raises(TooLarge, match="gates times amplitudes"):
        simulate(random_program(1), backend)


def test_aer_in_pieces_is_aer(monkeypatch: pytest.MonkeyPatch) -> None:
    program = random_program(8, size=12)
    whole = simulate(program, "aer").dense()
    monkeypatch.setattr(qiskit_backend, "_PIECE_GATES", 7)
    monkeypatch.setattr(qiskit_backend, "_PIECE_UPDATES", 1)
    np.testing.assert_allclose(simulate(program, "aer").dense(), whole, atol=1e-13)


@DENSE
def test_a_dirty_work_wire_is_our_bug(backend: str) -> None:
    program = program_of(2, [("h", 0), ("cx", 0, 1)], system=(0,))
    with pytest.raises(InternalError, match="do not return"):
        simulate(program, backend)


@DENSE
def test_measurements_and_unknown_registers_are_refused(backend: str) -> None:
    program = program_of(1, [("measure", 0)], system=(0,))
    with pytest.raises(InternalError, match="measure"):
        simulate(program, backend)
    with pytest.raises(InternalError, match="no register"):
        simulate(program, backend, register="nothing")


def test_an_unknown_back_end_is_bad_input() -> None:
    with pytest.raises(InputError, match="aer, cirq, sparse"):
        simulate(random_program(1), "qasm")


def test_single_amplitudes_of_a_sparse_state() -> None:
    state = SimulatedState(
        backend="sparse", register="system", bits=109, width=131,
        indices=np.array([3, 1 << 100], dtype=object), amplitudes=np.array([0.6, 0.8j]),
    )  # fmt: skip
    assert state.at([1 << 100, 4, 3]).tolist() == [0.8j, 0, 0.6]
    assert state.success_probability == pytest.approx(1.0)
    with pytest.raises(TooLarge, match="2\\^109"):
        state.dense()
