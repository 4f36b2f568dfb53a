"""Specs with a [network]: the maps against backpropagation written out here, with batches, noise and masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from carlemanc.commands.opening import open_spec
from carlemanc.core.errors import CarlemancError, InputError, TooLarge
from carlemanc.evaluation.budget import error_budget
from carlemanc.linear_system.lifted import Lifted
from carlemanc.spec import ModelSpec
from tests.commands.lifting import lifted
from tests.fixed import fixed

ETA, STEPS, SIZE, SEED, NOISE = 0.05, 5, 16, 3, 0.01
SAMPLES = 40


def tables(**changes: Any) -> dict[str, Any]:
    """A 2-2-1 square network with biases, 9 weights, on three batches; `a__b` changes the key b of [a]."""
    spec: dict[str, Any] = {
        "network": {
            "layers": [{"kind": "dense", "units": 2, "activation": "square"}, {"kind": "dense", "units": 1}]
        },
        "model": {},
        "data": {
            "source": "sklearn:diabetes",
            "features": ["bmi", "bp"],
            "samples": SAMPLES,
            "standardize": True,
        },
        "training": {"learning_rate": ETA, "steps": STEPS, "initial": {"normal": 0.5, "seed": 11}},
        "carleman": {"order": 2},
    }
    for key, value in changes.items():
        table, _, name = key.partition("__")
        spec[table][name] = value
    return spec


def stages(**changes: Any) -> Lifted:
    return lifted(ModelSpec.from_dict(tables(**changes)))


def rows_of_each_step(*, batches: bool, shuffle: bool) -> Iterator[np.ndarray]:
    order = np.random.default_rng(SEED).permutation(SAMPLES) if shuffle else np.arange(SAMPLES)
    parts = [order[:SIZE], order[SIZE : 2 * SIZE], order[2 * SIZE :]] if batches else [order]
    for step in range(STEPS):
        yield parts[step % len(parts)]


def standardized() -> tuple[np.ndarray, np.ndarray]:
    raw = load_diabetes(scaled=False)
    x = raw.data[:SAMPLES][:, [list(raw.feature_names).index(name) for name in ("bmi", "bp")]]
    y = raw.target[:SAMPLES]
    return (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()


def backpropagated(mask: np.ndarray, *, batches: bool, shuffle: bool, noise: np.ndarray | None) -> np.ndarray:
    """theta(T) of all nine weights; `noise` is (T, 9). W1[2, 2], b1[2], W2[1, 2], b2[1] in this order."""
    x, y = standardized()
    theta = np.where(mask, np.random.default_rng(11).normal(0, 0.5, 9), 0.0)
    for step, rows in enumerate(rows_of_each_step(batches=batches, shuffle=shuffle)):
        w1, b1, w2, b2 = theta[:4].reshape(2, 2), theta[4:6], theta[6:8], theta[8]
        z = x[rows] @ w1.T + b1
        residual = (z**2 @ w2 + b2 - y[rows]) / len(rows)
        inner = residual[:, None] * w2 * 2 * z
        slope = np.concatenate([(inner.T @ x[rows]).ravel(), inner.sum(0), residual @ z**2, [residual.sum()]])
        theta = theta - ETA * np.where(mask, slope, 0.0)
        if noise is not None:
            theta = theta + noise[step]
    return theta


MASK = np.array([1, 0, 1, 1, 0, 1, 1, 1, 0], dtype=bool)


@pytest.fixture
def mask_file(tmp_path: Path) -> str:
    np.save(tmp_path / "mask.npy", MASK)
    return str(tmp_path / "mask.npy")


@pytest.mark.parametrize("address", ["survivors", "original"])
@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize(("batches", "shuffle"), [(False, False), (True, False), (True, True)])
def test_training_is_backpropagation(
    address: str, noisy: bool, batches: bool, shuffle: bool, mask_file: str
) -> None:
    """The classical reference and the maps, which are exact here, both."""
    changes: dict[str, Any] = {"model__mask": mask_file, "model__address": address}
    if batches:
        changes["training__batch_size"] = SIZE
    if noisy:
        changes["training__noise"] = NOISE
    made = stages(**changes, training__shuffle=shuffle, training__seed=SEED)
    kept = np.arange(9) if address == "original" else np.flatnonzero(MASK)
    noise = None
    if noisy:
        drawn = np.random.default_rng(SEED).normal(0, NOISE, (STEPS, len(kept)))
        noise = np.zeros((STEPS, 9))
        noise[:, kept] = drawn
        noise[:, ~MASK] = 0.0
    expected = backpropagated(MASK, batches=batches, shuffle=shuffle, noise=noise)[kept]
    assert made.n == len(kept)
    np.testing.assert_allclose(made.classical(), expected, rtol=1e-11)
    np.testing.assert_allclose(
        made.center + made.sequence.iterate(made.u_in)[-1], expected, rtol=1e-10, atol=1e-13
    )
    assert made.approximation is not None
    assert made.approximation.is_exact
    assert made.approximation.deviation < 1e-12


@pytest.mark.parametrize(("address", "count"), [("survivors", 6), ("original", 9)])
def test_n_is_what_the_address_option_counts(address: str, count: int, mask_file: str) -> None:
    changes = {"model__mask": mask_file, "model__address": address}
    assert stages(**changes, model__n=count).n == count
    other = 15 - count
    with pytest.raises(InputError) as caught:
        assert stages(**changes, model__n=other).n
    (problem,) = caught.value.problems
    assert problem.where == "ModelSpec: model.n"
    assert problem.found == str(other)
    assert str(count) in problem.allowed


def test_the_center_is_initial_unless_given(mask_file: str) -> None:
    start = np.where(MASK, np.random.default_rng(11).normal(0, 0.5, 9), 0.0)
    np.testing.assert_array_equal(stages(model__mask=mask_file).center, start[MASK])
    zero = stages(model__mask=mask_file, training__center="zero")
    np.testing.assert_array_equal(zero.center, np.zeros(6))
    listed = [0.1, -0.2, 0.3, 0.0, 0.5, 0.25]
    survivors = stages(model__mask=mask_file, training__center=listed)
    np.testing.assert_array_equal(survivors.center, listed)
    everything = np.full(9, 7.0)
    everything[MASK] = listed
    np.testing.assert_array_equal(
        stages(model__mask=mask_file, training__center=everything.tolist()).center, listed
    )
    for made in (zero, survivors):
        np.testing.assert_allclose(made.classical(), stages(model__mask=mask_file).classical(), rtol=1e-12)


def test_classes_of_a_batch_are_those_of_all_data() -> None:
    """Each batch of ten iris rows, sorted by class, has one class; the network has three outputs."""
    made = stages(
        network__layers=[{"kind": "dense", "units": 3}],
        data__source="sklearn:iris",
        data__features=2,
        data__samples=150,
        data__standardize=False,
        training__initial=[0.0] * 9,
        training__batch_size=50,
        training__steps=3,
        training__center="zero",
    )
    from sklearn.datasets import load_iris

    x, labels = load_iris().data[:, :2], load_iris().target
    w, b = np.zeros((3, 2)), np.zeros(3)
    for batch in range(3):
        rows = slice(50 * batch, 50 * batch + 50)
        residual = (x[rows] @ w.T + b - np.eye(3)[labels[rows]]) / 50
        w, b = w - ETA * residual.T @ x[rows], b - ETA * residual.sum(0)
    np.testing.assert_allclose(made.classical(), np.concatenate([w.ravel(), b]), rtol=1e-12)


TANH = {
    "kind": "dense",
    "units": 1,
    "activation": "tanh",
    "approximation": {"degree": 5, "interval": [-2, 2]},
}


def tanh_path(weight: float, bias: float, noise: np.ndarray, batches: bool) -> tuple[np.ndarray, np.ndarray]:
    """theta(0..T) of the neuron itself, and every argument of tanh on the way, over all samples."""
    x, y = standardized()
    path, seen = [np.array([weight, bias])], []
    for step, rows in enumerate(rows_of_each_step(batches=batches, shuffle=False)):
        z = x[rows, 0] * path[-1][0] + path[-1][1]
        back = (np.tanh(z) - y[rows]) * (1 - np.tanh(z) ** 2) / len(rows)
        slope = np.array([back @ x[rows, 0], back.sum()])
        path.append(path[-1] - ETA * slope + noise[step])
    for rows in {tuple(rows) for rows in rows_of_each_step(batches=batches, shuffle=False)}:
        for theta in path:
            seen.append(x[list(rows), 0] * theta[0] + theta[1])
    return np.array(path), np.concatenate(seen)


@pytest.mark.parametrize("batches", [False, True])
@pytest.mark.parametrize("deviation", [0.0, 0.4])
def test_arguments_are_those_along_the_path_that_is_trained(batches: bool, deviation: float) -> None:
    """With batches and noise the path differs from gradient descent on any one batch."""
    changes: dict[str, Any] = {"training__noise": deviation, "training__seed": SEED}
    if batches:
        changes["training__batch_size"] = SIZE
    made = stages(network__layers=[TANH], data__features=["bmi"], training__initial=[0.3, 0.1], **changes)
    noise = np.zeros((STEPS, 2))
    if deviation:
        noise = np.random.default_rng(SEED).normal(0, deviation, (STEPS, 2))
    path, seen = tanh_path(0.3, 0.1, noise, batches)
    np.testing.assert_allclose(made.classical(), path[-1], rtol=1e-12)
    report = made.approximation
    assert report is not None
    (use,) = report.fits
    assert (use.low, use.high) == (pytest.approx(seen.min()), pytest.approx(seen.max()))
    assert use.inside == (use.low >= -2 and use.high <= 2)
    fitted = made.center + made.sequence.iterate(made.u_in)
    assert report.deviation == pytest.approx(np.linalg.norm(fitted[-1] - path[-1]), rel=1e-9)
    assert report.deviation > 1e-6


def test_a_step_departs_by_no_more_than_the_remainders_allow() -> None:
    """eta |error of the gradient| <= eta mean (r |f'| + r' |f - y| + r r') |(x, 1)|, r and r' the proved remainders."""
    made = stages(network__layers=[TANH], data__features=["bmi"], training__initial=[0.3, 0.1])
    x, y = standardized()
    report = made.approximation
    assert report is not None
    (use,) = report.fits
    assert use.inside
    grid = np.linspace(-2, 2, 20_001)
    assert np.abs(np.tanh(grid) - use.fit.value(grid)).max() <= use.fit.remainder < 0.02
    path, _ = tanh_path(0.3, 0.1, np.zeros((STEPS, 2)), batches=False)
    worst = 0.0
    for theta in path[:-1]:
        z = x[:, 0] * theta[0] + theta[1]
        r, s = use.fit.remainder, use.fit.slope_remainder
        error = r * (1 - np.tanh(z) ** 2) + s * np.abs(np.tanh(z) - y) + r * s
        worst = max(worst, ETA * float(np.mean(error * np.hypot(x[:, 0], 1.0))))
    assert 0 < report.step <= worst


BAD = [
    ({"training__initial": [0.1]}, "training.initial"),
    ({"training__center": [0.1]}, "training.center"),
    ({"model__sparsity": 0.5, "model__mask": "there"}, "model.mask"),
    ({"network__layers": []}, "network.layers"),
    ({"network__layers": [{"kind": "dense", "units": 1, "activation": "tanh"}]}, "network.layers[0]"),
    ({"network__layers": [{"kind": "dense", "units": 3}]}, "data"),
    (
        {
            "network__layers": [
                {**TANH, "approximation": {"degree": 3, "kind": "taylor", "interval": [-1, 1]}}
            ]
        },
        "interval",
    ),
    ({"network__layers": [{**TANH, "approximation": {"degree": 3}}]}, "interval"),
    ({"network__layers": [{**TANH, "approximation": {"degree": 3, "interval": [2, 1]}}]}, "interval"),
    ({"network__loss": "logistic"}, "network.loss"),
    ({"network__loss_approximation": {"degree": 2, "interval": [-1, 1]}}, "network.loss_approximation"),
    ({"network__degree": 0}, "network.degree"),
]


@pytest.mark.parametrize(("changes", "where"), BAD, ids=[where for _, where in BAD])
def test_mistakes_are_named(changes: dict[str, Any], where: str, mask_file: str) -> None:
    if "model__mask" in changes:
        changes = {**changes, "model__mask": mask_file}
    with pytest.raises(CarlemancError) as caught:
        assert stages(**changes).n
    assert isinstance(caught.value, InputError)
    assert any(where in problem.where for problem in caught.value.problems)


TOO_LARGE = [
    ([{"kind": "dense", "units": 10**7, "activation": "square"}, {"kind": "dense", "units": 1}], "weights"),
    ([{"kind": "dense", "units": 10**30}], "weights"),
    ([{"kind": "dense", "units": 10**6}, {"kind": "dense", "units": 1}], "values of units"),
    ([{"kind": "dense", "units": 1, "activation": "cubic"}] * 30, "a degree over 400"),
    ([{"kind": "dense", "units": 1, "activation": "cubic"}] * 2_000, "a degree over 400"),
    ([{"kind": "dense", "units": 1}] * 25, "degree 50"),
]


@pytest.mark.parametrize(("layers", "what"), TOO_LARGE, ids=range(len(TOO_LARGE)))
def test_networks_too_large_are_refused_at_once(layers: list[dict[str, Any]], what: str) -> None:
    with pytest.raises(TooLarge, match=what):
        assert stages(network__layers=layers, model__sparsity=1e-6).n


def test_a_deep_network_is_taken_to_a_low_degree() -> None:
    """Twelve identities: an exact degree of 24, kept to F_2."""
    layers = [{"kind": "dense", "units": 1, "bias": False}] * 12
    made = stages(
        network__layers=layers, network__degree=2, data__features=["bmi"], training__initial=[1.1] * 12
    )
    assert made.sequence.degree == 2
    assert made.approximation is not None
    assert made.approximation.full_degree == 23
    assert made.approximation.truncation_bound is not None
    assert 0 < made.approximation.step <= made.approximation.truncation_bound


def test_the_error_budget_names_the_approximation() -> None:
    """Relative to theta(T) - center; a network of polynomials has no such line."""
    found = error_budget(open_spec(fixed("tanh-neuron")).counted)["activation_approximation"].achieved
    own = lifted("tanh-neuron")
    report, path = own.approximation, own.network_path
    assert report is not None
    assert path is not None
    assert found == pytest.approx(report.deviation / np.linalg.norm(path[-1]), rel=1e-9)
    exact = open_spec(fixed("iris-square-net", ["training.steps=1"]))
    assert "activation_approximation" not in error_budget(exact.counted)
