"""Sparse tensors against dense arrays: action, norms, flattening, canonical form."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.model.polynomials.grouping import group_rows
from carlemanc.model.sparse_tensor import SparseTensor
from tests.reference import dense, power


def random_tensor(rng: np.random.Generator, n: int, degree: int, nnz: int) -> SparseTensor:
    rows, cols = rng.integers(0, n, nnz), rng.integers(0, n, (nnz, degree))
    return SparseTensor.build(n=n, degree=degree, rows=rows, cols=cols, vals=rng.normal(size=nnz))


def symmetrized(matrix: np.ndarray, n: int, degree: int) -> np.ndarray:
    array = matrix.reshape((n,) * (degree + 1))
    orders = list(permutations(range(1, degree + 1)))
    return sum(array.transpose((0, *order)) for order in orders).reshape(n, -1) / len(orders)


@given(st.integers(0, 2**31), st.integers(1, 5), st.integers(0, 4), st.integers(0, 30))
@settings(deadline=None, max_examples=60)
def test_action_and_norms_against_the_dense_matrix(seed: int, n: int, degree: int, nnz: int) -> None:
    rng = np.random.default_rng(seed)
    tensor = random_tensor(rng, n, degree, nnz)
    matrix = dense(tensor)
    u = rng.normal(size=n)
    np.testing.assert_allclose(tensor.apply(u), matrix @ power(u, degree), atol=1e-12)
    assert np.array_equal(tensor.to_sparse().toarray(), matrix)
    assert tensor.norm2 == pytest.approx(np.linalg.norm(matrix, 2), abs=1e-12)
    assert tensor.norm1 == pytest.approx(np.abs(matrix).sum(axis=0).max(), abs=1e-13)
    assert tensor.norm_inf == pytest.approx(np.abs(matrix).sum(axis=1).max(), abs=1e-13)
    assert tensor.norm2_bound >= tensor.norm2 - 1e-12
    symmetric = symmetrized(matrix, n, degree)
    assert tensor.symmetric_norm2 == pytest.approx(np.linalg.norm(symmetric, 2), abs=1e-12)


def test_contraction_takes_slot_one_first() -> None:
    rng = np.random.default_rng(3)
    tensor = random_tensor(rng, 4, 3, 20)
    vectors = [rng.normal(size=4) for _ in range(3)]
    expected = dense(tensor) @ np.kron(np.kron(vectors[0], vectors[1]), vectors[2])
    np.testing.assert_allclose(tensor.contract(vectors), expected, atol=1e-13)


def test_canonical_form() -> None:
    tensor = SparseTensor.build(
        n=3,
        degree=2,
        rows=[2, 0, 0, 1, 1],
        cols=[[2, 1], [1, 0], [0, 1], [0, 0], [0, 0]],
        vals=[5.0, 1.0, 2.0, 4.0, -4.0],
    )
    assert tensor.rows.tolist() == [0, 2]
    assert tensor.cols.tolist() == [[0, 1], [1, 2]]
    assert tensor.vals.tolist() == [3.0, 5.0]


def test_exact_values_are_added_and_scaled_as_rationals() -> None:
    tenth = Fraction(1, 10)
    tensor = SparseTensor.build(
        n=2, degree=1, rows=[0] * 3 + [1], cols=[[1]] * 3 + [[0]], vals=[0.1] * 4, exact=[tenth] * 4
    )
    assert tensor.exact == (Fraction(3, 10), tenth)
    assert tensor.vals[0] == 0.3
    assert tensor.scale(Fraction(1, 3)).exact == (tenth, Fraction(1, 30))
    assert tensor.scale(0.5).exact is None
    canceled = SparseTensor.build(
        n=1,
        degree=1,
        rows=[0] * 4,
        cols=[[0]] * 4,
        vals=[0.1, 0.1, 0.1, -0.3],
        exact=[tenth, tenth, tenth, -3 * tenth],
    )
    assert canceled.nnz == 0


def test_identity_is_added_once() -> None:
    tensor = SparseTensor.build(n=3, degree=1, rows=[0, 1], cols=[[0], [2]], vals=[-1.0, 0.5])
    assert np.array_equal(tensor.plus_identity().to_sparse().toarray(), [[0, 0, 0], [0, 1, 0.5], [0, 0, 1]])


def test_symmetric_norm_of_a_pair_monomial() -> None:
    """THEORY section 1: |i><i, i+1| has norm 1 and symmetrized norm 1/sqrt(2)."""
    tensor = SparseTensor.build(n=2, degree=2, rows=[0], cols=[[0, 1]], vals=[1.0])
    assert tensor.norm2 == pytest.approx(1)
    assert tensor.symmetric_norm2 == pytest.approx(0.5**0.5)


def test_large_tensors_have_a_bound_for_the_norm() -> None:
    n = 3000
    site = np.arange(n)
    rows = np.concatenate((site, site, site))
    cols = np.concatenate((site, (site + 1) % n, (site - 1) % n))
    vals = np.concatenate((np.full(n, 0.9), np.full(2 * n, 0.02)))
    tensor = SparseTensor.build(n=n, degree=1, rows=rows, cols=cols, vals=vals)
    assert not tensor.norm2_is_exact
    assert tensor.norm2 == pytest.approx(0.94, rel=1e-12)


def test_arrays_are_read_only_and_detached() -> None:
    vals = np.ones(2)
    tensor = SparseTensor(n=2, degree=0, rows=np.arange(2), cols=np.zeros((2, 0), dtype=int), vals=vals)
    vals[0] = 7
    assert tensor.vals[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        tensor.vals[0] = 2


def test_indices_out_of_range_and_huge_matrices_are_refused() -> None:
    with pytest.raises(InternalError):
        SparseTensor.build(n=2, degree=1, rows=[0], cols=[[2]], vals=[1.0])
    huge = SparseTensor.build(n=2**20, degree=4, rows=[0], cols=[[0, 1, 2, 3]], vals=[1.0])
    assert huge.norm2 == 1
    with pytest.raises(TooLarge):
        huge.to_sparse()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=20))
@settings(deadline=None, max_examples=60)
def test_grouping_is_the_same_packed_or_not(table: list[tuple[int, int]]) -> None:
    columns = list(np.array(table, dtype=np.int64).reshape(-1, 2).T)
    for sizes in ([4, 4], [2**40, 2**40]):
        groups = group_rows(columns, sizes)
        assert [table[k] for k in groups.first] == sorted(set(table))
        assert groups.sizes.tolist() == [table.count(row) for row in sorted(set(table))]


def test_the_norm_of_entries_that_are_not_finite_is_infinite() -> None:
    one = SparseTensor.build(
        n=1, degree=1, rows=np.zeros(1, int), cols=np.zeros((1, 1), int), vals=np.array([np.inf])
    )
    assert one.norm2 == np.inf
