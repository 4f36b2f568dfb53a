"""Which back end runs: sparse wherever it fits, matrix where a forecast says so, a refusal with the size elsewhere."""

from __future__ import annotations

import json

import numpy as np
import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.commands import backend_choice as module
from carlemanc.commands.opening import open_spec, solver_program
from carlemanc.core.errors import TooLarge
from tests.fixed import fixed, fixed_words


def logistic(**changes):
    """Three weights of a logistic regression: two features and a bias."""
    return {
        "name": "logistic",
        "network": {
            "layers": [{"kind": "dense", "units": 1, "activation": "identity"}],
            "loss": "logistic",
            "loss_approximation": {"degree": 4, "interval": [-4, 4]},
        },
        "data": {"source": "flowers.csv"},
        "training": {"learning_rate": 0.1, "steps": 4, "initial": [0.1, -0.1, 0.0]},
        "carleman": {"order": 3},
        **changes,
    }


@pytest.fixture
def flowers(tmp_path):
    """A CSV file of two features with labels 0 and 1."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2))
    y = (x @ [1.0, -2.0] + rng.normal(size=60) > 0).astype(int)
    rows = "\n".join(f"{a:.6f},{b:.6f},{c}" for (a, b), c in zip(x, y, strict=True))
    (tmp_path / "flowers.csv").write_text(f"a,b,y\n{rows}\n")
    return tmp_path


def toml(directory, document):
    lines = [f'name = "{document["name"]}"']
    for table, entries in document.items():
        if isinstance(entries, dict):
            lines.append(f"[{table}]")
            lines += [f"{key} = {text(value)}" for key, value in entries.items()]
    path = directory / "spec.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def text(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {text(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    return json.dumps(value)


@pytest.mark.parametrize("name", ["quartic-pair", "logistic-map-scalar", "tridiagonal-system"])
def test_the_default_is_the_sparse_simulator_where_it_fits(name):
    result = carlemanc.run(fixed(name))
    assert result.backend == "sparse"
    assert result.backend_reason is None
    assert "was chosen" not in result.to_text(width=10_000)


def test_a_logistic_regression_is_run_by_the_matrix_back_end(flowers):
    """145,000 gates on over a million amplitudes: half an hour, against seconds."""
    result = carlemanc.run(fixed(toml(flowers, logistic())))
    assert result.backend == "matrix"
    assert result.failure is None
    assert "back end matrix was chosen: the sparse simulator would need" in result.to_text(width=10_000)
    assert "amplitudes after" in result.backend_reason
    assert result.to_json()["backend_reason"] == result.backend_reason
    asked = carlemanc.run(fixed(toml(flowers, logistic())), backend="matrix")
    np.testing.assert_array_equal(asked.theta, result.theta)
    assert asked.backend_reason is None


@pytest.mark.parametrize("name", ["phi4-lattice", "double-well-chain"])
@pytest.mark.filterwarnings("ignore:the system is divergent")
def test_examples_that_the_simulator_does_not_hold(name):
    result = carlemanc.run(fixed(name))
    assert result.backend == "matrix"
    assert result.failure is None


def test_matrix_and_sparse_agree_whoever_chose(monkeypatch):
    sparse = carlemanc.run(fixed("cubic-pair"))
    monkeypatch.setattr(module, "PATIENT_WORK", 1e7)
    matrix = carlemanc.run(fixed("cubic-pair"))
    assert (sparse.backend, matrix.backend) == ("sparse", "matrix")
    np.testing.assert_allclose(matrix.theta, sparse.theta, atol=1e-9)
    drawn = carlemanc.run(fixed("cubic-pair"), shots=1000, seed=3)
    assert drawn.backend == "matrix"
    assert drawn.readout.shots >= 1000


def test_a_back_end_that_was_asked_for_is_refused_before_the_work(monkeypatch):
    monkeypatch.setattr(module, "MAX_WORK", 1e7)
    simulated = []
    monkeypatch.setattr(module, "solver_program", lambda *_: simulated.append(1))
    with pytest.raises(
        TooLarge, match=r"about [\d,]+ gates; the limit is 2,000\. `--backend matrix` needs no gates"
    ):
        carlemanc.run(fixed("cubic-pair"), backend="sparse")
    monkeypatch.setattr(module, "MAX_GATES", 100)
    for backend in ("aer", "cirq"):
        with pytest.raises(TooLarge, match=f"back end '{backend}' is too large: about"):
            carlemanc.run(fixed("ridge-diabetes"), backend=backend)
    assert simulated == []


def test_the_amplitudes_of_a_named_back_end_are_forecast_too(monkeypatch):
    monkeypatch.setattr(module, "MAX_WORK", 9e7)  # its gates alone would fit
    with pytest.raises(TooLarge, match=r"updates of amplitudes at least; .*--backend matrix"):
        carlemanc.run(fixed("cubic-pair"), backend="sparse")


def test_where_nothing_fits_the_sizes_of_both_are_said(monkeypatch, capsys):
    monkeypatch.setattr(module, "PATIENT_WORK", 1e7)
    monkeypatch.setattr(module, "MAX_PRODUCTS", 1e3)
    assert main(["run", "cubic-pair", *fixed_words("cubic-pair")]) == 3
    told = capsys.readouterr().err
    assert "for the back end 'sparse'" in told
    assert "products for 'matrix'" in told
    assert "No back end would do" in told
    assert "--backend" not in told
    assert main(["run", "cubic-pair", *fixed_words("cubic-pair"), "--backend", "sparse"]) == 0


def test_gates_are_forecast_from_the_counts():
    for name in ("quartic-pair", "cubic-pair", "burgers-map", "sgd-diabetes", "tanh-neuron"):
        design = open_spec(fixed(name)).design
        assert module.gates_ahead(design, design.circuit) == pytest.approx(
            len(solver_program(design, name)), rel=0.6
        )
