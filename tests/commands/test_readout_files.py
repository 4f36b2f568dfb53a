"""The circuits of a readout in files: Qiskit reads them, counts their T gates and sees their event."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import qiskit.qasm2
from qiskit.quantum_info import Statevector

import carlemanc
from carlemanc.commands.opening import open_spec
from carlemanc.commands.readout_files import MOST_GATES
from carlemanc.readout.observables_plan import ObservablesPlan
from tests.fixed import fixed

SMALL = (
    'readout.target="observables"',
    'readout.observables={square="theta[0]**2", both="theta[0]*theta[1]"}',
    "solver.method=march",
    "training.steps=1",
    "carleman.order=1",
    "readout.precision=0.2",
)
pytestmark = pytest.mark.filterwarnings("ignore:carleman.order")


def _compiled(output: Path, *overrides: str, **options: str) -> dict:
    document = carlemanc.compile(
        fixed("quartic-pair", (*SMALL, *overrides)), output=output, **options
    ).document
    assert json.loads((output / "manifest.json").read_text()) == document
    return document


@pytest.mark.parametrize("method", ["maximum-likelihood", "sampling"])
def test_qiskit_finds_the_probability_of_every_circuit(tmp_path: Path, method: str) -> None:
    """sin^2(L theta) for L uses, theta that of one use."""
    document = _compiled(tmp_path, f'readout.method="{method}"', format="qasm2")
    found: dict[str, dict[int, float]] = {}
    for entry in document["readout"]["circuits"]:
        assert entry["circuit"] is not None
        if entry["uses"] > 5:
            continue
        circuit = qiskit.qasm2.load(tmp_path / entry["circuit"])
        circuit.remove_final_measurements()
        assert circuit.num_qubits == entry["qubits"] <= 18
        state = Statevector(circuit)
        zero = [wire for wire in range(entry["qubits"]) if wire not in entry["registers"].get("system", [])]
        found.setdefault(entry["name"], {})[entry["uses"]] = float(state.probabilities(zero)[0])
    assert found
    for each in found.values():
        angle = math.asin(math.sqrt(each[1]))
        for uses, odds in each.items():
            assert odds == pytest.approx(math.sin(uses * angle) ** 2, abs=1e-9)


def test_the_runs_are_those_of_the_plan(tmp_path: Path) -> None:
    overrides = (*SMALL, 'readout.method="maximum-likelihood"')
    document = _compiled(tmp_path, overrides[-1])
    design = open_spec(fixed("quartic-pair", overrides)).designed()
    assert isinstance(design.readout, ObservablesPlan)
    readings = [
        design.readout.reading(one, design.plan.copy_probability, design.setting)
        for one in design.readout.wanted
    ]
    entries = document["readout"]["circuits"]
    assert sum(entry["runs"] for entry in entries) == sum(
        part.circuits for reading in readings for part in (*reading.events.parts, *reading.tests)
    )
    uses = sum(entry["runs"] * entry["uses"] for entry in entries)
    assert uses == pytest.approx(sum(reading.uses for reading in readings), rel=0.25)  # depths are drawn


def test_the_same_seed_writes_the_same(tmp_path: Path) -> None:
    first, again = (_compiled(tmp_path / name)["readout"] for name in ("a", "b"))
    assert first == again
    assert [entry["name"] for entry in first["circuits"]]


def test_a_later_readout_leaves_no_circuit_behind(tmp_path: Path) -> None:
    many = _compiled(tmp_path, 'readout.method="maximum-likelihood"')
    few = _compiled(tmp_path, 'readout.method="sampling"')
    left = sorted(path.parent.name for path in tmp_path.glob("readout/*/circuit.qasm"))
    assert len(many["readout"]["circuits"]) > len(few["readout"]["circuits"]) == len(left)
    carlemanc.compile(fixed("quartic-pair"), output=tmp_path)
    assert not (tmp_path / "readout").exists()


def test_what_is_too_long_is_listed_without_a_file(tmp_path: Path) -> None:
    document = _compiled(tmp_path, "readout.precision=1e-4", 'readout.method="phase-estimation"')
    reasons = [entry["reason"] for entry in document["readout"]["circuits"] if entry["circuit"] is None]
    assert reasons
    assert all(f"{MOST_GATES:,}" in reason for reason in reasons)


def test_a_tomography_writes_its_first_round(tmp_path: Path) -> None:
    options = ("solver.method=march", 'readout.method="tomography"', "solver.epsilon=0.05")
    document = carlemanc.compile(fixed("quartic-pair", options), output=tmp_path).document
    first, *others = document["readout"]["circuits"]
    assert (tmp_path / first["circuit"]).exists()
    assert others
    assert all("estimate of round" in entry["reason"] for entry in others)


def test_clifford_t_files_hold_no_rotation(tmp_path: Path) -> None:
    document = _compiled(tmp_path, 'readout.method="sampling"', gate_set="clifford+t", format="qasm2")
    for entry in document["readout"]["circuits"]:
        circuit = qiskit.qasm2.load(tmp_path / entry["circuit"])
        names = circuit.count_ops()
        assert not {"rz", "ry", "rx", "p"} & set(names)
        assert names.get("t", 0) + names.get("tdg", 0) == entry["t_in_file"]


def test_other_readouts_have_no_circuits_of_their_own(tmp_path: Path) -> None:
    assert "readout" not in carlemanc.compile(fixed("logistic-map-scalar"), output=tmp_path).document


@pytest.mark.parametrize("spec", ["quartic-ring", "ridge-diabetes"])
def test_verify_checks_the_rows_of_observables(spec: str) -> None:
    big = ("model.n=134217728", "training.steps=100") if spec == "quartic-ring" else ()
    expression = "Sum(theta[i]*theta[i+1]*theta[i+2]*theta[i+3], (i, 0, n-1))" if big else "loss"
    options = ('readout.target="observables"', f'readout.observables={{row="{expression}"}}', *big)
    done = carlemanc.verify(fixed(spec, options))
    assert done.failure is None
    (row,) = done.to_json()["observables"]
    assert row["name"] == "row"
    assert row["columns"] >= 2
    assert row["deviation"] <= 1e-12
