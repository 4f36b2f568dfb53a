"""Lanczos's recurrence against dense eigenvalues: converged, crowded, exhausted, overflowing."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.core.errors import CheckFailed
from carlemanc.linear_system.lanczos import largest_eigenvalue


def of(matrix, **limits):
    options = {"patience": 200, "most_steps": 1000, "label": "test"} | limits
    return largest_eigenvalue(lambda x: matrix @ x, len(matrix), **options)


@pytest.mark.parametrize("seed", range(20))
def test_random_positive_matrices(seed):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(60, 60)) * 10.0 ** rng.uniform(-8, 8)
    matrix = factor @ factor.T
    found, exact = of(matrix), np.linalg.eigvalsh(matrix)[-1]
    assert found.value == pytest.approx(exact, rel=1e-10)
    assert found.value <= exact * (1 + 1e-12)
    assert exact <= found.upper <= exact * (1 + 2e-9)
    assert found.steps <= 80


def test_a_crowded_end_is_taken_with_its_residual():
    """The path's Laplacian: gaps of 1e-7 at its upper end, 4 sin^2(k pi / (2 (m + 1)))."""
    m = 4000
    exact = 4 * np.sin(m * np.pi / (2 * (m + 1))) ** 2

    def product(x):
        y = 2.0 * x
        y[1:] -= x[:-1]
        y[:-1] -= x[1:]
        return y

    found = largest_eigenvalue(product, m, patience=50, most_steps=1000, label="test")
    assert 1e-9 < found.residual <= 1e-4
    assert found.steps < 500
    assert found.value <= exact * (1 + 1e-13)
    assert exact <= found.upper * (1 + 1e-13)


def test_an_invariant_space_ends_it():
    found = of(np.diag([3.0, 3.0, 3.0, 1.0]))
    assert found.value == pytest.approx(3.0, rel=1e-14)
    assert found.steps <= 3


def test_too_few_steps_fail():
    m = 2000
    matrix = np.diag(np.linspace(1.0, 2.0, m))
    with pytest.raises(CheckFailed, match="missed its tolerance"):
        of(matrix, most_steps=10)


def test_overflow_is_named(recwarn):
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(CheckFailed, match="overflows"):
        of(np.full((3, 3), 1e308))
    assert not recwarn.list


def test_a_ritz_value_near_a_proved_bound_ends_the_work_with_the_bound():
    """Eigenvalues that crowd at the end: the bound is told, and the steps are few."""
    size = 4000
    values = 2 - 2 * np.cos(np.pi * np.arange(1, size + 1) / (size + 1))
    options = {"patience": 200, "most_steps": 3000, "label": "test"}
    found = largest_eigenvalue(lambda x: values * x, size, bound=4.0, **options)
    assert found.upper == pytest.approx(4.0, rel=1e-11)
    assert found.value <= values.max()
    assert found.steps < largest_eigenvalue(lambda x: values * x, size, **options).steps
    far = largest_eigenvalue(lambda x: values * x, size, bound=8.0, **options)
    assert far.upper == pytest.approx(values.max(), rel=1e-3)
