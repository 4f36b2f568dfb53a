"""Observables of every kind of training: data and batches, pruned losses, networks, maps; what is refused and how."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from carlemanc.core.errors import InputError, TooLarge
from carlemanc.observables.observe import observe
from carlemanc.observables.polynomial import polynomial_of
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed
from tests.observables.runs import loaded_run, probability, read


def _lifted(spec, *changes):
    return lifted_of(fixed(spec, changes))


def _observed(lifted, expression, name="it", **options):
    return observe(lifted, name, expression, lifted.training.vocabulary, **options)


def _data_loss(x, y, theta, ridge=0.1, quartic=0.05):
    square = np.mean((y - x @ theta) ** 2) / 2
    return square + np.sum(ridge * theta**2 / 2 + quartic * theta**4 / 4)


def test_a_data_loss_and_a_prediction():
    """The loss over all samples, and the model's output for one of them, also with a constant."""
    lifted = _lifted("quartic-ridge-diabetes")
    data, theta = lifted.training.vocabulary.data, lifted.classical()
    run, access, scale = loaded_run(lifted, marches=False)
    asked = {
        "loss": _data_loss(data.x, data.y, theta),
        "Sum(x[3,k]*theta[k], (k, 0, n-1))": data.x[3] @ theta,
        "Sum(x[3,k]*theta[k], (k, 0, n-1)) - y[3]": data.x[3] @ theta - data.y[3],
        "gradient_norm": None,
    }
    for expression, value in asked.items():
        found = _observed(lifted, expression, precision=1e-6)
        if value is not None:
            assert found.classical == pytest.approx(value, rel=1e-12)
        assert abs(found.truncated - found.classical) <= found.certificate
        assert read(found, run, access, scale) == pytest.approx(found.truncated, abs=1e-9)
    assert {event.kind for event in _observed(lifted, "loss").events} == {"amplitude", "square"}


def test_batches_read_the_loss_over_all_data():
    lifted = _lifted("sgd-diabetes")
    data = lifted.training.vocabulary.data
    found = _observed(lifted, "loss")
    assert len(lifted.training.batches) == 3
    assert found.classical == pytest.approx(_data_loss(data.x, data.y, lifted.classical()), rel=1e-12)


def test_a_pruned_loss_counts_weights_as_the_expression_does():
    """Two of four survive: the expression names all of them, the frozen ones are zero."""
    spec = {
        "loss": {"expression": "Sum((i+1)*theta[i]**2/8 - theta[i]*theta[i+1]/9 + theta[i]/5, (i, 0, n-1))"},
        "model": {"n": 4, "sparsity": 0.5},
        "training": {
            "learning_rate": 0.1,
            "steps": 3,
            "initial": [0.5, 0.01, -0.4, 0.02],
            "center": [0.1, 0.0, 0.0, 0.0],
        },
        "carleman": {"order": 1},
    }
    lifted = _lifted(spec)
    theta = np.zeros(4)
    theta[[0, 2]] = lifted.classical()
    found = _observed(lifted, "theta[2] + Sum(theta[i], (i, 0, 3))**2")
    assert found.classical == pytest.approx(theta[2] + theta.sum() ** 2, rel=1e-12)
    loss = _observed(lifted, "loss")
    weights = np.arange(1, 5) / 8
    assert loss.classical == pytest.approx(
        np.sum(weights * theta**2 - theta * np.roll(theta, -1) / 9 + theta / 5), rel=1e-12
    )


def test_a_network_has_its_loss_and_its_weights():
    lifted = _lifted("iris-square-net", "carleman.order=5")
    info = lifted.training.network.info
    theta = info.to_theta(lifted.network_path[-1])
    loss = _observed(lifted, "loss")
    assert loss.classical == pytest.approx(info.network.loss(theta), rel=1e-9)
    size = _observed(lifted, "Sum(theta[i]**2, (i, 0, n-1))")
    assert size.classical == pytest.approx(np.sum(theta**2), rel=1e-12)
    slope = _observed(lifted, "gradient_norm", precision=1e-3)
    expected = np.linalg.norm(np.where(info.mask, info.network.gradient(theta), 0.0))
    assert slope.classical == pytest.approx(expected, rel=1e-9)


def test_batches_of_a_network_weigh_as_many_samples_as_they_have():
    lifted = _lifted("iris-square-net", "carleman.order=5", "training.batch_size=100", "training.steps=2")
    infos = lifted.training.network.infos
    theta = infos[0].to_theta(lifted.network_path[-1])
    expected = (100 * infos[0].network.loss(theta) + 50 * infos[1].network.loss(theta)) / 150
    assert _observed(lifted, "loss").classical == pytest.approx(expected, rel=1e-9)
    short = _lifted("iris-square-net", "carleman.order=5", "training.batch_size=100", "training.steps=1")
    with pytest.raises(InputError, match="1 of 2 batches"):
        _observed(short, "loss")


def test_a_map_has_no_loss_but_weights():
    lifted = _lifted("burgers-map")
    with pytest.raises(InputError, match="a map has no loss"):
        _observed(lifted, "gradient_norm")
    found = _observed(lifted, "theta[0]**2 + 1")
    assert found.classical == pytest.approx(lifted.classical()[0] ** 2 + 1, rel=1e-12)


def test_problems_keep_their_place_in_the_expression():
    lifted = _lifted("quartic-ring")
    with pytest.raises(InputError, match=r"readout\.observables\.it, column"):
        polynomial_of(lifted, "it", "theta[0] +* 2", lifted.training.vocabulary)


def test_a_shape_and_a_start_that_is_not_run_are_refused():
    shape = {
        "map": {"shape": {"norms": [0.9, 0.1], "row_nonzeros": 4}},
        "model": {"n": 1024},
        "training": {"steps": 3, "initial": {"sparse": {"0": 0.4}}},
        "carleman": {"order": 2},
    }
    with pytest.raises(InputError, match="an observable of a shape has no value"):
        _observed(_lifted(shape), "theta[0]")
    drawn = _lifted("quartic-ring", "model.n=33554432", 'training.initial={"normal"=0.1, "seed"=1}')
    with pytest.raises(TooLarge, match="gradient descent is run to the end"):
        _observed(drawn, "theta[0]")


def test_a_linear_part_without_a_short_loader_is_refused():
    lifted = _lifted("quartic-ring", "model.n=131072")
    with pytest.raises(InputError, match=re.escape("131,072 coefficients of their own")):
        _observed(lifted, "Sum((i+1)*theta[i], (i, 0, n-1))")


@pytest.mark.parametrize("marches", [False, True])
def test_the_sign_of_an_overlap_is_told_either_way(marches):
    """A plan of the wrong sign is found wrong, by the same rule that finds the right one right."""
    lifted = _lifted("quartic-ring", "training.initial=[0.4, -0.3, 0.0, 0.1]", "carleman.padding=2")
    run, access, scale = loaded_run(lifted, marches)
    (event,) = _observed(lifted, "theta[1]").events
    assert event.sign is not None
    for test, is_right in ((event.sign, True), (replace(event.sign, planned=-event.sign.planned), False)):
        copies = 1 if marches else 3
        size = probability(test.circuit(run, access, scale=scale)) / (scale**2 * copies)
        expected = abs(1 + event.sign.planned / test.planned) * test.gap(access)
        assert size**0.5 == pytest.approx(expected, rel=1e-2, abs=1e-3 * test.gap(access))
        assert (size**0.5 > test.gap(access)) == is_right


@pytest.mark.parametrize("marches", [False, True])
@pytest.mark.parametrize("center", ["zero", "initial"])
def test_a_single_weight_has_a_sign_though_its_slots_have_no_bits(marches, center):
    spec = {
        "loss": {"expression": "theta[0]**2/2 - theta[0]**3/5 + theta[0]/7"},
        "model": {"n": 1},
        "training": {"learning_rate": 0.2, "steps": 3, "initial": [-0.3], "center": center},
        "carleman": {"order": 3},
    }
    lifted = _lifted(spec)
    run, access, scale = loaded_run(lifted, marches)
    for expression in ("theta[0]", "1 - 2*theta[0]", "theta[0]**2", "theta[0]**3", "loss", "gradient_norm"):
        found = _observed(lifted, expression, precision=1e-9)
        assert read(found, run, access, scale) == pytest.approx(found.truncated, abs=1e-9)
    theta = lifted.classical()[0]
    assert _observed(lifted, "1 - 2*theta[0]").classical == pytest.approx(1 - 2 * theta, rel=1e-12)
