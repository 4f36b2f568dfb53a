"""gamma: deterministic, near the best of a brute-force search, below the trajectory only where a step expands."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.carleman.regime import contraction_radius
from carlemanc.carleman.rescaling import _round_up, readout_probability
from tests.one_map import choose_gamma, trajectory_sizes
from tests.reference import DRIVEN, map_of, quartic_pair


def test_between_the_trajectory_and_the_radius():
    for u, order, steps in (([0.4, -0.2], 3, 4), ([0.7, -0.35], 5, 20)):
        gamma = choose_gamma(quartic_pair(), u, order, steps)
        assert np.linalg.norm(u) <= gamma <= math.sqrt(0.7) * 1.01
        assert gamma == choose_gamma(quartic_pair(), u, order, steps)
    largest = trajectory_sizes(DRIVEN, [0.0, 0.0], 80).max()
    assert choose_gamma(DRIVEN, [0.0, 0.0], 3, 80) >= largest


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_below_the_trajectory_only_where_the_majorant_grows(seed):
    from carlemanc.model.polynomial_map import PolynomialMap
    from carlemanc.model.sparse_tensor import SparseTensor

    rng = np.random.default_rng(seed)
    tensors = {}
    for degree in range(int(rng.integers(0, 2)), int(rng.integers(2, 4))):
        dense = rng.normal(size=(2,) * (degree + 1)) * 10.0 ** rng.uniform(-3, 0)
        index = np.argwhere(dense != 0)
        tensors[degree] = SparseTensor.build(
            n=2, degree=degree, rows=index[:, 0], cols=index[:, 1:], vals=dense.reshape(-1)
        )
    map = PolynomialMap(n=2, center=np.zeros(2), tensors=tensors, learning_rate=1.0, source="")
    u, steps = rng.normal(size=2) * 10.0 ** rng.uniform(-3, 1), int(rng.integers(0, 12))
    gamma, sizes = choose_gamma(map, u, 3, steps), trajectory_sizes(map, u, steps)
    assert 0 < gamma < math.inf
    if np.all(np.isfinite(sizes)) and sizes.max() < 1e30:
        largest, radius = sizes.max(), contraction_radius([float(x) for x in map.norms])
        if largest <= radius:
            assert gamma >= largest * (1 - 1e-12)
        assert gamma >= largest / math.sqrt(2) * (1 - 1e-12)


def test_corners(recwarn):
    assert choose_gamma(quartic_pair(), [0.0, 0.0], 3, 5) == 1.0
    assert choose_gamma(quartic_pair(), [30.0, 0.0], 3, 50) == 30.0  # diverges: nothing to choose
    assert choose_gamma(quartic_pair(), [0.4, 0.0], 3, 0) >= 0.4
    affine = map_of(2, F0=[0.1, 0.2], F1=-0.1 * np.eye(2))
    assert choose_gamma(affine, [0.0, 0.0], 3, 10) == pytest.approx(1.46)  # the smallest of equals
    assert not recwarn.list


def test_readout_probability_of_theory():
    """(1 - z^2)/(1 - z^2N) of THEORY 5.4 for all levels at the last time."""
    z = 0.6
    alone = readout_probability(np.array([[z]]), tuple(range(1, 6)), 0)
    assert alone[0] == pytest.approx((1 - z**2) / (1 - z**10))


def test_rounding_is_up():
    assert _round_up(0.44721) == 0.448
    assert _round_up(1.0) == 1.0
    assert _round_up(9.999) == 10.0
    for value in np.geomspace(1e-9, 1e9, 500):
        assert value <= _round_up(float(value)) <= 1.0101 * value


def test_cheap_at_large_n():
    started = time.process_time()
    n = 3000
    u = np.zeros(n)
    u[0] = 0.4
    from carlemanc.model.polynomial_map import PolynomialMap
    from carlemanc.model.sparse_tensor import SparseTensor

    sites = np.arange(n)
    linear = SparseTensor.build(
        n=n, degree=1, rows=np.r_[sites, sites], cols=np.r_[sites, (sites + 1) % n][:, None],
        vals=np.r_[np.full(n, -0.1), np.full(n, 0.02)],
    )  # fmt: skip
    cubic = SparseTensor.build(
        n=n, degree=3, rows=sites, cols=np.repeat(sites[:, None], 3, axis=1), vals=np.full(n, -0.1)
    )
    map = PolynomialMap(n=n, center=np.zeros(n), tensors={1: linear, 3: cubic}, learning_rate=0.1, source="")
    assert 0.4 <= choose_gamma(map, u, 3, 20) < 2.0
    assert time.process_time() - started < 60  # a dense n^3 object would not even fit
