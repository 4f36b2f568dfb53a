"""THEORY 13.C, and the estimate above the true error without any norm condition."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.carleman import measured_truncation_errors
from carlemanc.carleman.ray_certificate import ray_estimate, ray_growth


def test_ring_of_theory(ring):
    """The published values use sigma^-(N+1) for the odd map; ours starts at the first dropped degree, N + 2."""
    map = ring(8)
    u = np.array([0.5 * (-1) ** i * (0.8 if i % 3 == 0 else 1.0) for i in range(8)])
    radii = np.linspace(1.05, 2.6, 60)
    growth = np.array([ray_growth(map, u, 60, float(sigma), kind="inf") for sigma in radii])
    for order, value in ((1, 0.282), (3, 0.0580), (5, 0.0119), (7, 0.00245)):
        published = np.min(growth * radii ** -(order + 1.0) / (1 - radii**-2.0))
        assert published == pytest.approx(value, rel=0.02)
        assert ray_estimate(map, u, 60, order, kind="inf") < published


def test_above_the_true_error(pair, random_map):
    for map, u in ((pair(), [0.7, -0.35]), (random_map(3, 2, (1, 2), size=0.05), [0.5, 0.4])):
        measured = measured_truncation_errors(map, u, 20, (1, 2, 3, 4))
        for order, error in measured.items():
            assert error <= ray_estimate(map, u, 20, order)


def test_corners(make_map, driven, recwarn):
    assert ray_estimate(make_map(1, F2=[5.0]), [9.0], 50, 2) == math.inf
    with pytest.raises(ValueError, match="F_0 = 0"):
        ray_estimate(driven, [0.1, 0.1], 3, 2)
    assert not recwarn.list
