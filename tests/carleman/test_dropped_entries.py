"""The bound of what dropped entries do to u(T), against iterating both maps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.carleman.dropped_entries import dropped_error
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomials.coefficients import NEGLIGIBLE
from carlemanc.model.sparse_tensor import SparseTensor
from tests.reference import random_map


def split(whole, least):
    """The map without its small entries, and the same with every loss stated."""
    kept = {}
    for degree, tensor in whole.tensors.items():
        large = np.abs(tensor.vals) > least
        lost = float(np.linalg.norm(tensor.vals[~large]))
        kept[degree] = SparseTensor(
            n=whole.n,
            degree=degree,
            rows=tensor.rows[large],
            cols=tensor.cols[large],
            vals=tensor.vals[large],
            lost=lost,
        )
    return whole.with_tensors(kept)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("degrees", [(0, 1, 2), (1, 3), (0, 1, 2, 3)])
def test_the_bound_is_never_below_the_distance(seed, degrees):
    whole = random_map(seed, 3, degrees, size=0.05)
    u0 = np.random.default_rng(seed).normal(size=3) * 0.3
    for least in (1e-3, 1e-2):
        kept = split(whole, least)
        sequence = MapSequence.constant(kept, 8)
        distance = np.linalg.norm(sequence.iterate(u0)[-1] - whole.iterate(u0, 8)[-1])
        bound = dropped_error(sequence, u0)
        assert distance <= bound
        largest = np.linalg.norm(sequence.iterate(u0), axis=1).max()
        assert bound >= NEGLIGIBLE * largest
        assert kept.dropped or bound == pytest.approx(NEGLIGIBLE * largest)


def test_the_bound_is_tight_for_a_scalar():
    """One weight, positive coefficients: every inequality is an equality but for the second order of the loss."""
    linear = SparseTensor(n=1, degree=1, rows=[0], cols=[[0]], vals=[0.1], lost=1e-9)
    item = random_map(0, 1, (1,)).with_tensors({1: linear})
    lossy = dropped_error(MapSequence.constant(item, 10), np.array([0.5]))
    distance = 0.5 * ((1.1 + 1e-9) ** 10 - 1.1**10)
    assert distance == pytest.approx(lossy, rel=1e-6)


def test_what_overflows_is_no_bound():
    item = random_map(1, 2, (1, 2), size=5.0)
    kept = item.with_tensors(
        {1: item.tensors[1], 2: item.tensors[2].with_values(item.tensors[2].vals, lost=1e-12)}
    )
    assert dropped_error(MapSequence.constant(kept, 60), np.ones(2)) == math.inf
