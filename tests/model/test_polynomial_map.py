"""The polynomial map: stepping, G_1, norms, change of center, JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.recentering import recentered
from carlemanc.model.sparse_tensor import SparseTensor


def quartic_pair(eta: float = 0.1, coupling: float = 0.3, strength: float = 1.0) -> PolynomialMap:
    """THEORY section 13: F_1 = -eta [[1, -J], [-J, 1]], F_3 = -eta lambda at (i; i, i, i)."""
    linear = -eta * np.array([1, -coupling, -coupling, 1])
    return PolynomialMap(
        n=2,
        center=np.zeros(2),
        tensors={
            1: SparseTensor.build(n=2, degree=1, rows=[0, 0, 1, 1], cols=[[0], [1], [0], [1]], vals=linear),
            3: SparseTensor.build(
                n=2, degree=3, rows=[0, 1], cols=[[0] * 3, [1] * 3], vals=[-eta * strength] * 2
            ),
        },
        learning_rate=eta,
        source="quartic pair",
    )


def random_map(rng: np.random.Generator, n: int, degree: int) -> PolynomialMap:
    tensors = {}
    for order in range(degree + 1):
        rows, cols = rng.integers(0, n, 12), rng.integers(0, n, (12, order))
        vals = rng.normal(size=12)
        tensors[order] = SparseTensor.build(n=n, degree=order, rows=rows, cols=cols, vals=vals)
    return PolynomialMap(n=n, center=rng.normal(size=n), tensors=tensors, learning_rate=1.0, source="random")


def test_the_pair_has_the_norms_of_the_theory() -> None:
    pair = quartic_pair()
    assert pair.degree == 3
    assert pair.norms == pytest.approx((0, 0.93, 0, 0.1), abs=1e-14)
    assert pair.flops_per_step == 4 * 2 + 2 * 4


def test_steps_are_gradient_descent() -> None:
    pair = quartic_pair()
    theta = np.array([0.7, -0.35])
    for row in pair.iterate(theta, 20):
        np.testing.assert_allclose(row, theta, atol=1e-15)
        theta = theta - 0.1 * (theta - 0.3 * theta[::-1] + theta**3)


def test_a_shifted_map_moves_the_same_points() -> None:
    rng = np.random.default_rng(5)
    for degree in range(5):
        original = random_map(rng, 3, degree)
        center = rng.normal(size=3)
        shifted = recentered(original, center)
        for theta in rng.normal(size=(4, 3)):
            expected = original.center + original.step(theta - original.center)
            np.testing.assert_allclose(center + shifted.step(theta - center), expected, atol=1e-11)
        back = recentered(shifted, original.center)
        for order, tensor in original.tensors.items():
            difference = back.F(order).to_sparse() - tensor.to_sparse()
            assert abs(difference).max() < 1e-11


def test_zero_tensors_are_absent_and_g1_is_the_identity_then() -> None:
    empty = SparseTensor.build(n=2, degree=1, rows=[], cols=[], vals=[])
    still = PolynomialMap(n=2, center=np.zeros(2), tensors={1: empty}, learning_rate=1.0, source="still")
    assert still.degree == 1
    assert still.F(1) is None
    assert np.array_equal(still.G1().to_sparse().toarray(), np.eye(2))
    assert still.norms == (0.0, 1.0)
    assert np.array_equal(still.step(np.array([1.0, 2.0])), [1.0, 2.0])


def test_fingerprint_tells_maps_apart() -> None:
    assert quartic_pair().fingerprint() == quartic_pair().fingerprint()
    assert quartic_pair().fingerprint() != quartic_pair(strength=1.5).fingerprint()
    assert quartic_pair().fingerprint() != recentered(quartic_pair(), np.array([0.0, 0.1])).fingerprint()


def test_json_is_that_of_the_contract() -> None:
    document = json.loads(json.dumps(quartic_pair().to_json()))
    assert document["n"] == 2
    assert document["degree"] == 3
    assert document["center"] == [0.0, 0.0]
    assert document["F"] == {
        "1": [[0, [0], -0.1], [0, [1], 0.03], [1, [0], 0.03], [1, [1], -0.1]],
        "3": [[0, [0, 0, 0], -0.1], [1, [1, 1, 1], -0.1]],
    }


def test_divergence_is_not_an_exception() -> None:
    path = quartic_pair().iterate(np.array([1e3, 1e3]), 30)
    assert not np.all(np.isfinite(path[-1]))
