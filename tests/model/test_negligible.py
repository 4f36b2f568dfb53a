"""What rounding decides is no entry of F_l, and what was set to zero is stated."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.negligible import without_negligible
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.polynomials.coefficients import NEGLIGIBLE, Coefficients
from carlemanc.model.polynomials.grouping import group_rows
from carlemanc.model.recentering import recentered
from carlemanc.model.sparse_tensor import SparseTensor

REGRESSION = "Sum((Sum(x[a, k]*theta[k], (k, 0, n-1)) - y[a])**2, (a, 0, m-1))/(2*m)"


def regression(x, y, loss=REGRESSION, center=None):
    n = x.shape[1]
    return derive_map(
        parse_expression(loss),
        n=n,
        learning_rate=Fraction(1, 10),
        center=np.zeros(n) if center is None else center,
        data=DataSet(x=x, y=y, feature_names=tuple(f"x{k}" for k in range(n))),
    )


@pytest.mark.parametrize("seed", range(6))
def test_columns_that_are_orthogonal_but_for_rounding_share_no_entry(seed):
    """Whatever the order of the rows: the entries are those of exact arithmetic, on every permutation."""
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(40, 1))
    x = np.hstack((np.vstack((half, half)), np.vstack((half, -half)), np.full((80, 1), 1e3) / 3))
    y = rng.normal(size=80)
    found = [regression(x[rows], y[rows]) for rows in (rng.permutation(80) for _ in range(5))]
    for item in found:
        linear = item.tensors[1]
        pairs = set(zip(linear.rows.tolist(), linear.cols[:, 0].tolist(), strict=True))
        assert (0, 1) not in pairs
        assert (1, 0) not in pairs
        assert all(value < 1e-10 for value in item.dropped.values())


def test_a_column_that_was_centered_far_from_zero_leaves_no_bias():
    rng = np.random.default_rng(3)
    raw = 1e4 + rng.normal(size=200)
    x = np.column_stack(((raw - raw.mean()) / raw.std(), np.ones(200)))
    assert x[:, 0].sum() != 0
    item = regression(x, rng.normal(size=200))
    pairs = set(zip(item.tensors[1].rows.tolist(), item.tensors[1].cols[:, 0].tolist(), strict=True))
    assert pairs == {(0, 0), (1, 1)}
    assert item.dropped[1] == pytest.approx(0.1 * abs(x[:, 0].sum()) / 200 * np.sqrt(2), rel=1e-6)


def test_what_is_lost_before_a_power_is_carried_through_it():
    """(sum_a x_a1 theta_1 + sum_a x_a0 theta_0)^2, the first sum rounding alone: F_1 loses its cross terms."""
    x = np.column_stack((np.array([0.1, 0.2, -0.3]), np.ones(3)))
    loss = "Sum(x[a, 0]*theta[0] + x[a, 1]*theta[1], (a, 0, m-1))**2/2"
    item = regression(x, np.zeros(3), loss)
    assert item.tensors[1].nnz == 1
    missing = 0.1 * 3 * abs(x[:, 0].sum())
    assert missing * np.sqrt(2) <= item.dropped[1] <= missing * np.sqrt(2) * (1 + 1e-6)


def test_errors_of_sums_and_products_bound_what_is_lost():
    rng = np.random.default_rng(0)
    true = rng.normal(size=(50, 3))
    loss = rng.random(size=(50, 3)) * 1e-13
    first = Coefficients(values=true[:, 0] - loss[:, 0], errors=loss[:, 0])
    second = Coefficients(values=true[:, 1] - loss[:, 1], errors=loss[:, 1])
    third = Coefficients(values=true[:, 2] - loss[:, 2], errors=loss[:, 2])
    for found, value in (
        (first * second, true[:, 0] * true[:, 1]),
        (first + second * third, true[:, 0] + true[:, 1] * true[:, 2]),
        (first.inverse(), 1 / true[:, 0]),
        (first.power(3), true[:, 0] ** 3),
        (first.negated(), -true[:, 0]),
    ):
        assert np.all(np.abs(found.values - value) <= found.errors * 1.01 + 1e-15 * np.abs(value))
    groups = group_rows([np.repeat(np.arange(10), 5)], [10])
    total = first.sum_groups(groups)
    assert np.all(np.abs(total.values - true[:, 0].reshape(10, 5).sum(axis=1)) <= total.errors + 1e-15)


def test_entries_that_overflowed_are_not_taken_for_rounding():
    groups = group_rows([np.zeros(2, dtype=np.int64)], [1])
    assert np.isinf(Coefficients(values=np.array([np.inf, 1.0])).sum_groups(groups).values[0])


def test_the_identity_and_a_rate_that_cancels_it_leave_no_entry():
    """F_1 = -1 but for rounding: I + F_1 is zero there, whichever way the last bit fell."""
    for bit in (np.nextafter(-1.0, 0.0), -1.0, np.nextafter(-1.0, -2.0)):
        linear = SparseTensor.build(n=2, degree=1, rows=[0, 1], cols=[[0], [1]], vals=[bit, -0.5])
        shifted = linear.plus_identity()
        assert shifted.rows.tolist() == [1]
        assert shifted.lost == pytest.approx(abs(1 + bit), rel=1e-8)


def test_tiny_entries_of_computed_tensors_go_and_those_that_were_given_stay():
    values = [1.0, 0.4 * NEGLIGIBLE, 2 * NEGLIGIBLE]
    rows, cols = [0, 1, 2], [[0, 0], [0, 1], [2, 2]]
    computed = SparseTensor.build(n=3, degree=2, rows=rows, cols=cols, vals=values)
    exact = SparseTensor.build(
        n=3, degree=2, rows=rows, cols=cols, vals=values, exact=[Fraction(value) for value in values]
    )
    for tensor, kept in ((computed, 2), (exact, 3)):
        item = PolynomialMap(n=3, center=np.zeros(3), tensors={2: tensor}, learning_rate=0.1, source="test")
        found = without_negligible(item)
        assert found.tensors[2].nnz == kept
        assert found.dropped == ({} if kept == 3 else {2: pytest.approx(0.4 * NEGLIGIBLE, rel=1e-8)})
    assert without_negligible(item) is item


def test_what_an_operator_without_entries_lost_is_not_forgotten():
    x = np.column_stack((np.array([0.1, 0.2, -0.3]), np.array([1.0, -1.0, 0.0])))
    item = regression(x, np.ones(3))
    assert 0 not in item.operators
    assert 0 < item.dropped[0] < 1e-15
    moved = recentered(item, np.array([0.5, 0.25]))
    assert moved.dropped[0] >= item.dropped[0]
