"""Errors and certificates of observables on small rings, as they were published by independent code."""

from __future__ import annotations

import pytest

from carlemanc.observables.observe import observe
from tests.observables.questions import asked_of, spec_of

RING = {"lam": 0.3, "J": 0.4, "g": 0.0, "h": 0.0}
SIZE = "Sum(theta[i]**2, (i, 0, n-1))"
FOURTH = "Sum(theta[i]**4, (i, 0, n-1))"
TABLE = [
    (1, SIZE, 1.819e-2, 8.4e-4, 1.1e-2),
    (3, SIZE, 1.819e-2, 2.9e-5, 1.1e-3),
    (3, FOURTH, 1.037e-4, 7.6e-6, 1.4e-3),
    (3, "loss", 2.279e-3, 3.7e-6, 1.1e-3),
]
"""(order, observable, value, error of the truncated value, its certificate): n = 4, T = 20, start (.4, 0, 0, 0)."""


@pytest.mark.parametrize(("order", "expression", "value", "error", "certificate"), TABLE)
def test_a_sparse_start(order, expression, value, error, certificate):
    spec = spec_of(4, order, 20, parameters=RING, start=[0.4, 0.0, 0.0, 0.0])
    found = _found(spec, expression)
    assert found.classical == pytest.approx(value, rel=5e-4)
    assert abs(found.truncated - found.classical) == pytest.approx(error, rel=0.03)
    assert abs(found.truncated - found.classical) < found.certificate < 1.05 * certificate


def test_the_gradient():
    """||grad||^2 = 1.851e-3, off by 2.9e-6 (certified there by 5.2e-3)."""
    found = _found(spec_of(4, 3, 20, parameters=RING, start=[0.4, 0.0, 0.0, 0.0]), "gradient_norm")
    assert found.classical**2 == pytest.approx(1.851e-3, rel=5e-4)
    assert abs(found.truncated**2 - found.classical**2) == pytest.approx(2.9e-6, rel=0.03)
    assert 2 * found.classical * found.certificate + found.certificate**2 < 5.2e-3


def test_a_longer_run_and_a_uniform_start():
    sparse = spec_of(8, 3, 40, parameters=RING, start=[0.4, *[0.0] * 7])
    loss = _found(sparse, "loss")
    assert loss.classical == pytest.approx(6.20e-4, rel=2e-3)
    assert abs(loss.truncated - loss.classical) == pytest.approx(1.1e-6, rel=0.05)
    assert loss.certificate < 1.1e-3
    uniform = spec_of(8, 3, 40, parameters=RING, start=[0.4] * 8)
    for expression, value, error, certificate in (
        (SIZE, 0.2121, 5.7e-3, 9.6e-3),
        ("loss", 2.16e-2, 4.4e-4, 8.9e-3),
    ):
        found = _found(uniform, expression)
        assert found.classical == pytest.approx(value, rel=2e-3)
        assert abs(found.truncated - found.classical) == pytest.approx(error, rel=0.03)
        assert abs(found.truncated - found.classical) < found.certificate < 1.05 * certificate


def _found(spec, expression):
    lifted, vocabulary = asked_of(spec)
    return observe(lifted, "it", expression, vocabulary, precision=1e-6)
