"""Balancing reorders index tuples, and nothing else."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.carleman import balance
from carlemanc.model.sparse_tensor import SparseTensor
from tests.reference import quartic_ring


def column_degree(tensor):
    return int(np.bincount(tensor.cols[:, 0]).max())


def row_degree(tensor):
    return int(np.bincount(tensor.rows).max())


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 4))
def test_same_polynomial(seed, n, degree):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 40))
    tensor = SparseTensor.build(
        n=n,
        degree=degree,
        rows=rng.integers(0, n, count),
        cols=rng.integers(0, n, (count, degree)),
        vals=rng.normal(size=count),
    )
    balanced = balance(tensor)
    u = rng.normal(size=n)
    np.testing.assert_allclose(balanced.apply(u), tensor.apply(u), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(np.sort(balanced.cols, axis=1), tensor.cols)
    assert np.all(np.diff(balanced.cols[:, 1:], axis=1) >= 0)
    assert column_degree(balanced) <= column_degree(tensor)
    np.testing.assert_array_equal(balance(tensor).cols, balanced.cols)


@pytest.mark.parametrize(("n", "degree"), [(4, 2), (4, 3), (6, 2), (10, 3)])
def test_dense_tensors_reach_the_row_degree(n, degree):
    """All monomials in all rows: the canonical form piles up on index 0, the balanced one does not."""
    cols = np.array(list(combinations_with_replacement(range(n), degree)))
    rows, tuples = np.repeat(np.arange(n), len(cols)), np.tile(cols, (n, 1))
    tensor = SparseTensor.build(n=n, degree=degree, rows=rows, cols=tuples, vals=np.ones(len(rows)))
    assert column_degree(tensor) > 1.5 * row_degree(tensor)
    assert column_degree(balance(tensor)) <= row_degree(tensor) + 1
    assert balance(tensor).norm2 < tensor.norm2


def test_nothing_to_choose():
    cubic = quartic_ring(4).F(3)
    assert balance(cubic) is cubic
    assert balance(quartic_ring(4).G1()).degree == 1
