"""Exported files as a stranger sees them: Qiskit reads them, scipy reads L and b, nothing of carlemanc is used."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qiskit.qasm2
import qiskit.qasm3
import scipy.sparse
import scipy.sparse.linalg
from qiskit.quantum_info import Statevector

import carlemanc
from tests.fixed import fixed

SMALL = ["logistic-map-scalar", "ridge-diabetes", "cubic-pair", "quartic-pair"]


def _load(directory: Path) -> tuple[dict[str, Any], Any]:
    manifest = json.loads((directory / "manifest.json").read_text())
    text = (directory / manifest["circuit"]).read_text()
    reader = qiskit.qasm2 if text.startswith("OPENQASM 2") else qiskit.qasm3
    return manifest, reader.loads(text)


def _act(circuit: Any, basis_state: int) -> Any:
    start = np.zeros(1 << circuit.num_qubits, dtype=complex)
    start[basis_state] = 1
    return Statevector(start).evolve(circuit).data


def _t_gates(circuit: Any) -> int:
    operations = circuit.count_ops()
    return int(operations.get("t", 0) + operations.get("tdg", 0))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in ("quartic-pair", "cubic-pair") else [])
        for name in SMALL
    ],
)
def test_block_in_the_qasm2_file_is_L_over_alpha(name: str, tmp_path: Path) -> None:
    carlemanc.compile(
        fixed(name), output=tmp_path, stage="block-encoding", format="qasm2", uncompute="unitary"
    )
    manifest, circuit = _load(tmp_path)
    matrix = scipy.sparse.load_npz(tmp_path / manifest["matrix"]).tocsc()
    width = len(manifest["registers"]["system"])
    assert manifest["registers"]["system"] == list(range(width))
    columns = np.random.default_rng(5).choice(1 << width, size=min(1 << width, 3), replace=False)
    for column in columns:
        block = manifest["alpha"] * _act(circuit, int(column))[: 1 << width]
        np.testing.assert_allclose(block, matrix[:, [column]].toarray().ravel(), atol=1e-9)


@pytest.mark.parametrize("name", [*SMALL, "quartic-ridge-diabetes", "burgers-map"])
def test_state_in_the_qasm2_file_is_b(name: str, tmp_path: Path) -> None:
    carlemanc.compile(
        fixed(name), output=tmp_path, stage="state-preparation", format="qasm2", uncompute="unitary"
    )
    manifest, circuit = _load(tmp_path)
    rhs = np.load(tmp_path / manifest["rhs"])
    state = _act(circuit, 0)
    np.testing.assert_allclose(state[: len(rhs)], rhs / np.linalg.norm(rhs), atol=1e-9)


@pytest.mark.parametrize("name", [*SMALL, "quartic-ridge-diabetes", "burgers-map", "quartic-ring"])
def test_solution_of_the_written_system_is_the_carleman_iterate(name: str, tmp_path: Path) -> None:
    carlemanc.compile(fixed(name), output=tmp_path, stage="state-preparation")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    matrix, rhs = scipy.sparse.load_npz(tmp_path / "L.npz"), np.load(tmp_path / "b.npy")
    x = scipy.sparse.linalg.spsolve(matrix.tocsc(), rhs)
    found = manifest["solution"]
    theta = np.array(found["offset"]) + found["scale"] * x[found["indices"]]
    expected = carlemanc.run(fixed(name), backend="matrix").theta_carleman
    np.testing.assert_allclose(theta, expected, atol=1e-10)


@pytest.mark.parametrize("name", ["logistic-map-scalar", "ridge-diabetes"])
def test_solver_file_leaves_the_scaled_solution(name: str, tmp_path: Path) -> None:
    carlemanc.compile(fixed(name), output=tmp_path, stage="solver", format="qasm2")
    manifest, circuit = _load(tmp_path)
    matrix, rhs = scipy.sparse.load_npz(tmp_path / "L.npz"), np.load(tmp_path / "b.npy")
    x = scipy.sparse.linalg.spsolve(matrix.tocsc(), rhs)
    amplitudes = _act(circuit, 0)[: len(rhs)]
    assert np.linalg.norm(amplitudes - manifest["state"]["scale"] * x) <= 1e-3 * np.linalg.norm(amplitudes)
    assert np.linalg.norm(amplitudes) ** 2 == pytest.approx(manifest["success_probability"], rel=1e-3)
    others = set(range(circuit.num_qubits)) - set(manifest["registers"]["system"])
    assert set(manifest["state"]["ancilla_zero"]) == others


@pytest.mark.parametrize(
    ("stage", "uncompute", "format_name"),
    [
        pytest.param(*case, marks=[pytest.mark.slow] if case[::2] == ("full", "qasm3") else [])
        for case in itertools.product(["block-encoding", "full"], ["measure", "unitary"], ["qasm2", "qasm3"])
    ],
)
def test_manifest_counts_are_those_qiskit_counts(
    format_name: str, uncompute: Any, stage: Any, tmp_path: Path
) -> None:
    carlemanc.compile(
        fixed("cubic-pair"), output=tmp_path, stage=stage, format=format_name, uncompute=uncompute
    )
    manifest, circuit = _load(tmp_path)
    operations, counts = circuit.count_ops(), manifest["counts"]
    assert circuit.num_qubits == manifest["qubits"]
    assert _t_gates(circuit) == counts["t_in_file"]
    assert operations.get("rz", 0) == counts["rotations"]
    assert operations.get("measure", 0) == counts["measurements"]
    unconditional = sum(operations.get(gate, 0) for gate in ("cx", "cz", "swap"))
    assert unconditional + operations.get("if_else", 0) == counts["two_qubit"]


@pytest.mark.parametrize("name", ["logistic-map-scalar", pytest.param("cubic-pair", marks=pytest.mark.slow)])
def test_t_count_of_the_synthesized_file_is_the_estimate(name: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"gate_set": "clifford+t", "rotation_epsilon": 1e-3}
    carlemanc.compile(fixed(name), output=tmp_path, stage="solver", **options)
    manifest, circuit = _load(tmp_path)
    estimate = carlemanc.estimate(fixed(name), **options)
    assert _t_gates(circuit) == estimate.t_with_toffoli == manifest["counts"]["t_in_file"]
    assert circuit.count_ops().get("rz", 0) == 0 == estimate.rotation_count
    assert circuit.num_qubits == estimate.logical_qubits


def test_synthesized_block_is_within_the_stated_epsilon(tmp_path: Path) -> None:
    carlemanc.compile(
        fixed("logistic-map-scalar"),
        output=tmp_path,
        stage="block-encoding",
        format="qasm2",
        gate_set="clifford+t",
        rotation_epsilon=1e-4,
    )
    manifest, circuit = _load(tmp_path)
    matrix = scipy.sparse.load_npz(tmp_path / "L.npz").toarray()
    size = len(matrix)
    block = np.array([manifest["alpha"] * _act(circuit, column)[:size] for column in range(size)]).T
    deviation = np.linalg.norm(block - matrix, 2)
    assert 0 < deviation <= manifest["epsilon"] < 0.1


@pytest.mark.parametrize("gate_set", ["clifford+rz", "clifford+t"])
@pytest.mark.parametrize("stage", ["block-encoding", "state-preparation"])
@pytest.mark.parametrize("name", ["tridiagonal-system", "logistic-map-scalar", "sgd-diabetes"])
def test_files_of_every_kind_of_spec_have_the_depth_of_their_manifest(
    name: str, stage: str, gate_set: str, tmp_path: Path
) -> None:
    """All formats and both ways to undo ANDs; a [system] once had no count of its rotations."""
    for format_name, uncompute in itertools.product(
        ["qasm2", "qasm3", "qpy", "program", "cirq-json"], ["measure", "unitary"]
    ):
        found = carlemanc.compile(
            fixed(
                name,
                ["training.steps=1", "solver.epsilon=0.3"]
                if name == "sgd-diabetes"
                else ["solver.epsilon=0.3"],
            ),
            output=tmp_path / f"{format_name}-{uncompute}",
            stage=stage,
            format=format_name,
            uncompute=uncompute,
            gate_set=gate_set,
        )
        manifest = found.document
        assert (found.directory / manifest["circuit"]).stat().st_size > 0
        assert manifest["epsilon"] > 0 or gate_set == "clifford+rz"
        if format_name.startswith("qasm"):
            circuit = _load(found.directory)[1]
            assert circuit.depth() == manifest["counts"]["depth"]
            assert _t_gates(circuit) == manifest["counts"]["t_in_file"]
