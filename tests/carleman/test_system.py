"""The truncated system: matrix-free against assembled against dense, and the corners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.carleman.system import kept_levels
from carlemanc.core.errors import TooLarge
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from tests.one_map import linearize
from tests.reference import (
    carleman_block,
    carleman_iterate,
    dense,
    factors_of,
    map_of,
    quartic_pair,
    random_map,
)


def dense_step(system):
    """B and c from Kronecker products of every tuple, with at most `corrections` factors F."""
    factors = {degree: dense(tensor) for degree, tensor in system.factor_tensors.items()}
    rows = [
        [carleman_block(system.n, factors, j, k, system.corrections) for k in (0, *system.levels)]
        for j in system.levels
    ]
    return np.block([row[1:] for row in rows]), np.concatenate([row[0][:, 0] for row in rows])


CASES = [
    (2, (0, 1, 2), 3, None),
    (2, (0, 1, 2, 3), 3, 1),
    (2, (0, 1, 2, 3), 3, 2),
    (2, (0, 2), 3, None),
    (3, (1, 3), 3, None),
    (2, (1, 3), 4, None),
    (1, (0, 1, 2), 3, None),
    (3, (1, 2), 3, 2),
    (2, (3,), 2, None),
]


@pytest.mark.parametrize(("n", "degrees", "order", "corrections"), CASES)
def test_apply_assemble_and_dense_agree(n, degrees, order, corrections):
    system = linearize(random_map(3, n, degrees), order=order, gamma=0.7, corrections=corrections)
    expected, source = dense_step(system)
    np.testing.assert_allclose(system.to_sparse().toarray(), expected, atol=1e-14)
    y = np.random.default_rng(0).normal(size=system.dimension)
    np.testing.assert_allclose(system.apply(y), expected @ y, atol=1e-13)
    np.testing.assert_allclose(system.apply_transposed(y), expected.T @ y, atol=1e-13)
    np.testing.assert_allclose(system.source(), source, atol=1e-15)
    assert system.to_sparse().nnz <= system.entries_bound


def test_large_level_matrix_free():
    """Order 6 with F_0: still consistent with the assembled matrix."""
    system = linearize(random_map(1, 2, (0, 1, 2)), order=6, gamma=0.5)
    y = np.random.default_rng(0).normal(size=system.dimension)
    np.testing.assert_allclose(system.apply(y), system.to_sparse() @ y, atol=1e-12)
    np.testing.assert_allclose(system.apply_transposed(y), system.to_sparse().T @ y, atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.1, 10.0))
def test_the_iterate_does_not_depend_on_gamma(seed, gamma):
    rng = np.random.default_rng(seed)
    rows, cols = np.repeat([0, 1], 3), np.tile([[0, 0], [0, 1], [1, 1]], (2, 1))
    quadratic = SparseTensor.build(n=2, degree=2, rows=rows, cols=cols, vals=0.1 * rng.normal(size=6))
    constant = SparseTensor.build(
        n=2, degree=0, rows=[0, 1], cols=np.zeros((2, 0)), vals=0.1 * rng.normal(size=2)
    )
    map = PolynomialMap(
        n=2, center=np.zeros(2), tensors={0: constant, 2: quadratic}, learning_rate=1.0, source=""
    )
    u = rng.normal(size=2)
    one = linearize(map, order=3, gamma=1.0).iterate(u, 3)
    other = linearize(map, order=3, gamma=gamma).iterate(u, 3)
    np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-12)


def test_kept_levels():
    assert kept_levels(random_map(0, 2, (0, 1, 2)), 3) == (1, 2, 3)
    assert kept_levels(random_map(0, 2, (1, 3)), 5) == (1, 3, 5)
    assert kept_levels(random_map(0, 2, (1, 3)), 4) == (1, 3)
    assert kept_levels(random_map(0, 2, (0, 1, 3)), 3) == (1, 2, 3)
    assert kept_levels(random_map(0, 2, (0, 1)), 3) == (1,)
    assert kept_levels(random_map(0, 2, (1, 4)), 3) == (1,)
    assert linearize(random_map(0, 2, (1, 3)), order=4, gamma=1.0).order == 3


def test_dropped_levels_change_nothing():
    """Odd levels alone give the iterate of the full set of levels (written out densely)."""
    map, u = random_map(5, 2, (1, 3)), np.array([0.3, -0.2])
    found = linearize(map, order=3, gamma=1.0).iterate(u, 4)[-1]
    np.testing.assert_allclose(found, carleman_iterate(factors_of(map), u, 3, 4), atol=1e-15)


def test_affine_map_is_exact_at_any_order():
    map, u = random_map(2, 3, (0, 1)), np.array([1.0, 2.0, -1.0])
    for order in (1, 3):
        np.testing.assert_allclose(
            linearize(map, order=order, gamma=2.0).iterate(u, 6), map.iterate(u, 6), atol=1e-14
        )


def test_zero_map_and_zero_start():
    still = linearize(map_of(2), order=3, gamma=1.0)
    np.testing.assert_array_equal(still.iterate([0.3, -0.1], 5)[-1], [0.3, -0.1])
    at_rest = linearize(random_map(0, 2, (1, 2)), order=2, gamma=1.0).iterate([0.0, 0.0], 4)
    np.testing.assert_array_equal(at_rest, np.zeros((5, 2)))


def test_vanishing_linear_step():
    """I + F_1 = 0 (the logistic map at r = 0 and its like): G_1 is absent, not a stored zero."""
    map = map_of(1, F1=[[-1.0]], F2=[0.5])
    system = linearize(map, order=4, gamma=1.0)
    assert sorted(system.step_tensors) == [2]
    np.testing.assert_allclose(system.iterate([0.4], 2)[:, 0], [0.4, 0.08, 0.5 * 0.08**2], atol=1e-16)


def test_divergence_overflows_silently(recwarn):
    system = linearize(map_of(1, F1=[[3.0]], F2=[5.0]), order=3, gamma=1.0)
    assert not np.all(np.isfinite(system.iterate([2.0], 800)))
    assert not recwarn.list


def test_step_tensors_carry_gamma():
    map = random_map(4, 2, (0, 1, 2, 3))
    system = linearize(map, order=2, gamma=0.5)
    assert sorted(system.step_tensors) == [0, 1, 2]
    np.testing.assert_allclose(system.step_tensors[0].vals, map.F(0).vals / 0.5)
    assert np.sort(system.step_tensors[2].vals) == pytest.approx(np.sort(map.F(2).vals) * 0.5)


def test_refusals():
    map = random_map(0, 2, (1, 2))
    for bad in ({"order": 0}, {"gamma": 0.0}, {"gamma": float("inf")}, {"corrections": 0}):
        with pytest.raises(ValueError, match="need order"):
            linearize(map, **{"order": 2, "gamma": 1.0, **bad})
    sites = np.arange(1000)
    tensors = {
        2: SparseTensor.build(
            n=1000, degree=2, rows=sites, cols=np.stack([sites, sites], axis=1), vals=np.ones(1000)
        )
    }
    big = PolynomialMap(n=1000, center=np.zeros(1000), tensors=tensors, learning_rate=1.0, source="")
    huge = linearize(big, order=6, gamma=1.0)  # describing it is free
    for use in (huge.to_sparse, huge.source, lambda: huge.lift(np.ones(1000)), lambda: huge.operator):
        with pytest.raises(TooLarge, match="the Carleman vector is too large"):
            use()
    with pytest.raises(TooLarge, match="explicit Carleman matrix"):
        linearize(random_map(0, 20, (0, 1, 2)), order=4, gamma=1.0).to_sparse()


def test_fingerprint():
    first = linearize(random_map(0, 2, (1, 2)), order=2, gamma=1.0)
    again = linearize(random_map(0, 2, (1, 2)), order=2, gamma=1.0)
    other = linearize(random_map(0, 2, (1, 2)), order=2, gamma=1.5)
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()


def test_sparse_access_numbers_of_the_pair():
    """THEORY 13.D: row sparsities 3, 4, 8 after truncation and ||B|| = .9359 (all levels, gamma = .8)."""
    system = linearize(quartic_pair(), order=3, gamma=0.8)
    matrix = system.to_sparse()
    assert np.linalg.norm(matrix.toarray(), 2) == pytest.approx(0.9359, abs=1e-4)
    counts = np.diff(matrix.indptr)
    assert [counts[:2].max(), counts[2:].max()] == [3, 8]
