"""The number in the estimate is the number in the file: other people's readers count the exported OpenQASM.

Two readers share no code with carlemanc: Qiskit parses the file and `Tally` below classifies what it finds; Microsoft's
estimator (`qdk`, where it is installed) parses and counts by itself. Both find T gates, rotations, measurements and
qubits of the estimate, for every method, both gate sets, both ways to undo ANDs and both versions of OpenQASM.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.quantum_info import Operator

import carlemanc
from tests.fixed import fixed

EIGHTH = math.pi / 4
pytestmark = [
    pytest.mark.filterwarnings(
        "ignore:carleman.order", "ignore:carleman.corrections", "ignore:the system is"
    ),
    pytest.mark.filterwarnings("ignore:This is a legacy"),
]
READ = {"qasm3": qasm3.load, "qasm2": qasm2.load}
CLIFFORD = {"x", "y", "z", "h", "s", "sdg", "cx", "cz", "swap", "reset", "if_else"}
COARSE = "solver.epsilon=0.2"
FIRST_ORDER = ("training.steps=1", "carleman.order=1", COARSE)


@dataclass(frozen=True)
class Tally:
    """What a file holds."""

    t: int
    rotations: int
    measurements: int
    qubits: int


SPARSE_QUADRATIC: Mapping[str, Any] = {  # no structure: every entry is loaded by lookup
    "name": "sparse-quadratic",
    "loss": {
        "expression": "0.5*theta[0]**2 + 0.4*theta[1]**2 + 0.6*theta[2]**2 + 0.3*theta[0]*theta[2] "
        "- 0.2*theta[1]*theta[2] + 0.1*theta[0]"
    },
    "model": {"n": 3},
    "training": {"learning_rate": 0.2, "steps": 2, "initial": [0.3, -0.2, 0.1]},
    "carleman": {"order": 1},
    "solver": {"epsilon": 0.2},
}

SPECS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "cubic levels, F_0 = 0": ("quartic-pair", ("training.steps=1", COARSE)),
    "F_0, N = 2": ("cubic-pair", ("training.steps=1", COARSE)),
    "one weight": ("logistic-map-scalar", (COARSE,)),
    "ring of four sites": ("quartic-ring", FIRST_ORDER),
    "open chain": ("double-well-chain", FIRST_ORDER),
    "open grid": ("phi4-lattice", FIRST_ORDER),
    "lookup": (SPARSE_QUADRATIC, ()),
    "lookup with ancillas": (SPARSE_QUADRATIC, ("compile.ancilla_budget=24",)),
    "data": ("ridge-diabetes", ("training.steps=2", COARSE)),
    "batches": ("sgd-diabetes", ("training.steps=2", "carleman.order=1", COARSE)),
    "network": ("iris-square-net", FIRST_ORDER),
    "map from a file": ("burgers-map", FIRST_ORDER),
    "given system": ("tridiagonal-system", (COARSE,)),
    "lcu": ("logistic-map-scalar", ('solver.method="lcu"', "carleman.order=1", COARSE)),
    "kernel": ("logistic-map-scalar", ('solver.method="kernel"', "carleman.order=1", COARSE)),
    "kernel, norm unknown": (
        "logistic-map-scalar",
        ('solver.method="kernel"', 'solver.norm="unknown"', "carleman.order=1", COARSE),
    ),
    "hhl": ("logistic-map-scalar", ('solver.method="hhl"', "carleman.order=1", COARSE)),
    "adiabatic": ("logistic-map-scalar", ('solver.method="adiabatic"', "carleman.order=1", COARSE)),
    "march": ("quartic-pair", ('solver.method="march"', "training.steps=2", COARSE)),
    "amplified": ("logistic-map-scalar", ("solver.amplification=true", COARSE)),
    "auto": ("logistic-map-scalar", ('solver.method="auto"', COARSE)),
    "padding": ("ridge-diabetes", ('carleman.padding="auto"', "training.steps=2", COARSE)),
    "phase gradient": ("quartic-ring", (*FIRST_ORDER, 'compile.synthesis="phase-gradient"')),
    "Euler steps": ("quartic-pair", ("carleman.corrections=1", "training.steps=1", COARSE)),
    "absolute polynomial": ("ridge-diabetes", ('solver.polynomial="absolute"', COARSE)),
}
TEN = (
    "cubic levels, F_0 = 0",
    "F_0, N = 2",
    "one weight",
    "ring of four sites",
    "open chain",
    "lookup",
    "network",
    "lcu",
    "kernel",
    "march",
)
"""Checked on every run; the others with the slow tests, with every file in OpenQASM 3 beside."""
QUICKLY_READ = 40_000
"""Characters of OpenQASM 3 that Qiskit's reader takes about a second for."""


def counted_by_qiskit(path: Path, version: str) -> Tally:
    """T gates are t, tdg and rz by odd multiples of pi/4; rz by even ones are Cliffords, every other a rotation."""
    circuit = READ[version](path)
    t = rotations = measurements = 0
    phase = QuantumCircuit(1)
    for instruction in circuit.data:
        gate = instruction.operation
        if gate.name == "rz":
            eighths = round(float(gate.params[0]) / EIGHTH)
            is_rotation = abs(float(gate.params[0]) - eighths * EIGHTH) > 1e-12
            rotations += is_rotation
            t += not is_rotation and eighths % 2
        elif gate.name == "u3":  # OpenQASM 2 has no other way to write a global phase
            phase.append(gate, [0])
        else:
            t += gate.name in ("t", "tdg")
            measurements += gate.name == "measure"
            assert gate.name in CLIFFORD | {"t", "tdg", "measure"}
            if gate.name == "if_else":
                assert [inner.operation.name for inner in gate.blocks[0].data] == ["cz"]
    matrix = Operator(phase).data
    np.testing.assert_allclose(matrix, matrix[0, 0] * np.eye(2), atol=1e-12)
    assert len(phase.data) in (0, 2)
    return Tally(t, rotations, measurements, circuit.num_qubits)


def counted_by_qdk(path: Path) -> Tally:
    """Microsoft's own counts."""
    from qdk.openqasm import estimate

    found = estimate(path.read_text(encoding="utf-8"))["logicalCounts"]
    assert found["cczCount"] == found["ccixCount"] == 0  # ANDs are spelled out
    return Tally(found["tCount"], found["rotationCount"], found["measurementCount"], found["numQubits"])


def estimated(spec: Any, overrides: tuple[str, ...], **options: Any) -> Tally:
    """The keys of the estimate, from its JSON."""
    found = json.loads(json.dumps(carlemanc.estimate(fixed(spec, overrides), **options).to_json()))
    return Tally(
        found["t_count_with_toffoli_as_4t"],
        found["rotation_count"],
        found["measurement_count"],
        found["logical_qubits"],
    )


def check(
    name: str, directory: Path, *, version: str, uncompute: str, gate_set: str, read_whole: bool
) -> Tally:
    """Compile the solver's circuit, have the file counted and compare; return the counts."""
    spec, overrides = SPECS[name]
    options: dict[str, Any] = {"uncompute": uncompute, "gate_set": gate_set}
    expected = estimated(spec, overrides, **options)
    written = carlemanc.compile(
        fixed(spec, overrides), output=directory, stage="solver", format=version, **options
    )
    path = directory / written.document["circuit"]
    if version == "qasm2" or read_whole or path.stat().st_size < QUICKLY_READ:
        assert counted_by_qiskit(path, version) == expected
    if version == "qasm3" and util.find_spec("qdk") is not None:
        assert counted_by_qdk(path) == expected
    counts = written.document["counts"]
    named = (counts["t_in_file"], counts["rotations"], counts["measurements"], written.document["qubits"])
    assert Tally(*named) == expected
    assert (expected.rotations == 0) == (gate_set == "clifford+t")
    assert (expected.measurements == 0) == (uncompute == "unitary")
    return expected


GATE_SETS = pytest.mark.parametrize("gate_set", ["clifford+rz", "clifford+t"])


@GATE_SETS
@pytest.mark.parametrize("name", TEN)
def test_two_readers_count_the_estimate_in_the_file(name: str, gate_set: str, tmp_path: Path) -> None:
    found = [
        check(
            name,
            tmp_path / f"{number}",
            gate_set=gate_set,
            read_whole=False,
            version=version,
            uncompute=style,
        )
        for number, (version, style) in enumerate(
            [("qasm3", "measure"), ("qasm2", "measure"), ("qasm2", "unitary")]
        )
    ]
    assert found[0] == found[1]
    assert found[1].t < found[2].t  # undoing an AND by measurement costs no T


@pytest.mark.slow
@GATE_SETS
@pytest.mark.parametrize("name", SPECS)
def test_two_readers_count_the_estimate_in_every_file(name: str, gate_set: str, tmp_path: Path) -> None:
    for version in READ:
        for style in ("measure", "unitary"):
            check(
                name, tmp_path / version / style, gate_set=gate_set, read_whole=True,
                version=version, uncompute=style,
            )  # fmt: skip


def test_the_whole_circuit_reads_its_registers_on_top(tmp_path: Path) -> None:
    """Stage `full` ends with one measurement a qubit of the registers, work qubits excepted."""
    spec, overrides = SPECS["lookup"]
    written = carlemanc.compile(fixed(spec, overrides), output=tmp_path, stage="full", format="qasm2")
    path = tmp_path / written.document["circuit"]
    (work,) = (register for register in qasm2.load(path).qregs if register.name.endswith("_work"))
    expected = estimated(spec, overrides, uncompute="unitary")
    read = expected.qubits - len(work)
    assert counted_by_qiskit(path, "qasm2") == replace(expected, measurements=read)
