"""The amplitude leaf: its block against the tensor, its counts against the circuit, its shape against the table."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.block_encoding.table.amplitude_leaf import AmplitudeLeaf
from carlemanc.block_encoding.table.amplitude_table import amplitude_table, amplitude_table_shape
from carlemanc.block_encoding.table.tuple_index import tuple_index
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.price import price_of
from carlemanc.carleman.flattening import balance
from carlemanc.programs.bloq_counts import count
from tests.block_encoding.systems import random_tensor
from tests.bloqs.checks import action, check_action, check_counts
from tests.reference import tensor

LOADINGS = {
    "plain": Loading(),
    "select-swap": Loading(ancilla_budget=40),
    "loaded angles": Loading(rotation_t=1e4, angle_bits=44),
}


def wanted_block(t, slot_bits):
    """alpha <0|U|0> on the slots: rows (r, 0, .., 0)."""
    size = 1 << (t.degree * slot_bits)
    result = np.zeros((size, size))
    for row, columns, value in zip(t.rows, t.cols, t.vals, strict=True):
        result[row, sum(int(c) << slot_bits * i for i, c in enumerate(columns))] += value
    return result


def check_block(t, loading, tolerance=1e-9):
    slot_bits = max(1, (t.n - 1).bit_length())
    table = amplitude_table(t, slot_bits, loading)
    assert table.alpha == pytest.approx(math.sqrt(t.norm1 * t.norm_inf), rel=1e-12)
    bloq = AmplitudeLeaf(table=table, loading=loading)
    found = table.alpha * action(bloq, ["slots"])
    clean = 1 << slot_bits
    wanted = wanted_block(t, slot_bits)
    assert np.abs(found[:clean] - wanted[:clean]).max() < tolerance * table.alpha
    return bloq


@pytest.mark.parametrize("loading", LOADINGS.values(), ids=LOADINGS)
@pytest.mark.parametrize(("n", "degree"), [(2, 1), (5, 1), (8, 1), (2, 2), (3, 2), (5, 2), (2, 3), (4, 3)])
def test_block_is_the_tensor(n, degree, loading):
    t = random_tensor(np.random.default_rng(n + degree), n, degree, density=0.4, scale=1.0)
    bloq = check_block(balance(t) if n == 3 else t, loading)
    check_counts(bloq)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(1, 6),
    degree=st.integers(1, 3),
    density=st.floats(0.02, 1.0),
    name=st.sampled_from(sorted(LOADINGS)),
)
def test_any_tensor(seed, n, degree, density, name):
    """Columns that the tensor does not use included: they give nothing where slots 2..l are 0."""
    t = random_tensor(
        np.random.default_rng(seed), n, min(degree, 2 if n > 4 else 3), density=density, scale=1.0
    )
    check_block(t, LOADINGS[name])


SPECIAL = {
    "one entry": tensor(4, 2, {(2, 1, 3): -0.7}),
    "one dense row": tensor(8, 1, {(3, j): 0.1 * (j - 3.5) for j in range(8)}),
    "one dense column": tensor(8, 1, {(j, 3): 0.1 * (j - 3.5) for j in range(8)}),
    "diagonal": tensor(4, 1, {(i, i): -0.5 for i in range(4)}),
    "tiny and huge": tensor(4, 1, {(0, 1): 1e-8, (1, 1): 1e3, (2, 3): -1.0, (3, 3): 1.0}),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_special_tensors(name):
    check_counts(check_block(SPECIAL[name], Loading()))


@pytest.mark.parametrize(("n", "degree"), [(2, 1), (4, 1), (2, 2)])
def test_unitary_and_controlled_on_every_state(n, degree):
    """Dirty entry registers and flags included, as in a second call after a failure."""
    t = random_tensor(np.random.default_rng(9), n, degree, density=0.5, scale=1.0)
    table = amplitude_table(t, (n - 1).bit_length(), Loading())
    bloq = AmplitudeLeaf(table=table)
    matrix = action(bloq)
    assert np.abs(matrix.T @ matrix - np.eye(len(matrix))).max() < 1e-12
    check_action(bloq, matrix, [r.name for r in bloq.signature])


def test_a_row_dense_tensor_has_the_smaller_alpha():
    """sqrt(||F||_1 ||F||_inf) against the sum of color maxima, which is at least the fullest row's."""
    rng = np.random.default_rng(0)
    t = random_tensor(rng, 16, 2, density=0.3, scale=1.0)
    table = amplitude_table(t, 4, Loading())
    assert table.alpha < t.norm_inf / 2


@pytest.mark.parametrize("budget", [0, 200, 10**6])
def test_shape_counts_like_the_table(budget):
    """The same bloqs on shapes: an upper bound on the table's Toffoli, within a factor of its irregularity."""
    loading = Loading(ancilla_budget=budget)
    t = random_tensor(np.random.default_rng(3), 32, 2, density=0.2, scale=1.0)
    _, in_column = np.unique(t.cols, axis=0, return_counts=True)
    in_row = np.bincount(t.rows)
    real = AmplitudeLeaf(table=amplitude_table(t, 5, loading), loading=loading, is_controlled=True)
    shape = AmplitudeLeaf(
        table=amplitude_table_shape(
            entries=t.nnz,
            tuples=len(in_column),
            rows=32,
            most_in_column=int(in_column.max()),
            most_in_row=int(in_row.max()),
            degree=2,
            slot_bits=5,
            alpha=real.table.alpha,
            loading=loading,
        ),
        loading=loading,
        is_controlled=True,
    )
    assert price_of(real).toffoli <= 1.05 * price_of(shape).toffoli
    assert price_of(shape).t_count(loading) < 1.6 * price_of(real).t_count(loading)
    counts = count(shape)
    assert (counts.toffoli, counts.rotation_count) == tuple(price_of(shape))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31), number=st.integers(1, 300), degree=st.integers(1, 4))
def test_tuples_are_numbered_one_to_one(seed, number, degree):
    tuples = np.unique(np.random.default_rng(seed).integers(0, 32, (number, degree)), axis=0)
    index = tuple_index(tuples, 5)
    numbers = index.of(tuples)
    assert len(np.unique(numbers)) == len(tuples)
    assert 0 <= numbers.min() <= numbers.max() < 1 << index.size
    assert 1 << index.size <= max(2, 2.5 * len(tuples)) or index.size == 5 * degree
