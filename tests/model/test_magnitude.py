"""Keys of an order that rounding cannot turn."""

from __future__ import annotations

import numpy as np

from carlemanc.carleman.flattening import balance
from carlemanc.core.rounding import coarse
from carlemanc.model.magnitude import ZERO, ranks, sizes, whole_sizes
from carlemanc.model.pruning import largest_weights
from carlemanc.model.sparse_tensor import SparseTensor


def test_ranks_grow_with_sizes_and_short_numbers_are_not_at_an_edge():
    generator = np.random.default_rng(0)
    values = generator.normal(size=1000) * 10.0 ** generator.integers(-20, 20, 1000)
    order = np.argsort(np.abs(values))
    found = ranks(values)[order]
    assert np.all(np.diff(found) >= 0)
    apart = np.diff(np.log2(np.abs(values[order]))) > 0.02
    assert np.all(np.diff(found)[apart] > 0)
    short = np.array([1.0, 0.75, 0.5, 3.0, 1.25, 0.1, 0.3, 0.7])
    for moved in (short * (1 + 1e-12), short * (1 - 1e-12), -short):
        assert np.array_equal(ranks(moved), ranks(short))
    assert ranks([0.0, 1e-300])[0] == ZERO < ranks(1e-300)


def test_whole_sizes_are_exact_integers_near_the_sizes():
    values = np.array([1.0, -0.5, 0.3, 1e-5, 0.0])
    found = whole_sizes(values)
    assert np.allclose(np.array(found) / found[0], np.abs(values), rtol=1 / 256, atol=2.0**-39)
    assert whole_sizes(values * (1 + 1e-13)) == found
    assert found[1] * 2 == found[0]


def test_sizes_agree_where_numbers_differ_by_rounding():
    generator = np.random.default_rng(1)
    values = generator.normal(size=2000)
    other = values * (1 + 1e-15 * generator.uniform(-1, 1, size=2000))
    assert np.array_equal(sizes(values), sizes(other))
    assert np.allclose(sizes(values), np.abs(values), rtol=1e-9)
    assert sizes(0.0) == 0
    assert coarse(1.0000000000001) == coarse(1.0) != coarse(1.00000002)


def test_weights_that_tie_but_for_rounding_are_kept_in_their_order():
    weights = np.array([0.3, 0.1 + 0.2, -0.3, 0.30000000000000016, 0.1])
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]):
        shuffled = np.concatenate((weights[order], [0.1]))
        assert largest_weights(shuffled, 0.4).tolist() == [True, True, False, False, False]


def test_a_flattening_does_not_follow_the_last_bits():
    generator = np.random.default_rng(2)
    cols = np.sort(generator.integers(0, 12, size=(600, 3)), axis=1)
    rows, values = np.arange(600) % 12, generator.choice([0.25, 0.1, 0.3, 0.7], size=600)
    first = SparseTensor.build(n=12, degree=3, rows=rows, cols=cols, vals=values)
    other = first.with_values(first.vals * (1 + 1e-15 * generator.uniform(-1, 1, size=first.nnz)))
    assert np.array_equal(balance(first).cols, balance(other).cols)
