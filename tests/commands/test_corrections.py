"""`carleman.corrections = p` end to end: run, verify, estimate and the written circuit, with plain numpy at p = 1."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
import sympy

import carlemanc
from tests.fixed import fixed
from tests.reference import carleman_iterate, gradient_map

pytestmark = pytest.mark.filterwarnings("ignore:carleman.corrections = 1")
a, b = sympy.symbols("a b")
CUBIC = (a**2 + b**2) / 2 + (a**3 + b**3) / 6 - a * b / 5 + a / 10 - sympy.Rational(3, 20) * b
QUARTIC = (a**2 + b**2) / 2 + (a**4 + b**4) / 4 - sympy.Rational(3, 10) * a * b
RUNS = [
    # example, loss, order, steps
    ("cubic-pair", CUBIC, 2, 2),
    ("quartic-pair", QUARTIC, 3, 2),
]


@pytest.mark.parametrize("backend", ["sparse", "matrix"])
@pytest.mark.parametrize(("name", "loss", "order", "steps"), RUNS)
def test_one_correction_runs_to_the_euler_iterate(
    name: str, loss: sympy.Expr, order: int, steps: int, backend: str
) -> None:
    overrides = ["carleman.corrections=1", f"training.steps={steps}"]
    result = carlemanc.run(fixed(name, overrides), backend=backend)
    start = np.array(carlemanc.load_spec(name).training.initial_value)
    expected = carleman_iterate(gradient_map(loss, [a, b], 0.1, [0, 0]), start, order, steps, corrections=1)
    np.testing.assert_allclose(result.theta_carleman, expected, atol=1e-12)
    assert np.linalg.norm(result.theta - expected) <= result.epsilon * np.linalg.norm(expected)
    assert result.failure is None


def test_two_corrections_run_within_their_bounds() -> None:
    overrides = ["carleman.order=3", "carleman.corrections=2", "training.steps=3"]
    result = carlemanc.run(fixed("logistic-map-scalar", overrides))
    assert result.failure is None
    exact = carlemanc.run(fixed("logistic-map-scalar", [overrides[0], overrides[2]]))
    assert result.alpha > exact.alpha
    assert np.linalg.norm(result.theta_carleman - exact.theta_carleman) > 1e-6


@pytest.mark.parametrize("corrections", [1, 2])
@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("cubic-pair", ["carleman.order=3", "carleman.padding=1"]),
        ("quartic-ring", ["model.n=7"]),
        ("quartic-ring", ["model.n=134217728", "training.steps=100"]),
        ("sgd-diabetes", ["training.steps=3"]),
    ],
)
def test_verified_columns(name: str, overrides: list[str], corrections: int) -> None:
    result = carlemanc.verify(fixed(name, [f"carleman.corrections={corrections}", *overrides]), columns=40)
    assert result.failure is None
    assert result.worst.deviation < 1e-9


def test_the_written_circuit_and_the_estimate(tmp_path: Path) -> None:
    overrides = ["carleman.corrections=1"]
    carlemanc.compile(fixed("logistic-map-scalar", overrides), output=tmp_path, stage="block-encoding")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    matrix = scipy.sparse.load_npz(tmp_path / manifest["matrix"]).toarray()
    assert np.linalg.norm(matrix, 2) <= manifest["alpha"]
    found = carlemanc.estimate(fixed("logistic-map-scalar", overrides)).to_json()
    assert found["alpha"] == pytest.approx(manifest["alpha"])
    assert found["alpha"] > carlemanc.estimate(fixed("logistic-map-scalar")).to_json()["alpha"]
