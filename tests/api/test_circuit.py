"""`carlemanc.circuit`: gate for gate the file that `compile` writes, in every form it is asked for."""

import json
from pathlib import Path
from typing import Any

import cirq
import numpy as np
import pytest
import qiskit.qasm2
import qiskit.qasm3
from qiskit import QuantumCircuit
from qiskit.quantum_info import Statevector
from qualtran import Bloq

import carlemanc
from carlemanc.commands.gate_set import GateSet, Stage
from carlemanc.core.errors import InputError
from carlemanc.programs.emitter import emit
from tests.fixed import fixed

SCALAR = "logistic-map-scalar"
STAGES: tuple[Stage, ...] = ("block-encoding", "state-preparation", "solver", "full")


def gates(circuit: QuantumCircuit) -> list[Any]:
    """Every gate with its angle, to a part in 10^12 as a reader of decimals keeps it, and the numbers of its wires."""
    found = []
    for one in circuit.data:
        angles = [f"{angle:.12e}" for angle in one.operation.params if isinstance(angle, float)]
        bits = [circuit.find_bit(bit).index for bit in one.clbits]
        found.append((one.operation.name, angles, [circuit.find_bit(q).index for q in one.qubits], bits))
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_it_is_the_circuit_of_the_file(stage: Stage, tmp_path: Path) -> None:
    spec = fixed(SCALAR)
    made = carlemanc.circuit(spec, stage=stage)
    carlemanc.compile(spec, output=tmp_path, stage=stage)
    text = (tmp_path / "circuit.qasm").read_text(encoding="utf-8")
    assert made.qasm() == text
    if stage != "solver":  # the same gates are part of "full", and Qiskit takes long to read them
        assert gates(made.to_qiskit()) == gates(qiskit.qasm3.loads(text))
    written = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(made.manifest)) == written | {"matrix": None, "rhs": None}


@pytest.mark.parametrize("gate_set", ["clifford+rz", "clifford+t"])
def test_version_2_and_gate_sets(gate_set: GateSet, tmp_path: Path) -> None:
    spec = fixed(SCALAR)
    made = carlemanc.circuit(spec, stage="state-preparation", gate_set=gate_set, rotation_epsilon=1e-3)
    carlemanc.compile(
        spec,
        output=tmp_path,
        stage="state-preparation",
        format="qasm2",
        gate_set=gate_set,
        rotation_epsilon=1e-3,
    )
    text = made.qasm(version=2)
    assert text == (tmp_path / "circuit.qasm").read_text(encoding="utf-8")
    rotations = qiskit.qasm2.loads(text).count_ops().get("rz", 0)
    assert (rotations > 0) == (gate_set == "clifford+rz")


@pytest.mark.parametrize("dialect", ["braket", "pennylane"])
def test_dialects_of_version_3(dialect: str, tmp_path: Path) -> None:
    spec = fixed(SCALAR)
    carlemanc.compile(spec, output=tmp_path, stage="state-preparation", dialect=dialect)
    text = (tmp_path / "circuit.qasm").read_text(encoding="utf-8")
    assert carlemanc.circuit(spec, stage="state-preparation").qasm(dialect=dialect) == text
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["dialect"] == dialect


def test_the_bloq_is_what_was_emitted() -> None:
    made = carlemanc.circuit(fixed(SCALAR), stage="solver")
    assert isinstance(made.bloq, Bloq)
    again = emit(made.bloq)
    for one, other in ((again.codes, made.program.codes), (again.wires, made.program.wires)):
        np.testing.assert_array_equal(one, other)


def test_cirq_and_qiskit_prepare_the_same_state() -> None:
    made = carlemanc.circuit(fixed(SCALAR), stage="state-preparation", uncompute="unitary")
    other = made.to_cirq()
    wires = cirq.LineQubit.range(made.manifest["qubits"])
    vector = other.final_state_vector(qubit_order=wires[::-1], dtype=np.complex128)
    np.testing.assert_allclose(vector, Statevector(made.to_qiskit()).data, atol=1e-9)


def test_what_it_refuses() -> None:
    with pytest.raises(InputError, match="rotation-epsilon"):
        carlemanc.circuit(SCALAR, rotation_epsilon=2.0)
