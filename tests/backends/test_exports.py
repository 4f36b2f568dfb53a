"""Every format, read back by somebody else, is the program: unitary, global phase, outcomes, counts."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import cirq
import numpy as np
import pytest
import qiskit.qasm2
import qiskit.qasm3
import qiskit.qpy
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator
from qiskit_aer import AerSimulator

from carlemanc.backends import (
    canonical_wires,
    export,
    gate_text,
    qpy_stream,
    to_cirq,
    to_qasm2,
    to_qasm3,
    to_qiskit,
    to_qpy,
)
from carlemanc.backends.cirq_backend import write_cirq_json
from carlemanc.commands.circuit_manifest import file_counts
from carlemanc.programs.counts import tally
from carlemanc.programs.lowering import lower
from carlemanc.programs.program import CODE, OPS, Program
from carlemanc.programs.synthesis import synthesize
from tests.backends.programs import clean_columns, joined, random_program
from tests.reference import program_of, unitary

SEEDS = st.integers(0, 2**32 - 1)


def _qpy(program: Program, uncompute: Any) -> QuantumCircuit:
    return qiskit.qpy.load(io.BytesIO(to_qpy(program, uncompute=uncompute)))[0]


READERS = {
    "qasm3": lambda program, uncompute: qiskit.qasm3.loads(to_qasm3(program, uncompute=uncompute)),
    "qasm2": lambda program, uncompute: qiskit.qasm2.loads(
        to_qasm2(program, uncompute=uncompute), strict=True
    ),
    "qpy": _qpy,
    "qiskit": lambda program, uncompute: to_qiskit(program, uncompute=uncompute),
}
FORMATS = pytest.mark.parametrize("name", READERS)


def _tally(program: Program) -> Counter[str]:
    return Counter(OPS[code] for code in program.codes.tolist())


@FORMATS
@given(seed=SEEDS)
@settings(deadline=None, max_examples=12)
def test_unitary_files_equal_the_program_with_its_phase(name: str, seed: int) -> None:
    program = canonical_wires(random_program(seed))
    clean = clean_columns(program)
    read = Operator(READERS[name](program, "unitary")).data
    np.testing.assert_allclose(read[:, clean], unitary(program)[:, clean], atol=1e-12)


@FORMATS
@given(seed=SEEDS)
@settings(deadline=None, max_examples=5)
def test_programs_without_ands_agree_on_every_column(name: str, seed: int) -> None:
    program = canonical_wires(random_program(seed, ands=False))
    read = Operator(READERS[name](program, "unitary")).data
    np.testing.assert_allclose(read, unitary(program), atol=1e-12)


@FORMATS
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_measured_files_equal_the_program_for_every_outcome(name: str, seed: int) -> None:
    program = canonical_wires(random_program(seed, size=6))
    assert _tally(program)["and_dg"] >= 2
    rng = np.random.default_rng(seed)
    clean = clean_columns(program)
    start = np.zeros(1 << program.width, dtype=complex)
    start[clean] = rng.normal(size=len(clean)) + 1j * rng.normal(size=len(clean))
    start /= np.linalg.norm(start)
    circuit = READERS[name](program, "measure")
    whole = circuit.copy_empty_like()
    whole.set_statevector(start * np.exp(1j * float(circuit.global_phase)))  # which drops the circuit's own
    whole.compose(circuit, inplace=True)
    whole.save_statevector()
    outcomes = set()
    for outcome_seed in range(4):
        simulator = AerSimulator(method="statevector", seed_simulator=outcome_seed)
        result = simulator.run(qiskit.transpile(whole, simulator, optimization_level=0), shots=1).result()
        outcomes.add(next(iter(result.get_counts())))
        np.testing.assert_allclose(result.get_statevector(), unitary(program) @ start, atol=1e-12)
    assert len(outcomes) >= 2


@FORMATS
@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@given(seed=SEEDS)
@settings(deadline=None, max_examples=5)
def test_qiskit_counts_the_gates_of_the_program(name: str, uncompute: str, seed: int) -> None:
    program = random_program(seed)
    tally = _tally(program)
    ands = tally["and"] + (tally["and_dg"] if uncompute == "unitary" else 0)
    probes = tally["and_dg"] if uncompute == "measure" else 0
    counted = READERS[name](program, uncompute).count_ops()
    assert counted.get("t", 0) + counted.get("tdg", 0) == tally["t"] + tally["tdg"] + 4 * ands
    assert counted.get("cx", 0) == tally["cx"] + 6 * ands
    assert counted.get("rz", 0) == tally["rz"] + tally["ry"]
    assert counted.get("cz", 0) == tally["cz"]
    assert counted.get("swap", 0) == tally["swap"]
    assert counted.get("h", 0) == tally["h"] + 2 * ands + probes + 2 * tally["ry"]
    assert [counted.get(op, 0) for op in ("measure", "if_else", "reset")] == [probes] * 3
    assert set(counted) <= {*OPS[:13], "measure", "if_else", "reset", "u3"} - {"ry"}


@given(seed=SEEDS)
@settings(deadline=None, max_examples=12)
def test_cirq_circuit_and_json_equal_the_program(seed: int) -> None:
    program = canonical_wires(random_program(seed))
    stream = io.StringIO()
    write_cirq_json(program, stream, uncompute="unitary")
    circuit = cirq.read_json(json_text=stream.getvalue())
    assert circuit == to_cirq(program, uncompute="unitary")
    qubits = cirq.LineQubit.range(program.width)
    assert circuit.all_qubits() <= set(qubits)
    read = circuit.unitary(qubit_order=qubits[::-1], qubits_that_should_be_present=qubits)
    clean = clean_columns(program)
    np.testing.assert_allclose(read[:, clean], unitary(program)[:, clean], atol=1e-7)


@pytest.mark.parametrize("seed", [0, 1])
def test_measured_cirq_json_equals_the_program_for_every_outcome(seed: int) -> None:
    program = canonical_wires(random_program(seed, size=6))
    stream = io.StringIO()
    write_cirq_json(program, stream, uncompute="measure")
    circuit = cirq.read_json(json_text=stream.getvalue())
    qubits = cirq.LineQubit.range(program.width)
    expected = unitary(program)[:, 0]
    outcomes = set()
    for outcome_seed in range(4):
        simulator = cirq.Simulator(dtype=np.complex128, seed=outcome_seed)
        result = simulator.simulate(circuit, qubit_order=qubits[::-1])
        outcomes.add(tuple(int(bits[0]) for _, bits in sorted(result.measurements.items())))
        np.testing.assert_allclose(result.final_state_vector, expected, atol=1e-6)
    assert len(outcomes) >= 2
    assert len(next(iter(outcomes))) == _tally(program)["and_dg"]


def test_files_declare_registers_by_role_with_work_last() -> None:
    program = program_of(
        5,
        [("and", 3, 0, 1), ("and_dg", 3, 0, 1), ("measure", 3), ("gphase", 0.5)],
        metadata={"alpha": 2.5, "note": "two\nlines"},
        t=(2,),
        ancilla=(0,),
        system=(3, 4),
    )
    head = [
        "// alpha: 2.5",
        "// note: two lines",
        "// qubits 0..1: system, least significant first",
        "// qubits 2..2: ancilla, least significant first",
        "// qubits 3..3: t, least significant first",
        "// qubits 4..4: work, least significant first",
        "// logical ANDs are undone by measurement",
        "// global phase: 0.5",
    ]
    qasm3 = to_qasm3(program).splitlines()
    assert qasm3[0] == "OPENQASM 3.0;"
    assert qasm3[1].startswith("// carlemanc ")
    assert qasm3[2:10] == head
    assert qasm3[10:18] == [
        'include "stdgates.inc";',
        "qubit[2] q0_system;",
        "qubit[1] q1_ancilla;",
        "qubit[1] q2_t;",
        "qubit[1] q3_work;",
        "bit[1] and_outcome;",
        "bit[2] q0_system_readout;",
        "gphase(0.5);",
    ]
    assert qasm3[-5:] == [
        "h q3_work[0];",
        "and_outcome[0] = measure q3_work[0];",
        "if (and_outcome[0]) { cz q0_system[0],q1_ancilla[0]; }",
        "reset q3_work[0];",
        "q0_system_readout[0] = measure q0_system[0];",
    ]
    assert to_qasm2(program, uncompute="measure").splitlines()[-5:] == [
        "h q3_work[0];",
        "measure q3_work[0] -> and_outcome_0[0];",
        "if(and_outcome_0==1) cz q0_system[0],q1_ancilla[0];",
        "reset q3_work[0];",
        "measure q0_system[0] -> q0_system_readout[0];",
    ]
    for read in READERS.values():
        circuit = read(program, "measure")
        names = [register.name for register in circuit.qregs]
        assert names == sorted(names) == ["q0_system", "q1_ancilla", "q2_t", "q3_work"]
        assert circuit.num_clbits == 3


def test_files_do_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    program = random_program(3)
    whole = to_qasm3(program), to_qasm2(program), to_qpy(program)
    monkeypatch.setattr(gate_text, "_CHUNK", 5)
    monkeypatch.setattr(qpy_stream, "_CHUNK", 5)
    assert (to_qasm3(program), to_qasm2(program), to_qpy(program)) == whole


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@given(seed=SEEDS)
@settings(deadline=None, max_examples=8)
def test_qpy_is_byte_for_byte_what_qiskit_writes(uncompute: Any, seed: int) -> None:
    program = random_program(seed)
    read = [("measure", wire) for wire in (*program.registers["ancilla"], *program.registers["system"])]
    whole = joined(program, program_of(5, read, **dict(program.registers)))
    stream = io.BytesIO()
    qiskit.qpy.dump(to_qiskit(whole, uncompute=uncompute), stream, version=qpy_stream.VERSION)
    assert to_qpy(whole, uncompute=uncompute) == stream.getvalue()


@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
def test_qpy_takes_no_more_memory_than_openqasm(uncompute: Any, tmp_path: Path) -> None:
    program = random_program(5, size=300)
    for _ in range(5):
        program = joined(program, program)
    peaks = {}
    for name in ("qpy", "qasm3"):
        export(program, name, tmp_path, uncompute=uncompute)  # what is imported once is no part of it
        tracemalloc.start()
        export(program, name, tmp_path, uncompute=uncompute)
        peaks[name] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    gates = len(lower(program, uncompute))
    assert peaks["qasm3"] > 30 * gates  # the arrays that both write from
    assert peaks["qpy"] < 1.1 * peaks["qasm3"]


def test_rotation_angles_keep_every_digit() -> None:
    angles = [0.1 + 0.2, 1e-17, -np.pi, 1e22, 5e-324]
    program = program_of(1, [("rz", 0, angle) for angle in angles], system=(0,))
    for read in READERS.values():
        assert [float(gate.params[0]) for gate in read(program, "unitary").data] == angles


def test_a_global_phase_of_a_full_turn_is_not_written() -> None:
    program = program_of(1, [("gphase", np.pi), ("gphase", np.pi), ("x", 0)], system=(0,))
    assert "u3" not in to_qasm2(program)
    assert "gphase" not in to_qasm3(program)


def test_an_independent_estimator_finds_the_tally_in_the_text() -> None:
    estimate = pytest.importorskip("qdk.openqasm").estimate
    program = random_program(11)
    tally = _tally(program)
    found = estimate(to_qasm3(program, uncompute="unitary") + "bit[1] b;\nb[0] = measure q2_work[0];\n")
    found = found.data()["logicalCounts"] if hasattr(found, "data") else found["logicalCounts"]
    assert found["tCount"] == tally["t"] + tally["tdg"] + 4 * (tally["and"] + tally["and_dg"])
    assert found["rotationCount"] == tally["rz"] + tally["ry"]
    assert CODE["rz"] != CODE["ry"]


@FORMATS
@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
@given(seed=SEEDS)
@settings(deadline=None, max_examples=5)
def test_the_tally_is_what_qiskit_counts(name: str, uncompute: Any, seed: int) -> None:
    program = random_program(seed)
    counts = tally(program, uncompute)
    circuit = READERS[name](program, uncompute)
    ops = circuit.count_ops()
    assert ops.get("t", 0) + ops.get("tdg", 0) == counts.t_in_file
    assert ops.get("rz", 0) == counts.rotations
    assert ops.get("measure", 0) == counts.measurements
    assert sum(ops.get(gate, 0) for gate in ("cx", "cz", "swap", "if_else")) == counts.two_qubit
    one_qubit = sum(ops.get(gate, 0) for gate in ("x", "y", "z", "h", "s", "sdg"))
    assert one_qubit + counts.two_qubit == counts.clifford
    assert circuit.num_qubits == counts.qubits
    written = file_counts(program, "qpy" if name == "qiskit" else name, uncompute)
    assert circuit.depth() == written.depth
    assert written.clifford == counts.clifford + ops.get("u3", 0)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=300, derandomize=True)
def test_angles_are_plain_decimals_that_give_the_double_back(angle: float) -> None:
    text = gate_text.decimal(angle)
    assert re.fullmatch(r"-?[0-9]+\.[0-9]+", text)
    assert float(text) == angle


def test_tiny_and_whole_angles_are_read_by_strict_readers() -> None:
    """Exponents are no number of OpenQASM 2 to Qiskit's strict reader, nor to pyzx."""
    angles = [1e-5, -1e-300, 3.0, 1e22, 5e-324, 1e16]
    program = program_of(1, [("rz", 0, angle) for angle in angles], system=(0,))
    read = qiskit.qasm2.loads(to_qasm2(program), strict=True)
    assert [float(gate.operation.params[0]) for gate in read.data] == angles
    assert [float(g.operation.params[0]) for g in qiskit.qasm3.loads(to_qasm3(program)).data] == angles


def test_a_synthesized_program_keeps_its_t_count_and_its_unitary() -> None:
    program = synthesize(canonical_wires(random_program(21, size=3)), 1e-4)
    circuit = qiskit.qasm2.loads(to_qasm2(program))
    ops = circuit.count_ops()
    assert "rz" not in ops
    assert ops.get("t", 0) + ops.get("tdg", 0) == tally(program, "unitary").t_in_file > 100
    clean = clean_columns(program)
    exact = unitary(canonical_wires(random_program(21, size=3)))
    np.testing.assert_allclose(Operator(circuit).data[:, clean], exact[:, clean], atol=2e-3)


@FORMATS
def test_readout_bits_are_the_bits_of_their_register(name: str) -> None:
    flipped = [("x", 3), ("x", 0), ("and", 3, 0, 1), ("and_dg", 3, 0, 1)]
    read = [("measure", 0), ("measure", 3), ("measure", 2)]
    program = program_of(4, [*flipped, *read], ancilla=(0,), system=(2, 3))
    circuit = READERS[name](program, "measure")
    counts = AerSimulator().run(qiskit.transpile(circuit, AerSimulator()), shots=3).result().get_counts()
    registers = [register.name for register in circuit.cregs][::-1]
    (shot,) = {key.rsplit(" ", 1)[0] for key in counts}
    assert registers[:2] == ["q1_ancilla_readout", "q0_system_readout"]
    assert shot == "1 10"
