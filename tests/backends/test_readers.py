"""Who reads which file: every reader loads every stage, both ways to undo ANDs, and finds the program's state.

Read with the versions of `.ci/constraints.txt`, which are those below; each is skipped where it is not installed.

| reader | version | file | both ways to undo ANDs |
|---|---|---|---|
| Qiskit | 2.6.2 | qasm3, qasm2, qpy | yes |
| Cirq | 1.7.0 | qasm2, cirq-json | yes (of qasm3: unitary alone) |
| pytket | 2.18.5 | qasm2 | yes |
| pyzx | 0.10.7 | qasm2 | yes (of qasm3: unitary alone) |
| BQSKit | 1.2.1 | qasm2 | yes |
| Braket's simulator | 1.41.2 | qasm3, dialect braket | yes; its devices read the unitary ones |
| PennyLane | 0.45.1 | qasm3, dialect pennylane | yes |
| qdk (to QIR) | 1.33.1 | qasm3 | yes |
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cirq
import numpy as np
import numpy.typing as npt
import pytest
import qiskit.qasm2
import qiskit.qasm3
from qiskit.quantum_info import Statevector

import carlemanc
from carlemanc.backends import canonical_wires, export, to_qasm3
from tests.backends.programs import random_program
from tests.fixed import fixed
from tests.reference import program_of, unitary

State = npt.NDArray[np.complex128]
STAGES = ("block-encoding", "state-preparation", "solver", "full")
SMALL = ("solver.method=march", "solver.epsilon=0.3")
"""A march with a handful of ANDs."""


@dataclass(frozen=True)
class Reader:
    """A reader of circuit files: `load` gives its own object of a text, `qubits` and `state` read that.

    States start at |0...0>; qubit 0 of the manifest is least significant.
    """

    module: str
    format: str
    dialect: str | None
    load: Callable[[str], Any]
    qubits: Callable[[Any], int]
    state: Callable[[Any, int], State]

    def read(self, text: str) -> Any:
        pytest.importorskip(self.module)
        return self.load(text)


def _reversed(state: Any, width: int) -> State:
    """Return a state whose qubit 0 is most significant in the order of the manifest."""
    return np.asarray(state, dtype=complex).reshape((2,) * width).transpose().reshape(-1)


def _cirq_load(text: str) -> tuple[cirq.Circuit, list[cirq.Qid]]:
    """Return the circuit and all qubits in the order in which Cirq sorts them."""
    pytest.importorskip("ply")
    from cirq.contrib.qasm_import import circuit_from_qasm

    sizes = re.findall(r"^qreg (\w+)\[(\d+)\];", text, flags=re.MULTILINE)
    declared = [cirq.NamedQubit(f"{name}_{place}") for name, size in sizes for place in range(int(size))]
    return circuit_from_qasm(text), sorted(declared)


def _pytket_load(text: str) -> Any:
    from pytket.qasm import circuit_from_qasm_str

    return circuit_from_qasm_str(text, maxwidth=10_000)


def _bqskit_load(text: str) -> Any:
    from bqskit.ir.lang.qasm2 import OPENQASM2Language

    return OPENQASM2Language().decode(text)


def _pyzx_load(text: str) -> Any:
    import pyzx

    return pyzx.Circuit.from_qasm(text)


def _braket_load(text: str) -> tuple[Any, str]:
    from braket.default_simulator.openqasm.interpreter import Interpreter

    return Interpreter().build_circuit(text), text


def _braket_state(read: tuple[Any, str], width: int) -> State:
    from braket.default_simulator import StateVectorSimulator
    from braket.ir.openqasm import Program

    source = f"{read[1]}#pragma braket result state_vector\n"
    (found,) = StateVectorSimulator().run(Program(source=source), shots=0).resultTypes
    return _reversed(found.value, width)


def _pennylane_load(text: str) -> tuple[Any, list[str]]:
    import pennylane

    script = pennylane.tape.make_qscript(pennylane.from_qasm3(text))()
    return script, re.findall(r"^qubit (\w+);", text, flags=re.MULTILINE)


def _pennylane_state(read: tuple[Any, list[str]], width: int) -> State:
    import pennylane

    script = pennylane.tape.QuantumScript(read[0].operations, [pennylane.state()])
    (found,) = pennylane.execute([script], pennylane.device("default.qubit", wires=read[1]))
    return _reversed(found, width)


def _qiskit_state(circuit: Any, width: int) -> State:
    return np.asarray(Statevector(circuit).data)


READERS = {
    "qiskit3": Reader(
        "qiskit", "qasm3", "qiskit", qiskit.qasm3.loads, lambda read: read.num_qubits, _qiskit_state
    ),
    "qiskit2": Reader(
        "qiskit", "qasm2", None, qiskit.qasm2.loads, lambda read: read.num_qubits, _qiskit_state
    ),
    "cirq": Reader(
        "cirq",
        "qasm2",
        None,
        _cirq_load,
        lambda read: len(read[1]),
        lambda read, width: _reversed(
            read[0].final_state_vector(qubit_order=read[1], dtype=np.complex128), width
        ),
    ),
    "pytket": Reader(
        "pytket",
        "qasm2",
        None,
        _pytket_load,
        lambda read: read.n_qubits,
        lambda read, width: _reversed(read.get_statevector(), width),
    ),
    "pyzx": Reader(
        "pyzx",
        "qasm2",
        None,
        _pyzx_load,
        lambda read: read.qubits,
        lambda read, width: _reversed(read.to_matrix()[:, 0], width),
    ),
    "bqskit": Reader(
        "bqskit",
        "qasm2",
        None,
        _bqskit_load,
        lambda read: read.num_qudits,
        lambda read, width: _reversed(read.get_unitary()[:, 0], width),
    ),
    "braket": Reader(
        "braket.default_simulator",
        "qasm3",
        "braket",
        _braket_load,
        lambda read: read[0].num_qubits,
        _braket_state,
    ),
    "pennylane": Reader(
        "pennylane", "qasm3", "pennylane", _pennylane_load, lambda read: len(read[1]), _pennylane_state
    ),
}
BY_NAME = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
FORGET_A_PHASE = ("pyzx",)


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@pytest.mark.parametrize("stage", STAGES)
@BY_NAME
def test_every_stage_is_read(reader: Reader, stage: Any, uncompute: Any, tmp_path: Path) -> None:
    pytest.importorskip(reader.module)
    written = carlemanc.compile(
        fixed("logistic-map-scalar", SMALL),
        output=tmp_path,
        stage=stage,
        format=reader.format,
        dialect=reader.dialect,
        uncompute=uncompute,
    )
    text = (tmp_path / "circuit.qasm").read_text()
    assert (uncompute == "measure" and stage == "solver") <= ("measure" in text)
    assert reader.qubits(reader.read(text)) == written.document["qubits"]


@pytest.mark.parametrize("seed", [0, 3])
@BY_NAME
def test_every_reader_finds_the_state_in_the_order_of_the_manifest(
    reader: Reader, seed: int, tmp_path: Path
) -> None:
    program = canonical_wires(random_program(seed))
    path = export(program, reader.format, tmp_path, uncompute="unitary", dialect=reader.dialect)
    found = reader.state(reader.read(path.read_text()), program.width)
    expected = unitary(program)[:, 0]
    if reader.module in FORGET_A_PHASE:
        overlap = np.vdot(expected, found)
        found = found / overlap * abs(overlap)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert not np.allclose(_reversed(expected, program.width), expected, atol=1e-2)


def _fed_forward() -> str:
    """Return two qubits that come back from |++> as |01> only where each outcome of the AND is corrected."""
    rows = [("h", 0), ("h", 1), ("and", 0, 1, 2), ("and_dg", 0, 1, 2), ("h", 0), ("h", 1), ("x", 0)]
    return program_of(3, [*rows, ("measure", 1), ("measure", 0)], system=(0, 1))


def test_braket_feeds_outcomes_forward() -> None:
    simulator = pytest.importorskip("braket.default_simulator").StateVectorSimulator()
    from braket.ir.openqasm import Program

    text = to_qasm3(_fed_forward(), uncompute="measure", dialect="braket")
    shots = np.array(simulator.run(Program(source=text), shots=64).measurements, dtype=int)
    np.testing.assert_array_equal(shots[:, :2], np.tile([1, 0], (64, 1)))  # the bits of qubits 0 and 1
    assert set(shots[:, 2]) == {0, 1}


def test_pennylane_feeds_outcomes_forward() -> None:
    pennylane = pytest.importorskip("pennylane")
    script, wires = _pennylane_load(to_qasm3(_fed_forward(), uncompute="measure", dialect="pennylane"))
    read = pennylane.tape.QuantumScript(script.operations, [pennylane.probs(wires=wires[:2])])
    (found,) = pennylane.execute([read], pennylane.device("default.qubit"))
    np.testing.assert_allclose(found, [0, 0, 1, 0], atol=1e-12)


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
def test_qdk_compiles_a_file_to_qir_with_the_gates_of_the_manifest(uncompute: Any, tmp_path: Path) -> None:
    openqasm = pytest.importorskip("qdk.openqasm")
    model = fixed("logistic-map-scalar", SMALL)
    counts = carlemanc.compile(model, output=tmp_path, stage="full", uncompute=uncompute).document["counts"]
    lines = str(openqasm.compile((tmp_path / "circuit.qasm").read_text())).splitlines()
    calls = [
        name for line in lines for name in re.findall(r"call void @__quantum__(?:qis|rt)__(\w+?)\(", line)
    ]
    assert calls.count("t__body") + calls.count("t__adj") == counts["t_in_file"]
    assert calls.count("rz__body") == counts["rotations"]
