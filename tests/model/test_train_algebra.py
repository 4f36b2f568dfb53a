"""Sums, products and images of tensor trains against the arrays that they are."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.core.errors import TooLarge
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.initial import initial_point
from carlemanc.model.polynomial_value import value_about_center
from carlemanc.model.starts.train_algebra import train_image, train_product, train_sum
from carlemanc.model.starts.train_step import train_weights
from carlemanc.model.weights import Weights

N = 2**9
TEXT = "0.3*cos(2*pi*3*i/n) + 0.1"
CASES = {
    "squares": ("Sum(theta[i]**2, (i, 0, n-1))", {}, lambda t: np.sum(t**2)),
    "open bonds": (
        "Sum(theta[i]*theta[i+1], (i, 0, n-1))",
        {"boundary": "open"},
        lambda t: np.sum(t[1:] * t[:-1]),
    ),
    "fourth powers of a box": ("Sum(theta[i]**4, (i, 5, 90))", {}, lambda t: np.sum(t[5:91] ** 4)),
    "few weights": ("theta[3]*theta[4]**2 - theta[7]", {}, lambda t: t[3] * t[4] ** 2 - t[7]),
    "a mean": ("Sum(theta[i], (i, 0, n-1))/n + theta[1]**2", {}, lambda t: np.mean(t) + t[1] ** 2),
}


def _start(n):
    return train_weights(initial_point({"function": TEXT}, n, None))


def _map(text, n, options):
    return derive_map(parse_expression(text), n=n, learning_rate=1.0, center=Weights.constant(n), **options)


@pytest.mark.parametrize("name", CASES)
def test_values_and_images(name):
    text, options, function = CASES[name]
    u, found = _start(N), _map(text, N, options)
    t = 0.3 * np.cos(2 * np.pi * 3 * np.arange(N) / N) + 0.1
    assert np.abs(u.as_array() - t).max() < 1e-9
    assert value_about_center(found, u) == pytest.approx(function(t), rel=1e-7)
    moving = found.with_tensors({k: item for k, item in found.operators.items() if k})
    assert np.abs(train_image(moving, u).as_array() - (moving.step(t) - t)).max() < 1e-7


def test_sums_and_products():
    u, t = _start(N), _start(N).as_array()
    few = Weights.sparse(N, {3: 0.5, 100: -1.0}, fill=0.25)
    assert np.abs(train_sum(u, few, -2.0).as_array() - (t - 2 * few.as_array())).max() < 1e-9
    assert np.abs(train_sum(u, u, 1.0).as_array() - 2 * t).max() < 1e-9
    assert train_product(u, few) == pytest.approx(t @ few.as_array(), rel=1e-9)
    assert train_product(u, u) == pytest.approx(t @ t, rel=1e-9)
    assert train_product(u, np.arange(N) / N) == pytest.approx(t @ np.arange(N) / N, rel=1e-9)


def test_a_large_lattice_and_what_no_train_holds():
    n = 2**27
    u = _start(n)
    mean = value_about_center(_map("Sum(theta[i]**4, (i, 0, n-1))/n", n, {}), u)
    angle = np.arange(4096) / 4096 * 2 * np.pi
    assert mean == pytest.approx(np.mean((0.3 * np.cos(angle) + 0.1) ** 4), rel=1e-6)
    with pytest.raises(TooLarge, match="a start that is a function"):
        train_sum(u, Weights.sparse(n, {3 * k: 1.0 for k in range(100)}), 1.0)
