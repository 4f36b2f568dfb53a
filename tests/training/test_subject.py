"""What is trained: gradients and losses of losses, maps and networks against each other and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from carlemanc.spec.loading import load_spec
from carlemanc.training.subject import MapSubject, build_subject, classical_path


@pytest.mark.parametrize("name", ["quartic-pair", "cubic-pair", "quartic-ridge-diabetes", "iris-square-net"])
def test_the_gradient_is_the_derivative_of_the_loss(name: str) -> None:
    subject, start = build_subject(load_spec(name))
    point = start + np.random.default_rng(0).normal(0, 0.1, len(start))
    assert check_grad(subject.loss, lambda theta: subject.gradient(theta, 0), point) < 1e-6


def test_the_loss_of_an_expression_is_the_expression_less_its_value_at_the_center() -> None:
    subject, _ = build_subject(load_spec("quartic-pair"))
    a, b = 0.3, -0.7
    wanted = a**2 / 2 + a**4 / 4 + b**2 / 2 + b**4 / 4 - 0.3 * a * b
    assert subject.loss(np.array([a, b])) == pytest.approx(wanted, rel=1e-12)


def test_batches_take_turns_and_the_loss_is_the_mean_over_all_samples() -> None:
    spec = load_spec("sgd-diabetes")
    subject, start = build_subject(spec)
    whole, _ = build_subject(load_spec("sgd-diabetes", ["training.batch_size=442"]))
    assert isinstance(subject, MapSubject)
    assert subject.samples == (148, 148, 146)
    np.testing.assert_array_equal(subject.gradient(start, 0), subject.gradient(start, 3))
    assert not np.array_equal(subject.gradient(start, 0), subject.gradient(start, 1))
    assert subject.loss(start) == pytest.approx(whole.loss(start), rel=1e-12)


def test_the_classical_path_is_that_of_the_polynomial_map() -> None:
    from carlemanc.sources.systems import lifted_of

    spec = load_spec("cubic-pair")
    subject, start = build_subject(spec)
    path = classical_path(subject, start, np.ones(2, dtype=bool), spec.training.steps)
    np.testing.assert_allclose(path[-1], lifted_of(spec).classical(), rtol=1e-13)
