"""Stochastic gradient descent end to end, against plain numpy on the same batches and noise."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg
from sklearn.datasets import load_diabetes

import carlemanc
from carlemanc.core.errors import InputError
from tests.commands.lifting import lifted
from tests.fixed import fixed

TWO = ["model.n=2", 'data.features=["bmi", "bp"]']
RATE, RIDGE, QUARTIC = 0.2, 0.1, 0.05


def diabetes(*, shuffle: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    x, y = load_diabetes(return_X_y=True)
    columns = np.column_stack([x[:, 2:4], y])
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    if shuffle is not None:
        columns = columns[np.random.default_rng(shuffle).permutation(len(columns))]
    return columns[:, :2], columns[:, 2]


def descend(
    steps: int, size: int, *, noise: float = 0.0, seed: int = 0, shuffle: int | None = None
) -> np.ndarray:
    """theta(0..T) of the loss of sgd-diabetes, written out."""
    x, y = diabetes(shuffle=shuffle)
    starts = range(0, len(y), size)
    xi = np.random.default_rng(seed).normal(0, noise, (steps, 2)) if noise else np.zeros((steps, 2))
    path = [np.array([0.1, 0.0])]
    for step in range(steps):
        theta, first = path[-1], starts[step % len(starts)]
        rows, targets = x[first : first + size], y[first : first + size]
        gradient = -rows.T @ (targets - rows @ theta) / len(rows) + RIDGE * theta + QUARTIC * theta**3
        path.append(theta - RATE * gradient + xi[step])
    return np.array(path)


@pytest.mark.parametrize(
    ("overrides", "options"),
    [
        ([], {"size": 148}),
        (["training.batch_size=100"], {"size": 100}),
        (["training.batch_size=442"], {"size": 442}),
        (["training.batch_size=1000"], {"size": 442}),
        (["training.noise=0.03", "training.seed=7"], {"size": 148, "noise": 0.03, "seed": 7}),
        (["training.shuffle=true", "training.seed=5"], {"size": 148, "shuffle": 5}),
        (["training.center='initial'"], {"size": 148}),
    ],
    ids=str,
)
def test_carleman_equals_the_explicit_iteration_within_the_certificate(
    overrides: list[str], options: dict[str, Any]
) -> None:
    stages = lifted("sgd-diabetes", [*TWO, *overrides])
    expected = descend(12, **options)[-1]
    np.testing.assert_allclose(stages.classical(), expected, atol=1e-13)
    bound = stages.truncation_bounds([3])[3]
    error = np.linalg.norm(stages.carleman_iterate() - expected)
    assert error <= bound
    assert bound < 2e-3
    solved = stages.center + stages.history.weights()
    np.testing.assert_allclose(solved, stages.carleman_iterate(), atol=1e-12)


def test_the_target_of_the_example() -> None:
    """T = 12, three batches: the Carleman solution is the explicit iteration within the certificate."""
    analysis = carlemanc.analyze("sgd-diabetes", overrides=TWO)
    found = analysis.to_json()
    assert found["maps"] == 3
    assert found["truncation_error"]["3"] <= found["truncation_bound"]["3"] < 1e-4
    assert "3 different steps" in analysis.to_text(width=1000)
    assert found["regime"] == "fully dissipative"
    assert lifted("sgd-diabetes", TWO).sequence.schedule == (0, 1, 2) * 4


def test_run_by_exact_block_arithmetic() -> None:
    for extra in ([], ["training.noise=0.02"]):
        result = carlemanc.run(fixed("sgd-diabetes", [*TWO, *extra]), backend="matrix")
        assert result.failure is None
        options = {"noise": 0.02} if extra else {}
        np.testing.assert_allclose(result.theta_classical, descend(12, 148, **options)[-1], atol=1e-12)
        assert result.error <= result.allowed
        document = result.to_json()
        assert document["alpha"] > 0


def test_the_system_that_is_written(tmp_path: Path) -> None:
    carlemanc.system(fixed("sgd-diabetes", [*TWO, "training.noise=0.01"]), output=tmp_path)
    document = json.loads((tmp_path / "system.json").read_text())
    matrix, rhs = sp.load_npz(tmp_path / "L.npz"), np.load(tmp_path / "b.npy")
    x = scipy.sparse.linalg.spsolve(matrix.tocsc(), rhs)
    solution = document["solution"]
    theta = np.array(solution["offset"]) + solution["scale"] * x[solution["indices"]]
    assert np.linalg.norm(theta - descend(12, 148, noise=0.01)[-1]) < 1e-3


def test_derive_lists_the_batches_and_the_noise() -> None:
    found = carlemanc.derive("sgd-diabetes", overrides=[*TWO, "training.noise=0.5", "training.seed=2"])
    document = found.to_json()
    assert [item["rows"] for item in document["batches"]] == [[0, 148], [148, 296], [296, 442]]
    assert document["schedule"] == [0, 1, 2] * 4
    np.testing.assert_array_equal(document["noise"], np.random.default_rng(2).normal(0, 0.5, (12, 2)))
    x, y = diabetes()
    for item in document["batches"]:
        first, last = item["rows"]
        drive = {row: value for row, _, value in item["F"]["0"]}
        expected = RATE * x[first:last].T @ y[first:last] / (last - first)
        assert [drive[0], drive[1]] == pytest.approx(expected, rel=1e-10)
    assert document["F"] == document["batches"][0]["F"]
    assert "batch 2 of 3: rows 296..441" in found.to_text()
    assert found.to_latex().count("align*") == 6
    plain = carlemanc.derive("quartic-ridge-diabetes").to_json()
    assert plain.keys().isdisjoint({"batches", "schedule", "noise"})


def test_only_the_batches_that_are_reached_are_derived() -> None:
    stages = lifted("sgd-diabetes", [*TWO, "training.batch_size=10", "training.steps=4"])
    assert len(stages.training.batches) == 4
    assert stages.training.batch_count == 45
    np.testing.assert_allclose(stages.classical(), descend(4, 10)[-1], atol=1e-13)


def test_noise_needs_no_data() -> None:
    overrides = ["training.noise=0.01", "training.seed=3"]
    stages = lifted("burgers-map", overrides)
    theta = stages.start
    for xi in np.random.default_rng(3).normal(0, 0.01, (4, 4)):
        theta = stages.training.batches[0].step(theta) + xi
    np.testing.assert_allclose(stages.classical(), theta, atol=1e-14)
    assert np.linalg.norm(stages.carleman_iterate() - theta) <= stages.truncation_bounds([2])[2]


def test_a_sum_beyond_a_batch_is_refused() -> None:
    """Sums are literal: a range that fits all rows and not the batch names what does not fit."""
    loss = 'loss.expression="Sum((y[a] - x[a,0]*theta[0])**2, (a, 0, 200)) + theta[1]**2"'
    with pytest.raises(InputError, match="0 to 147"):
        carlemanc.derive("sgd-diabetes", overrides=[*TWO, loss, "loss.parameters={}"])
