"""Starts that are functions, at every level and for every method: the state, its variants, and what Qiskit reads."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2
from qiskit.quantum_info import Statevector

import carlemanc
from carlemanc.bloqs.amplitudes.train_amplitudes import TrainAmplitudes
from carlemanc.linear_system.history import HistorySystem
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.weights import as_array
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from carlemanc.sources.systems import lifted_of
from carlemanc.state_preparation import prepare
from carlemanc.state_preparation.march_start import prepare_start
from tests.bloqs.checks import check_counts
from tests.fixed import fixed
from tests.starts import DENSE, numpy_values
from tests.state_preparation.test_right_hand_side import check_state, check_variants

ODD = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
DRIVEN = "Sum(theta[i]**2/2 + 0.1*theta[i]**3 - 0.2*theta[i]*theta[i+1] + 0.1*theta[i], (i, 0, n-1))"


def tables(name: str, n: int, order: int, loss: str = ODD, steps: int = 2) -> dict[str, Any]:
    return {
        "loss": {"expression": loss},
        "model": {"n": n},
        "training": {"learning_rate": 0.1, "steps": steps, "initial": {"function": DENSE[name][0]}},
        "carleman": {"order": order},
    }


def history(*arguments: Any, **options: Any) -> HistorySystem:
    return lifted_of(fixed(tables(*arguments, **options))).history


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize(
    ("n", "order", "loss"), [(16, 1, ODD), (16, 3, ODD), (16, 2, DRIVEN), (20, 2, DRIVEN)]
)
def test_the_right_hand_side(name: str, n: int, order: int, loss: str) -> None:
    """sum_j z^j |j> u^(x)j with empty slots |0>, and the sources at later times, against the assembled vector."""
    check_state(history(name, n, order, loss))


@pytest.mark.parametrize("name", ["cosine", "bent", "interval", "gauss"])
def test_variants_and_counts(name: str) -> None:
    bloq = prepare(history(name, 16, 2, DRIVEN, steps=1))
    check_counts(bloq)
    small = prepare(history(name, 16, 1, steps=1))
    check_counts(small)
    check_variants(small)


@pytest.mark.parametrize("name", ["cosine", "bent", "sum"])
@pytest.mark.parametrize(("order", "loss"), [(3, ODD), (2, DRIVEN)])
def test_the_start_of_a_march(name: str, order: int, loss: str) -> None:
    system = history(name, 16, order, loss)
    bloq = prepare_start(system)
    state = simulate(emit(bloq))
    indices, amplitudes = state.register_amplitudes("system")
    found = np.zeros(1 << bloq.system_bitsize, dtype=complex)
    found[indices.astype(int)] = amplitudes
    u = numpy_values(name, 16) / system.gamma
    levels = [*([np.ones(1)] if system.is_driven else []), u]
    for _ in range(1, order):
        levels.append(np.multiply.outer(levels[-1], u).reshape(-1))
    kept = [1, 3] if order == 3 else [0, 1, 2]
    norms = np.sqrt(sum(np.sum(u**2) ** level for level in kept))
    for number, level in enumerate(kept):
        code = (1 << number) - 1
        part = found[(code << (order * 4)) + np.arange(16**level)] if level else found[:1]
        expected = np.ones(1)
        for _ in range(level):
            expected = np.multiply.outer(expected, u).reshape(-1)
        assert np.abs(part - expected / norms).max() < 1e-12
    check_counts(bloq)


@pytest.mark.parametrize("name", ["cosine", "exponential", "sum", "interval"])
def test_qiskit_reads_the_start_in_the_file(name: str, tmp_path: Path) -> None:
    """OpenQASM 2 of the state preparation, by Qiskit's own simulator, against numpy."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = carlemanc.compile(
            fixed(tables(name, 32, 1)), stage="state-preparation", format="qasm2", output=tmp_path
        )
    manifest = done.to_json()
    circuit: QuantumCircuit = qasm2.load(
        str(tmp_path / manifest["circuit"]), custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS
    )
    vector = Statevector(circuit).data
    system = manifest["registers"]["system"]
    index = np.array([sum((i >> k & 1) << wire for k, wire in enumerate(system)) for i in range(32)])
    expected = numpy_values(name, 32)
    overlap = vector[index] @ expected / np.linalg.norm(expected)
    assert abs(overlap) == pytest.approx(1, abs=1e-9)


def test_large_lattices_of_dense_starts_compile(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for stage in ("state-preparation", "solver"):
            found = tables("cosine", 1 << 27, 3) | {"solver": {"method": "march"}}
            done = carlemanc.compile(fixed(found), stage=stage, output=tmp_path / stage).to_json()
            assert done["counts"]["rotations"] > 0
            assert done["qubits"] > 80


def test_a_small_lattice_keeps_its_function() -> None:
    """The start of a lattice that is listed entry by entry is loaded as a function all the same."""
    system = history("cosine", 1024, 1)
    assert isinstance(system.start, FunctionWeights)
    assert isinstance(prepare(system).initial, TrainAmplitudes)
    assert np.abs(as_array(system.start) - numpy_values("cosine", 1024)).max() < 1e-15
