"""The value of a polynomial from its map, and at zero, against the expression itself."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.polynomial_value import value_about_center, value_at_origin
from carlemanc.model.value_at_zero import value_at_zero
from carlemanc.model.weights import Weights

J = np.array([0.5, -1.0, 2.0, 0.25, 1.5, -0.5])
RNG = np.random.default_rng(5)
DATA = DataSet(x=RNG.normal(size=(7, 6)), y=RNG.normal(size=7), feature_names=tuple("abcdef"))
SITES = "(i, 0, n-1)"
CASES = {
    "fourth powers": (f"Sum((theta[i] - 1/2)**4, {SITES})", {}, lambda t: np.sum((t - 0.5) ** 4)),
    "bonds": (f"Sum(theta[i]*theta[i+1], {SITES}) + 2", {}, lambda t: np.sum(t * np.roll(t, -1)) + 2),
    "open bonds": (
        f"Sum(theta[i]*(theta[i+1] + 1), {SITES})",
        {"boundary": "open"},
        lambda t: np.sum(t[:-1] * t[1:]) + np.sum(t),
    ),
    "coefficients": (
        f"Sum(J[i]*(theta[i] + 1)**3, {SITES})",
        {"parameters": {"J": J}},
        lambda t: np.sum(J * (t + 1) ** 3),
    ),
    "data": (
        "Sum((Sum(x[a,k]*theta[k], (k, 0, n-1)) - y[a])**2, (a, 0, m-1))/m",
        {"data": DATA},
        lambda t: np.mean((DATA.x @ t - DATA.y) ** 2),
    ),
    "few sites": ("theta[0]**2*theta[3] - 3*theta[5] + 7", {}, lambda t: t[0] ** 2 * t[3] - 3 * t[5] + 7),
}


@pytest.mark.parametrize("center", [Weights.constant(6), Weights.constant(6, 0.3), np.arange(6) / 10])
@pytest.mark.parametrize("name", CASES)
def test_value_is_that_of_the_expression(name, center):
    text, options, function = CASES[name]
    found = derive_map(parse_expression(text), n=6, learning_rate=0.2, center=center, **options)
    point = np.asarray(found.center)
    at_zero = value_at_zero(parse_expression(text), n=6, **options)
    assert at_zero == pytest.approx(function(np.zeros(6)), abs=1e-12)
    assert at_zero - value_at_origin(found) == pytest.approx(function(point), abs=1e-12)
    dense = np.random.default_rng(1).normal(size=6)
    sparse = Weights.sparse(6, {0: 0.7, 4: -0.2}, fill=0.1)
    for u in (dense, sparse, Weights.sparse(6, {5: 1.0})):
        array = u.as_array() if isinstance(u, Weights) else u
        expected = function(point + array) - function(point)
        assert value_about_center(found, u) == pytest.approx(expected, abs=1e-12)


def test_a_large_lattice_is_not_written_out():
    """2^27 sites about 1/2: the constant, and one site that moves."""
    n = 2**27
    expression = parse_expression(f"Sum((theta[i] - 1)**2*theta[i+1], {SITES})")
    found = derive_map(expression, n=n, learning_rate=1.0, center=Weights.constant(n, 0.5))
    assert value_at_zero(expression, n=n) == 0
    assert -value_at_origin(found) == pytest.approx(n / 8, rel=1e-15)
    moved = Weights.sparse(n, {0: 0.25})
    expected = (0.75 - 1) ** 2 * 0.5 + 0.25 * 0.75 - 2 * 0.125
    assert value_about_center(found, moved) == pytest.approx(expected, rel=1e-12)
    assert value_at_zero(parse_expression(f"Sum((theta[i] - 2)**2, {SITES})"), n=n) == 4 * n
