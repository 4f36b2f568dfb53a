"""Formats and back ends by name; nothing heavy is imported before it is used; the manifest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qiskit.qasm2

from carlemanc.backends import (
    FORMATS,
    canonical_wires,
    default_uncompute,
    export,
    file_name,
    manifest,
    registry,
    to_qasm2,
    to_qasm3,
)
from carlemanc.backends.registry import dialects
from carlemanc.core.errors import InputError
from carlemanc.programs.program import Program
from tests.backends.programs import random_program

COUNTS = {
    "t": 1, "toffoli": 2, "t_in_file": 9, "rotations": 3,
    "clifford": 4, "two_qubit": 5, "depth": 6, "measurements": 0,
}  # fmt: skip


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_writes_its_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    path = export(random_program(2), name, tmp_path)
    assert path == tmp_path / file_name(name)
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size > 100


def test_defaults_of_the_contract() -> None:
    contract = {
        "qasm3": "measure", "qasm2": "unitary", "qpy": "measure",
        "cirq-json": "measure", "program": "measure",
    }  # fmt: skip
    assert {name: default_uncompute(name) for name in contract} == contract


def test_the_program_format_round_trips(tmp_path: Path) -> None:
    program = canonical_wires(random_program(2))
    read = Program.from_json(export(program, "program", tmp_path).read_text())
    assert read.to_json() == program.to_json()


def test_an_unknown_format_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="qasm3, qasm2, qpy, cirq-json, program"):
        export(random_program(2), "qasm", tmp_path)


def test_a_dialect_names_its_reader(tmp_path: Path) -> None:
    program = random_program(2)
    named = export(program, "qasm3", tmp_path, dialect="braket").read_text()
    assert named == to_qasm3(program, uncompute="unitary", dialect="braket")
    assert "include" not in named
    assert export(program, "qasm3", tmp_path).read_text() == to_qasm3(program)
    assert [default_uncompute("qasm3", name) for name in dialects()] == ["measure", "unitary", "unitary"]


@pytest.mark.parametrize(
    ("name", "dialect", "allowed"),
    [("qasm3", "quil", "qiskit, braket, pennylane"), ("qasm2", "braket", "nothing with --format qasm2")],
)
def test_an_unknown_dialect_is_bad_input(tmp_path: Path, name: str, dialect: str, allowed: str) -> None:
    with pytest.raises(InputError, match=allowed):
        export(random_program(2), name, tmp_path, dialect=dialect)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_export_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(program: Program, stream: Any, *, uncompute: str) -> None:
        stream.write("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(registry, "loaded", lambda name: interrupted)
    with pytest.raises(KeyboardInterrupt):
        export(random_program(2), "qasm3", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, carlemanc.backends\n"
        "heavy = {'numpy', 'scipy', 'qiskit', 'qiskit_aer', 'cirq', 'qualtran', 'sympy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "from carlemanc.backends import to_qasm3, to_qasm2, export, manifest\n"
        "print(sorted((heavy - {'numpy'}) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


def test_the_manifest_locates_the_block_in_the_file() -> None:
    program = random_program(4)
    document = manifest(
        "block-encoding",
        program,
        COUNTS,
        circuit="circuit.qasm",
        alpha=2.0,
        layout={"time": np.array([1]), "level": (), "slots": [(0,)]},
        matrix="L.npz",
    )
    assert json.loads(json.dumps(document)) == document
    assert document["registers"] == {"system": [0, 1], "ancilla": [2, 3, 4], "work": [3, 4]}
    assert document["layout"] == {"time": [1], "level": [], "slots": [[0]]}
    assert document["state"] == {"ancilla_zero": [2, 3, 4], "scale": None}
    assert document["counts"] == COUNTS
    circuit = qiskit.qasm2.loads(to_qasm2(program))
    assert document["qubits"] == circuit.num_qubits
    assert [circuit.find_bit(bit).index for bit in circuit.qregs[0]] == document["registers"]["system"]


def test_a_manifest_without_a_field_of_the_counts_is_refused() -> None:
    with pytest.raises(KeyError):
        manifest("solver", random_program(4), {"t": 1}, circuit="circuit.qasm")
