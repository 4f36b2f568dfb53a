"""Classical gradient descent as a yardstick."""

from __future__ import annotations

import doctest
import importlib
import math

import numpy as np
import pytest

from carlemanc.model.map_sequence import MapSequence
from tests.one_map import measured_truncation_errors, trajectory_sizes
from tests.reference import DRIVEN, map_of, quartic_pair


def test_flops_count_products_and_sums():
    """The pair: 4 entries of F_1 at 2 flops, 2 of F_3 at 4."""
    assert MapSequence.constant(quartic_pair(), 10).flops == 10 * (4 * 2 + 2 * 4)
    assert MapSequence.constant(DRIVEN, 1).flops == 2 * 1 + 4 * 2 + 6 * 3


def test_sizes(recwarn):
    u = np.array([0.4, -0.2])
    path = quartic_pair().iterate(u, 7)
    np.testing.assert_allclose(trajectory_sizes(quartic_pair(), u, 7), np.linalg.norm(path, axis=1))
    np.testing.assert_allclose(trajectory_sizes(quartic_pair(), u, 7, kind="inf"), np.abs(path).max(axis=1))
    assert trajectory_sizes(map_of(1, F2=[5.0]), [9.0], 50)[-1] == math.inf
    assert not recwarn.list


def test_measured_errors_fall_with_the_order():
    found = measured_truncation_errors(quartic_pair(), [0.4, -0.2], 10, (1, 3, 5))
    assert found[1] > found[3] > found[5] > 0.0
    assert measured_truncation_errors(quartic_pair(), [0.4, -0.2], 10, (3,), gamma=0.6)[3] == pytest.approx(
        found[3]
    )


@pytest.mark.parametrize(
    "name",
    [
        "carleman.blocks",
        "carleman.majorant",
        "carleman.rescaling",
        "linear_system.register_layout",
        "linear_system.padding",
    ],
)
def test_examples_in_docstrings(name):
    result = doctest.testmod(importlib.import_module(f"carlemanc.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
