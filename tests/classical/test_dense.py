"""Gradient descent on all weights: the way that takes fewest flops, its count, and its answer."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.classical.dense import Dense
from carlemanc.classical.loss_descent import loss_descent
from carlemanc.classical.loss_names import Names
from carlemanc.classical.loss_tape import LossTape
from carlemanc.classical.network_descent import network_descent
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.vocabulary import Vocabulary
from tests.classical.asking import TextLoss, asked
from tests.classical.specs import SPECS, fit


@pytest.mark.parametrize("name", SPECS)
def test_the_loss_itself_descends_as_its_text_says(name: str) -> None:
    """Reverse mode against complex steps through the text; batches and noise as the training has them."""
    spec = SPECS[name]
    question = asked(
        spec,
        values={"loss": "loss", "slope": "gradient_norm", "first": "Sum(theta[0]**2,(a,0,3))"}
        if "dims" not in spec["model"]
        else {"loss": "loss"},
    )
    lifted = question.lifted
    descent = loss_descent(lifted)
    assert descent is not None
    training, vocabulary = lifted.training, lifted.training.vocabulary
    assert vocabulary is not None
    dims = tuple(vocabulary.dims or (lifted.n,))

    def text_of(first: int, last: int | None) -> TextLoss:
        names = {}
        if vocabulary.data is not None:
            x, y = vocabulary.data.x[first:last], vocabulary.data.y[first:last]
            names = {"x": x, "y": y, "m": len(y)}
        return TextLoss(spec["loss"]["expression"], dims, spec["loss"].get("boundary", "periodic"), names)

    rows = training.rows or ((0, None),)
    theta = np.array(lifted.start)
    for step in range(lifted.steps):
        theta = text_of(*rows[step % len(rows)]).descend(theta, 0.1, 1)
        theta = theta if training.noise is None else theta + training.noise[step]
    assert np.abs(descent.theta() - theta).max() < 1e-12
    whole = text_of(0, None)
    for one in question.values:
        wanted = whole(theta).real
        if one.name == "first":
            wanted = 4 * theta[0] ** 2
        elif one.is_root:
            wanted = float(np.linalg.norm(whole.gradient(theta)))
        assert descent.value(one, theta) == pytest.approx(wanted, rel=1e-11)
    answer = Dense().run(question)
    assert answer.values["loss"].value == pytest.approx(whole(theta).real, rel=1e-11)


def test_a_sum_of_products_is_counted_operation_by_operation() -> None:
    """Sum_a (Sum_k x[a,k] theta[k] - y[a])^2 / 2 over 3 samples of 5 features, by hand."""
    data = asked(fit(5, 3)).lifted.training.vocabulary
    assert data is not None
    tape = _tape("Sum((Sum(x[a,k]*theta[k], (k, 0, n-1)) - y[a])**2, (a, 0, m-1))/2", data)
    forward = 3 * 5 + 3 * 4 + 3  # products, additions, the residuals
    seed = 1 + 1  # the factor times 1/2, times the exponent 2
    back = 3 + 3 * 5 + 2 * 5 + 5  # with the residuals, with x, added up over samples, added to the weights
    assert tape.gradient_flops() == forward + seed + back
    assert tape.value_flops() == forward + 3 + 2 + 1  # squares, their sum, the half
    power = _tape("Sum(theta[k]**6, (k, 0, n-1))", data)
    assert power.value_flops() == 5 * 3 + 4  # x^2, x^4, x^6
    assert (
        power.gradient_flops() == 1 + 5 * 3 + 5 + 5
    )  # 6 times the factor; x^5; their product; the additions


def _tape(text: str, vocabulary: Vocabulary) -> LossTape:
    expression = parse_expression(text)
    return LossTape(expression, Names.of(expression, vocabulary))


def test_the_lesser_way_is_taken() -> None:
    """Gram matrices for many samples, samples for many features: what is said first is what is run."""
    for features, samples, words in ((10, 2, "the loss itself"), (4, 60, "every entry")):
        question = asked(fit(features, samples))
        found = Dense().cost(question)
        assert found.reason.startswith(f"{'the gradient of ' if 'loss' in words else ''}{words}")
        loss = loss_descent(question.lifted)
        assert loss is not None
        assert found.flops == min(loss.flops, question.lifted.sequence.flops)
        answer = Dense().run(question)
        assert answer.theta == pytest.approx(question.lifted.classical(), abs=1e-12)


def test_sums_that_are_no_axes_leave_the_entries() -> None:
    spec = SPECS["ring, random"] | {
        "loss": {
            "expression": "Sum(theta[i]**2, (i, 0, n-1))/2 + Sum(Sum(theta[i]*theta[j], (j, 0, i)), (i, 0, n-1))/40"
        }
    }
    question = asked(spec)
    assert loss_descent(question.lifted) is None
    assert Dense().cost(question).reason == "every entry of every F_l in every step"


class _Counted:
    """A number that counts what is done to it; products with a number that is not counted are one flop too."""

    flops = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __mul__(self, other: _Counted) -> _Counted:
        _Counted.flops += 1
        return _Counted(self.value * other.value)

    def __add__(self, other: _Counted) -> _Counted:
        _Counted.flops += 1
        return _Counted(self.value + other.value)


def test_back_propagation_is_counted_weight_by_weight() -> None:
    """A scalar program over the weights that survive: its flops are the formula's, its gradient the network's."""
    question = asked("digits-pruned-net", "data.samples=20", "model.sparsity=0.05")
    descent = network_descent(question.lifted)
    assert descent is not None
    info = descent.network.info
    network, mask = info.network, info.mask
    theta = np.where(mask, info.start, 0.0)
    _Counted.flops = 0
    gradient: dict[int, _Counted] = {}
    counted = {int(place): _Counted(float(theta[place])) for place in np.flatnonzero(mask)}
    for sample in range(network.samples):
        _propagate(network, counted, gradient, sample)
    moved = np.array(theta)
    for place, weight in counted.items():
        slope = gradient.get(place)
        if slope is not None:
            moved[place] = (weight + slope * _Counted(-info.learning_rate)).value
        else:
            _Counted.flops += 2
    wanted = theta - info.learning_rate * np.where(mask, network.gradient(theta), 0.0)
    assert np.abs(moved - wanted).max() < 1e-12
    assert descent.flops == question.lifted.steps * _Counted.flops


@pytest.mark.parametrize(
    ("sets", "values"),
    [
        (("data.samples=20",), None),
        (
            ("data.samples=20",),
            {"loss": "loss", "slope": "gradient_norm", "some": "theta[40]**2 + theta[90]"},
        ),
        (("data.samples=20", "training.batch_size=7", "training.noise=0.01"), {"loss": "loss"}),
    ],
)
def test_few_samples_go_through_the_network_itself(
    sets: tuple[str, ...], values: dict[str, str] | None
) -> None:
    """With its own activations, and every weight told that it moves."""
    question = asked("digits-pruned-net", *sets, values=values)
    lifted = question.lifted
    assert Dense().cost(question).reason.startswith("back-propagation through the network itself")
    answer, theta = Dense().run(question), lifted.classical()
    if values is None:
        assert answer.sites is not None
        assert np.array_equal(answer.sites, np.arange(lifted.n))
        assert answer.theta == pytest.approx(theta, abs=1e-15)
        return
    network = lifted.training.network
    assert network is not None
    weights = network.info.to_theta(theta - lifted.center)
    m = [info.network.samples for info in network.infos]
    loss = np.dot(m, [info.network.loss(weights) for info in network.infos]) / sum(m)
    assert answer.values["loss"].value == pytest.approx(loss, rel=1e-12)
    if "slope" in values:
        slope = np.where(network.info.mask, network.info.network.gradient(weights), 0.0)
        assert answer.values["slope"].value == pytest.approx(np.linalg.norm(slope), rel=1e-12)
        place = np.array(lifted.training.addresses)
        full = np.zeros(network.info.network.weights)
        full[place] = theta
        assert answer.values["some"].value == pytest.approx(full[40] ** 2 + full[90], abs=1e-12)


def _propagate(network, weights, gradient, sample: int) -> None:
    """One sample through square and identity units, and back; every sum begins at a counted zero."""
    inputs = [_Counted(float(value)) for value in network.x[sample]]
    layers = []
    for place, activation in zip(network.places, network.activations, strict=True):
        edges = [
            (out, into, place.start + out * place.inputs + into)
            for out in range(place.outputs)
            for into in range(place.inputs)
            if place.start + out * place.inputs + into in weights
        ]
        z = [_Counted(0.0) for _ in range(place.outputs)]
        for out, into, number in edges:
            z[out] = z[out] + weights[number] * inputs[into]
        for out in range(place.outputs):
            number = (place.bias_start or 0) + out
            if place.bias_start is not None and number in weights:
                z[out] = z[out] + weights[number]
        layers.append((place, activation.degree, edges, z, inputs))
        inputs = z if activation.degree == 1 else [one * one for one in z]
    scale, back = _Counted(1.0 / network.samples), []
    for out, value in enumerate(inputs):
        back.append((value + _Counted(-float(network.targets[out, sample]))) * scale)
    for depth in reversed(range(len(layers))):
        place, degree, edges, z, below = layers[depth]
        delta = (
            back
            if degree == 1
            else [slope * (_Counted(2.0) * one) for slope, one in zip(back, z, strict=True)]
        )
        back = [_Counted(0.0) for _ in range(place.inputs)]
        for out, into, number in edges:
            gradient[number] = gradient.get(number, _Counted(0.0)) + delta[out] * below[into]
            if depth:
                back[into] = back[into] + weights[number] * delta[out]
        for out in range(place.outputs):
            number = (place.bias_start or 0) + out
            if place.bias_start is not None and number in weights:
                gradient[number] = gradient.get(number, _Counted(0.0)) + delta[out]
