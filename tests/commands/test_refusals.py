"""Specs with nothing to compute are refused in a sentence that says what to change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import qiskit.qasm2

import carlemanc
from tests.fixed import fixed

STILL = {
    "loss": {"expression": "theta[0]**2 + theta[1]**2 + theta[0]**3"},
    "model": {"n": 2},
    "training": {"learning_rate": 0.1, "steps": 3, "initial": [0.0, 0.0]},
    "carleman": {"order": 2},
}


@pytest.mark.parametrize("driver", ["run", "estimate"])
def test_weights_that_never_move(driver: str) -> None:
    with pytest.raises(carlemanc.InputError, match="theta never moves"):
        getattr(carlemanc, driver)(fixed(STILL))


def test_weights_that_end_on_the_center() -> None:
    spec = {
        "loss": {"expression": "theta[0]**2"},
        "model": {"n": 1},
        "training": {"learning_rate": 0.5, "steps": 1, "initial": [0.1]},
        "carleman": {"order": 1},
    }
    with pytest.raises(carlemanc.InputError, match="exactly the center"):
        carlemanc.run(fixed(carlemanc.ModelSpec.from_dict(spec)))


def test_global_phase_of_an_openqasm_2_file_is_counted(tmp_path: Path) -> None:
    """Sources without initial weights turn by odd eighths, whose phase the file spells in two gates."""
    spec = {
        "loss": {"expression": "theta[0]**2 - theta[0]/2 + theta[1]**2 + theta[1]/2"},
        "model": {"n": 2},
        "training": {"learning_rate": 0.1, "steps": 3, "initial": [0.0, 0.0]},
        "carleman": {"order": 1},
    }
    model = carlemanc.ModelSpec.from_dict(spec)
    carlemanc.compile(fixed(model), output=tmp_path, stage="state-preparation", format="qasm2")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    operations = qiskit.qasm2.load(tmp_path / manifest["circuit"]).count_ops()
    clifford = sum(times for gate, times in operations.items() if gate not in ("t", "tdg", "rz"))
    assert clifford == manifest["counts"]["clifford"]


def test_too_many_steps_are_refused_before_any_work() -> None:
    spec = STILL | {"training": STILL["training"] | {"steps": 10**9}}
    with pytest.raises(carlemanc.TooLarge, match="1,000,000,000 steps"):
        carlemanc.analyze(carlemanc.ModelSpec.from_dict(spec))


def test_a_rescaling_that_overflows_is_refused() -> None:
    training = {"learning_rate": 0.1, "steps": 2, "initial": [0.1, 0.2]}
    spec = STILL | {"training": training, "carleman": {"order": 2, "rescaling": 1e-300}}
    with pytest.raises(carlemanc.InputError, match=r"carleman\.rescaling"):
        carlemanc.run(fixed(carlemanc.ModelSpec.from_dict(spec)))
