"""Networks become maps: against complex-step gradient descent, written-out losses and sympy derivatives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import sympy

from carlemanc.core.errors import InputError, TooLarge
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.network.approximation import Approximation
from carlemanc.model.network.dense_layers import DenseLayer, count_weights
from carlemanc.model.network.derivation import derive_network
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.polynomial import loss_polynomial
from carlemanc.model.network.remainder import fit_uses, majorant
from carlemanc.model.network.trained_network import follow
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.polynomials import truncated
from tests.model.network_reference import (
    FUNCTIONS,
    classical_path,
    complex_step_gradient,
    function_of,
    loss_of,
)

ETA = 0.1


def layer(units: int, activation: str = "identity", *, bias: bool = True, **request: object) -> DenseLayer:
    """Return a layer; `degree`, `interval` and `kind` ask for an approximation."""
    approximation = Approximation(**request) if request else None
    return DenseLayer(units=units, activation=activation, bias=bias, approximation=approximation)


def samples(rng: np.random.Generator, features: int, count: int, classes: int = 0) -> DataSet:
    y = rng.integers(0, classes, count).astype(float) if classes else rng.normal(size=count)
    names = tuple(f"f{k}" for k in range(features))
    return DataSet(x=rng.normal(size=(count, features)), y=y, feature_names=names)


def reference_gradient(
    info: NetworkInfo, layers: Sequence[DenseLayer], theta: np.ndarray, *, fitted: bool
) -> np.ndarray:
    """Return the gradient in the surviving weights by complex steps, of the true or the fitted network."""
    network = info.fitted if fitted else info.network
    error = network.error
    softplus = None if error.function is None else function_of(error.function)
    functions = [function_of(activation) for activation in network.activations]
    sizes, biases = [one.units for one in layers], [one.bias for one in layers]

    def loss(weights: np.ndarray) -> complex:
        return loss_of(weights, network.x, network.targets.T, sizes, biases, functions, softplus)

    return np.where(info.mask, complex_step_gradient(loss, theta), 0.0)


NETWORKS = [
    ([layer(3, "square"), layer(2)], "mse", 3, 2),
    ([layer(2, "square", bias=False), layer(1, bias=False)], "mse", 3, 0),
    ([layer(2, "cubic"), layer(1)], "mse", 2, 0),
    ([layer(1, "square"), layer(2, "square"), layer(1)], "mse", 2, 0),
    ([layer(3, "square"), layer(3, "square")], "mse", 3, 3),
    ([layer(1, "tanh", degree=5, interval=(-2, 2))], "mse", 3, 0),
    ([layer(2, "gelu", degree=3, interval=(-2, 2), kind="minimax"), layer(1)], "mse", 2, 0),
    ([layer(2, "relu", degree=2, interval=(-3, 3)), layer(2)], "mse", 2, 2),
    ([layer(1)], "logistic", 4, 2),
    ([layer(2, "square"), layer(1)], "logistic", 2, 2),
    ([layer(2), layer(3)], "logistic", 2, 3),
    ([layer(2, "identity", bias=False)], "mse", 4, 2),
]


@pytest.mark.parametrize("center", ["initial", "zero", "other"])
@pytest.mark.parametrize(("layers", "loss", "features", "classes"), NETWORKS)
def test_a_step_of_the_map_is_a_step_of_gradient_descent(
    layers: list[DenseLayer], loss: str, features: int, classes: int, center: str
) -> None:
    """To 1e-10 relative, at random weights, with a third of the weights frozen."""
    rng = np.random.default_rng(len(layers) + features)
    data = samples(rng, features, 9, classes)
    count = count_weights(layers, features)
    mask = rng.random(count) < 0.67
    mask[0] = True
    softplus = Approximation(degree=4, interval=(-4, 4)) if loss == "logistic" else None
    derived, info = derive_network(
        layers,
        data=data,
        learning_rate=ETA,
        initial=rng.normal(0, 0.5, count),
        loss=loss,
        loss_approximation=softplus,
        center=rng.normal(0, 0.3, count) if center == "other" else center,
        mask=mask,
        steps=3,
    )
    for scale in (0.0, 0.1, 1.0):
        u = scale * rng.normal(size=derived.n)
        theta = info.to_theta(u)
        expected = info.from_theta(theta - ETA * reference_gradient(info, layers, theta, fitted=True))
        size = max(np.abs(expected).max(), np.abs(theta).max(), 1e-3)
        np.testing.assert_allclose(derived.step(u), expected, rtol=0, atol=1e-10 * size)
        backward = theta - ETA * np.where(mask, info.fitted.gradient(theta), 0.0)
        np.testing.assert_allclose(info.from_theta(backward), expected, rtol=0, atol=1e-12 * size)
    assert derived.degree <= (info.fitted.degree or 0) - 1
    assert info.remainder.truncation_bound == 0.0


def test_the_true_gradient_is_that_of_the_true_functions() -> None:
    rng = np.random.default_rng(5)
    for name in FUNCTIONS:
        request = {} if name in {"identity", "square", "cubic"} else {"degree": 2, "interval": (-1, 1)}
        layers = [layer(2, name, **request), layer(1)]
        data = samples(rng, 2, 6, 2)
        count = count_weights(layers, 2)
        _, info = derive_network(
            layers,
            data=data,
            learning_rate=ETA,
            initial=rng.normal(size=count),
            loss="logistic",
            loss_approximation=Approximation(degree=2, interval=(-1, 1)),
            degree=1,
        )
        theta = rng.normal(size=count)
        expected = reference_gradient(info, layers, theta, fitted=False)
        np.testing.assert_allclose(info.network.gradient(theta), expected, atol=1e-13)


def test_written_out_loss_gives_the_same_tensors() -> None:
    """The weight order of CONTRACT (d): W[out, in] row-major, then biases, layer by layer."""
    unit = "theta[{o}]*(theta[{w}]*x[a,0] + theta[{v}]*x[a,1] + theta[{b}])**2"
    units = [unit.format(o=6, w=0, v=1, b=4), unit.format(o=7, w=2, v=3, b=5)]
    text = f"Sum(({units[0]} + {units[1]} + theta[8] - y[a])**2, (a, 0, m-1))/(2*m)"
    rng = np.random.default_rng(3)
    data = samples(rng, 2, 25)
    center = np.round(rng.normal(0, 0.5, 9), 3)
    expected = derive_map(parse_expression(text), n=9, learning_rate=ETA, center=center, data=data)
    layers = [layer(2, "square"), layer(1)]
    found, _ = derive_network(layers, data=data, learning_rate=ETA, initial=center)
    assert found.tensors.keys() == expected.tensors.keys()
    for degree, tensor in expected.tensors.items():
        other = found.tensors[degree]
        np.testing.assert_array_equal(other.rows, tensor.rows)
        np.testing.assert_array_equal(other.cols, tensor.cols)
        np.testing.assert_allclose(other.vals, tensor.vals, rtol=1e-11, atol=1e-15)


def directional(derived: PolynomialMap, direction: np.ndarray) -> list[float]:
    """Return direction . F_l direction^(x)l for l = 0..q."""
    tensors = [derived.F(degree) for degree in range(derived.degree + 1)]
    return [0.0 if one is None else float(direction @ one.apply(direction)) for one in tensors]


@pytest.mark.parametrize(
    ("name", "loss"),
    [*((name, "mse") for name in ("tanh", "sigmoid", "softplus", "gelu", "square")), ("square", "logistic")],
)
def test_taylor_is_the_derivatives_of_the_loss(name: str, loss: str) -> None:
    """d^k/ds^k L(center + s v) by sympy: -eta k/k! of it is v . F_(k-1) v^(x)(k-1)."""
    functions = {
        "tanh": sympy.tanh,
        "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)),
        "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
        "gelu": lambda z: z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
        "square": lambda z: z**2,
    }
    taylor = {"degree": 4, "kind": "taylor"}
    layers = [layer(1, name, **({} if name == "square" else taylor)), layer(1)]
    rng = np.random.default_rng(11)
    data = samples(rng, 1, 2, 2)
    theta, v = rng.normal(0, 0.7, (2, 4))
    derived, info = derive_network(
        layers,
        data=data,
        learning_rate=ETA,
        initial=theta,
        loss=loss,
        loss_approximation=Approximation(**taylor) if loss == "logistic" else None,
        degree=3,
    )
    s = sympy.Symbol("s")
    weights = [sympy.Float(c, 30) + s * sympy.Float(d, 30) for c, d in zip(theta, v, strict=True)]
    total = 0
    for x, y in zip(data.x[:, 0].tolist(), data.y.tolist(), strict=True):
        f = weights[2] * functions[name](weights[0] * x + weights[1]) + weights[3]
        total += (f - y) ** 2 / 2 if loss == "mse" else sympy.log(1 + sympy.exp(f)) - y * f
    derivatives = [sympy.diff(total / 2, s, k).subs(s, 0).evalf(20) for k in range(1, 5)]
    expected = [-ETA * k * float(d) / sympy.factorial(k) for k, d in enumerate(derivatives, start=1)]
    np.testing.assert_allclose(directional(derived, v), np.array(expected, dtype=float), rtol=1e-11)
    assert derived.degree == 3
    if name != "square" or loss == "logistic":
        assert info.remainder.truncation_bound is None
        assert 0 < info.remainder.step < 1e-2


def test_truncation_keeps_the_lower_tensors_and_is_bounded() -> None:
    rng = np.random.default_rng(2)
    layers = [layer(3, "square"), layer(2)]
    data = samples(rng, 2, 20, 2)
    theta = rng.normal(0, 0.5, count_weights(layers, 2))
    full, _ = derive_network(layers, data=data, learning_rate=ETA, initial=theta, sparsity=0.7)
    for degree in (1, 2, 3, 4):
        cut, info = derive_network(
            layers, data=data, learning_rate=ETA, initial=theta, sparsity=0.7, degree=degree, steps=6
        )
        assert cut.degree == degree
        for kept in range(degree + 1):
            np.testing.assert_array_equal(cut.tensors[kept].cols, full.tensors[kept].cols)
            np.testing.assert_allclose(
                cut.tensors[kept].vals, full.tensors[kept].vals, rtol=1e-12, atol=1e-15
            )
        remainder = info.remainder
        assert remainder.steps == 6
        assert remainder.truncation_bound is not None
        assert 0 < remainder.truncation_step <= remainder.truncation_bound
        assert remainder.truncation_step == remainder.step


@pytest.mark.parametrize("center", ["initial", "zero"])
def test_the_majorant_bounds_each_degree(center: str) -> None:
    """|L_d(u)| <= bound ||u||^d for every degree, and the gradient of L_d is bounded with it."""
    rng = np.random.default_rng(8)
    layers = [layer(2, "square"), layer(2, "tanh", degree=3, interval=(-2, 2)), layer(1)]
    data = samples(rng, 2, 10)
    count = count_weights(layers, 2)
    _, info = derive_network(
        layers, data=data, learning_rate=ETA, initial=rng.normal(0, 0.6, count), center=center, sparsity=0.5
    )
    bounds = majorant(info.fitted, info.center, info.mask)
    degree = info.fitted.degree
    assert degree is not None
    loss = loss_polynomial(info.fitted, info.center[info.mask], info.mask, degree)
    assert len(bounds) == degree + 1
    reached = 0.0
    for d, part in loss.parts.items():
        values = part.coefficients.floats()
        for _ in range(200):
            u = rng.normal(size=loss.n)
            u /= np.linalg.norm(u)
            size = abs(float(values @ np.prod(u[part.cols], axis=1)))
            assert size <= bounds[d] * (1 + 1e-12)
            reached = max(reached, size / bounds[d])
    assert reached > 1e-3


def test_addresses_and_the_maps_between_u_and_theta() -> None:
    rng = np.random.default_rng(4)
    layers = [layer(2, "square"), layer(1)]
    data = samples(rng, 3, 8)
    count = count_weights(layers, 3)
    arguments = {"data": data, "learning_rate": ETA, "initial": rng.normal(size=count), "sparsity": 0.5}
    small, info = derive_network(layers, center="zero", **arguments)
    large, wide = derive_network(layers, center="zero", address="original", **arguments)
    assert (small.n, large.n) == (round(0.5 * count), count)
    np.testing.assert_array_equal(info.survivors, np.flatnonzero(wide.mask))
    path, spread = small.iterate(info.u_start, 3), large.iterate(wide.u_start, 3)
    np.testing.assert_allclose(info.to_theta(path), wide.to_theta(spread), atol=1e-14)
    np.testing.assert_array_equal(info.from_theta(info.to_theta(path)), path)
    np.testing.assert_allclose(classical_path(info, 3), path, atol=1e-12)
    np.testing.assert_allclose(classical_path(wide, 3, fitted=True), spread, atol=1e-12)
    np.testing.assert_array_equal(wide.theta_start[wide.survivors], info.theta_start)
    assert not spread[:, ~wide.mask].any()
    assert info.layout()[0].startswith("layer 0: W[2, 3] from 0, b[2] from 6, square, ")


def test_blocks_of_samples_give_the_same_map(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    layers = [layer(3, "square"), layer(2)]
    data = samples(rng, 3, 300, 2)
    theta = rng.normal(0, 0.5, count_weights(layers, 3))
    whole, _ = derive_network(layers, data=data, learning_rate=ETA, initial=theta)
    monkeypatch.setattr(truncated, "ENTRY_LIMIT", 10_000)
    parts, _ = derive_network(layers, data=data, learning_rate=ETA, initial=theta)
    for degree, tensor in whole.tensors.items():
        np.testing.assert_array_equal(parts.tensors[degree].cols, tensor.cols)
        np.testing.assert_allclose(parts.tensors[degree].vals, tensor.vals, rtol=1e-9, atol=1e-14)


def test_batches_share_the_classes_of_all_data() -> None:
    """The mean of the maps of equal batches is the map of all data, although no batch has every class."""
    rng = np.random.default_rng(7)
    layers = [layer(2, "square"), layer(3)]
    y = np.repeat([-1.0, 0.5, 2.0], 4)
    data = DataSet(x=rng.normal(size=(12, 2)), y=y, feature_names=("a", "b"))
    theta = rng.normal(0, 0.5, count_weights(layers, 2))
    arguments = {"data": data, "learning_rate": ETA, "initial": theta}
    whole, _ = derive_network(layers, **arguments)
    batches = [derive_network(layers, rows=(start, start + 4), **arguments)[0] for start in (0, 4, 8)]
    u = rng.normal(size=whole.n)
    mean = np.mean([batch.step(u) for batch in batches], axis=0)
    np.testing.assert_allclose(mean, whole.step(u), atol=1e-13)


def test_zero_columns_and_dead_weights_leave_no_entries() -> None:
    data = DataSet(x=np.array([[1.0, 0.0], [2.0, 0.0]]), y=np.array([1.0, 3.0]), feature_names=("a", "b"))
    derived, _ = derive_network([layer(1, bias=False)], data=data, learning_rate=1.0, initial=[0.0, 0.0])
    assert derived.to_json()["F"] == {"0": [[0, [], 3.5]], "1": [[0, [0], -2.5]]}


def test_a_network_too_large_is_refused_at_once() -> None:
    rng = np.random.default_rng(9)
    layers = [layer(32, "square"), layer(10)]
    data = samples(rng, 64, 200, 10)
    theta = rng.normal(size=count_weights(layers, 64))
    with pytest.raises(TooLarge, match="monomials"):
        derive_network(layers, data=data, learning_rate=ETA, initial=theta)


def test_divergent_descent_is_reported() -> None:
    rng = np.random.default_rng(10)
    layers = [layer(2, "cubic"), layer(1)]
    theta = 5 * rng.normal(size=count_weights(layers, 2))
    _, info = derive_network(layers, data=samples(rng, 2, 5), learning_rate=10.0, initial=theta, steps=12)
    assert info.remainder.deviation == np.inf
    assert info.remainder.steps < 12


@pytest.mark.parametrize(
    ("y", "units", "expected"),
    [
        ([0, 2, 1], 3, [[1, 0, 0], [0, 0, 1], [0, 1, 0]]),
        ([0, 1, 1], 3, [[1, 0, 0], [0, 1, 1], [0, 0, 0]]),
        ([-1.5, 0.7, 0.7], 2, [[1, 0, 0], [0, 1, 1]]),
    ],
)
def test_labels_become_one_hot(y: list[float], units: int, expected: list[list[int]]) -> None:
    data = DataSet(x=np.ones((3, 1)), y=np.array(y, dtype=float), feature_names=("a",))
    _, info = derive_network([layer(units)], data=data, learning_rate=1.0, initial=np.zeros(2 * units))
    np.testing.assert_array_equal(info.network.targets, expected)


def test_labels_that_do_not_fit() -> None:
    data = samples(np.random.default_rng(1), 2, 6)
    for loss, units in (("mse", 3), ("logistic", 1)):
        request = Approximation(degree=3, interval=(-1, 1)) if loss == "logistic" else None
        count = 3 * units
        with pytest.raises(InputError, match="6 distinct values of y"):
            derive_network(
                [layer(units)],
                data=data,
                learning_rate=1.0,
                initial=np.zeros(count),
                loss=loss,
                loss_approximation=request,
            )


def test_all_faults_come_together() -> None:
    data = samples(np.random.default_rng(1), 2, 6)
    with pytest.raises(InputError) as caught:
        derive_network(
            [layer(0), layer(1, "tanh")],
            data=data,
            learning_rate=1.0,
            initial=[0.0],
            loss="hinge",
            loss_approximation=Approximation(degree=2, interval=(0, 1)),
            degree=0,
            sparsity=0.5,
            mask=[1],
        )
    found = [problem.where for problem in caught.value.problems]
    assert found == [
        "network.layers[0]",
        "network.layers[1]",
        "network.loss",
        "network.loss_approximation",
        "network.degree",
        "model.mask",
    ]
    for wrong in ([0.0], np.full(3, np.nan)):
        with pytest.raises(InputError, match=r"training\.initial"):
            derive_network([layer(1)], data=data, learning_rate=1.0, initial=wrong)
    with pytest.raises(InputError, match="at least one"):
        derive_network([], data=data, learning_rate=1.0, initial=[])


def test_fits_report_where_they_were_used() -> None:
    rng = np.random.default_rng(12)
    data = samples(rng, 2, 30, 2)
    layers = [layer(1, "tanh", degree=5, interval=(-1, 1))]
    wide, narrow = (
        derive_network(
            layers,
            data=data,
            learning_rate=ETA,
            initial=[size, size, 0.0],
            loss="logistic",
            loss_approximation=Approximation(degree=4, interval=(-1, 1)),
            steps=3,
        )[1]
        for size in (2.0, 0.1)
    )
    wide_uses, narrow_uses = (
        fit_uses(info.network, info.fitted, follow(info.network, info.start, info.mask, ETA, 3))
        for info in (wide, narrow)
    )
    assert [use.layer for use in wide_uses] == [0, None]
    assert [use.inside for use in wide_uses] == [False, True]
    assert [use.inside for use in narrow_uses] == [True, True]
    assert narrow.remainder.truncation_step < 1e-14 < narrow.remainder.step < 1e-2
    assert all(use.fit.remainder > 0 for use in narrow_uses)
