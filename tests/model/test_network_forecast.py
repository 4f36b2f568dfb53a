"""The forecast of a network's expansion: never below what is found, near it, and a refusal before the work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from carlemanc import analyze, derive, estimate, run
from carlemanc.core.errors import TooLarge
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.network import derivation, forecast
from carlemanc.model.network.approximation import Approximation
from carlemanc.model.network.dense_layers import DenseLayer, count_weights
from carlemanc.model.network.derivation import derive_network
from carlemanc.model.polynomials import sample_sums, truncated

FITTED = ["tanh", "sigmoid", "softplus", "relu", "gelu"]


def layer(units: int, activation: str = "identity", *, degree: int = 3, bias: bool = True) -> DenseLayer:
    fit = Approximation(degree=degree, interval=(-2.0, 2.0)) if activation in FITTED else None
    return DenseLayer(units=units, activation=activation, bias=bias, approximation=fit)


def problem(layers: list[DenseLayer], features: int, seed: int, **options: Any) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    data = DataSet(
        x=rng.normal(size=(12, features)),
        y=rng.integers(0, 2, 12).astype(float),
        feature_names=tuple(f"f{k}" for k in range(features)),
    )
    initial = rng.normal(0.0, 0.4, count_weights(layers, features))
    return {"layers": layers, "data": data, "initial": initial, "learning_rate": 0.1, **options}


SMALL = [
    ([layer(1, "tanh")], 2, {}),
    ([layer(1, "sigmoid", degree=5)], 3, {"loss": "mse"}),
    ([layer(2, "relu"), layer(1)], 2, {}),
    ([layer(3, "cubic"), layer(1)], 2, {}),
    ([layer(2, "cubic", bias=False), layer(2, "square")], 2, {"degree": 7}),
    ([layer(4, "square"), layer(1)], 4, {}),
    ([layer(4, "tanh"), layer(1, "tanh")], 4, {"degree": 3}),
    ([layer(3, "gelu"), layer(3, "tanh"), layer(1, "softplus")], 2, {"degree": 3}),
    ([layer(2, "square"), layer(2, "square"), layer(1)], 2, {"degree": 5}),
    ([layer(5, "square"), layer(4, "square"), layer(2)], 4, {"degree": 3, "sparsity": 0.4}),
    ([layer(6, "tanh"), layer(1)], 5, {"sparsity": 0.5}),
    ([layer(2, "square"), layer(1)], 2, {"center": "zero"}),
    ([layer(1)], 6, {"loss": "logistic", "loss_approximation": Approximation(degree=4, interval=(-4.0, 4.0))}),
    ([layer(2, "tanh"), layer(1)], 2,
     {"loss": "logistic", "loss_approximation": Approximation(degree=2, interval=(-4.0, 4.0)), "degree": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "features", "options"), SMALL)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_forecast_is_an_upper_bound_and_near(monkeypatch, layers, features, options, seed) -> None:
    """Against the expansion itself: monomials of the loss, and pairs of monomials that were multiplied."""
    made, known = [0], []
    pairs, products = truncated._pairs, sample_sums._inner_products
    expand = derivation.loss_polynomial

    def counted_pairs(left, right, size):
        rows, columns = pairs(left, right, size)
        made[0] += len(rows)
        return rows, columns

    def counted_products(left, right, weights, *, symmetric):
        made[0] += left.count * right.count
        return products(left, right, weights, symmetric=symmetric)

    def expanded(network, center, mask, cap):
        loss = expand(network, center, mask, cap)
        known.append((forecast.forecast(network, mask, center, cap), loss, network.samples))
        return loss

    monkeypatch.setattr(truncated, "_pairs", counted_pairs)
    monkeypatch.setattr(sample_sums, "_inner_products", counted_products)
    monkeypatch.setattr(derivation, "loss_polynomial", expanded)
    derive_network(**problem(layers, features, seed, **options))
    ((ahead, loss, samples),) = known
    found = sum(part.count for degree, part in loss.parts.items() if degree)
    outputs = layers[-1].units
    assert found * (1 - 1e-12) <= ahead.monomials <= 4.0 * outputs * found + 20
    assert ahead.fits
    multiplied = ahead.operations / (samples + forecast._SORTING)
    assert made[0] <= 2.5 * multiplied + 100
    assert multiplied <= 4.0 * made[0] + 100


def test_multisets_against_their_enumeration() -> None:
    from itertools import combinations_with_replacement

    counts = np.array([0.0, 2.0, 3.0, 0.0, 1.0, 0.0, 0.0])
    degrees = [degree for degree, count in enumerate(counts) for _ in range(int(count))]
    for k, row in enumerate(forecast._multisets(counts, 3)):
        sums = [sum(chosen) for chosen in combinations_with_replacement(degrees, k)]
        assert row.tolist() == pytest.approx([sums.count(degree) for degree in range(len(counts))])


def spec(layers: list[dict[str, Any]], features: int = 4, **network: Any) -> dict[str, Any]:
    return {
        "name": "network",
        "network": {"layers": layers, "loss": "mse", **network},
        "data": {"source": "sklearn:diabetes", "features": features, "samples": 64, "standardize": True},
        "training": {"learning_rate": 0.05, "steps": 2, "initial": {"normal": 0.3, "seed": 1}},
        "carleman": {"order": 2},
    }


def dense(units: int, activation: str, degree: int = 3) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": "dense", "units": units, "activation": activation}
    if activation in FITTED:
        found["approximation"] = {"degree": degree, "interval": [-2, 2], "kind": "chebyshev"}
    return found


TOO_LARGE = {
    "4-4-1": ([dense(4, "tanh"), dense(1, "tanh")], "degree 24 in 25 weights"),
    **{name: ([dense(4, name, 5), dense(1, name)], "in 25 weights") for name in FITTED},
    "cubic": ([dense(4, "cubic"), dense(3, "cubic"), dense(1, "identity")], "degree 26 in 39 weights"),
    "wide": ([dense(64, "tanh"), dense(1, "tanh")], "in 385 weights"),
    "deep": ([dense(3, "tanh")] * 3 + [dense(1, "tanh")], "degree 240 in 43 weights"),
    "very deep": ([dense(2, "square")] * 9 + [dense(1, "identity")], "a degree over 400"),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_would_never_end_is_refused_with_its_size_and_a_degree_that_fits(name: str) -> None:
    layers, size = TOO_LARGE[name]
    with pytest.raises(TooLarge, match=r"Set network\.degree = [1-9]") as caught:
        analyze(spec(layers))
    assert size in str(caught.value)
    assert caught.value.exit_status == 3


@pytest.mark.parametrize("command", [derive, estimate, run])
def test_every_command_refuses(command: Any) -> None:
    with pytest.raises(TooLarge, match="degree 24 in 25 weights"):
        command(spec(TOO_LARGE["4-4-1"][0]))


def test_the_degree_that_is_named_is_easy_and_the_one_after_the_next_does_not_fit() -> None:
    layers = TOO_LARGE["4-4-1"][0]
    with pytest.raises(TooLarge) as caught:
        derive(spec(layers))
    named = int(str(caught.value).split("network.degree = ")[1].split(",")[0])
    with pytest.raises(TooLarge, match=f"Set network.degree = {named},"):
        derive(spec(layers, degree=named + 2))
    assert named == 4
    assert derive(spec(layers, degree=named)).map.degree == named
