"""The time register: every size up to six bits and every last time, against the vector."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.bloqs.amplitudes.time_weights import TimeWeights
from carlemanc.programs.bloq_counts import count
from tests.bloqs.checks import action, check_counts


def wanted(size, last, first, rest):
    vector = np.zeros(1 << size)
    vector[1 : last + 1] = np.sqrt(rest)
    vector[0] = np.sqrt(first)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("size", range(1, 7))
def test_every_last_time(size):
    for last in range(1, 1 << size):
        for first, rest in ((0.7, 0.2), (0.0, 1.0), (1.0, 0.0), (1e-6, 3.0)):
            bloq = TimeWeights(size, last, first, rest)
            found = action(bloq, ["time"], [0])[:, 0]
            assert np.abs(found - wanted(size, last, first, rest)).max() < 1e-14, (last, first, rest)


@pytest.mark.parametrize("size", range(1, 5))
def test_every_last_time_controlled_and_back(size):
    for last in range(1, 1 << size):
        bloq = TimeWeights(size, last, 0.7, 0.2)
        vector = wanted(size, last, 0.7, 0.2)
        controlled = action(bloq.controlled(), ["time", "ctrl"])
        half = 1 << size
        assert np.abs(controlled[:half, :half] - np.eye(half)).max() < 1e-14
        assert np.abs(controlled[half:, half] - vector).max() < 1e-14
        assert np.abs(controlled.T @ controlled - np.eye(2 * half)).max() < 1e-13
        assert np.abs(action(bloq.controlled().adjoint(), ["time", "ctrl"]) - controlled.T).max() < 1e-14


@pytest.mark.parametrize(("size", "last"), [(1, 1), (2, 1), (2, 2), (3, 5), (4, 9), (5, 31), (6, 32)])
def test_counts(size, last):
    check_counts(TimeWeights(size, last, 0.4, 0.3))


def test_cost_is_linear_in_the_number_of_bits():
    for size, last in ((8, 200), (20, 10**6), (40, 10**12)):
        counts = count(TimeWeights(size, last, 0.4, 0.3))
        assert counts.rotation_count <= 4 * size
        assert counts.toffoli <= 2 * size
