"""Classical solvers of a linear system: x against LAPACK, flops against other counts, their place in a verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import carlemanc
from carlemanc.classical.solvers.conjugate_gradient import is_positive_definite, iterations
from carlemanc.classical.solvers.registry import SOLVERS, classical_solvers, solver_named
from carlemanc.classical.solvers.solver import SystemQuestion
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.sparse_system import padded


def question(matrix: np.ndarray, seed: int = 0, epsilon: float = 1e-4) -> SystemQuestion:
    rhs = np.random.default_rng(seed).normal(size=len(matrix))
    return SystemQuestion(
        given=Given(origin="test", system=padded(sp.csr_array(matrix), rhs)), epsilon=epsilon
    )


def matrix_of(kind: str, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.4)
    match kind:
        case "definite":
            return np.asarray(dense @ dense.T + np.eye(n))
        case "symmetric":
            return np.asarray(dense + dense.T + np.diag(np.where(np.arange(n) % 2, 9.0, -9.0)))
        case "tridiagonal":
            return np.asarray(sp.diags_array([-1.0, 2.5, -1.0], offsets=[-1, 0, 1], shape=(n, n)).toarray())
        case _:
            return np.asarray(dense + 4.0 * np.eye(n))


@pytest.mark.parametrize("kind", ["any", "definite", "symmetric", "tridiagonal"])
@pytest.mark.parametrize("name", SOLVERS)
def test_x_is_within_epsilon(name: str, kind: str) -> None:
    for seed, n in enumerate((1, 2, 5, 17, 40)):
        asked = question(matrix_of(kind, n, seed), seed)
        exact = np.linalg.solve(asked.matrix.toarray(), asked.rhs)
        found = solver_named(name).solve(asked)
        assert np.linalg.norm(found - exact) <= asked.epsilon * np.linalg.norm(exact)


def test_elimination_is_counted_step_by_step() -> None:
    for n in (1, 2, 3, 7):
        flops = 0
        for pivot in range(n):
            below = n - 1 - pivot
            flops += below + 2 * below * below  # quotients, then a product and a difference an entry
        flops += sum(2 * row for row in range(n)) + sum(2 * row + 1 for row in range(n))
        assert solver_named("elimination").cost(question(np.eye(n) + 1)).flops == flops


def test_sparse_elimination_of_a_tridiagonal_matrix_is_linear_in_n() -> None:
    """Without fill: 3 flops a pivot, then 2 and 3 a row in either triangle, less what the ends lack."""
    for n in (2, 9, 30):
        cost = solver_named("sparse-elimination").cost(question(matrix_of("tridiagonal", n, 0)))
        assert cost.flops == 3 * (n - 1) + 4 * (n - 1) + n
    full = solver_named("sparse-elimination").cost(question(matrix_of("any", 30, 1) + 0.01))
    dense = solver_named("elimination").cost(question(np.eye(30)))
    assert full.flops == pytest.approx(dense.flops, rel=1e-3)


def test_iterations_follow_from_kappa() -> None:
    """A definite matrix pays the root of kappa; more would be wasted on a well-conditioned one."""
    values = np.geomspace(1.0, 1e-2, 12)
    definite = question(np.diag(values))
    turned = question(np.roll(np.diag(values), 1, axis=0))
    assert is_positive_definite(definite.matrix)
    assert not is_positive_definite(turned.matrix)
    assert definite.kappa == pytest.approx(100, rel=1e-3)
    assert iterations(definite, is_definite=True) == pytest.approx(10 * np.log(2 * 10 / 1e-4) / 2, rel=0.02)
    assert iterations(turned, is_definite=False) == pytest.approx(100 * np.log(2 * 100 / 1e-4) / 2, rel=0.02)


def test_a_symmetric_matrix_with_a_negative_value_is_not_definite() -> None:
    for matrix in (
        np.diag([1.0, -1.0]),
        np.array([[1.0, 2.0], [2.0, 1.0]]),
        np.array([[1.0, 1.0], [1.0, 1.0]]),
    ):
        assert not is_positive_definite(sp.csr_array(matrix))


def test_a_linear_system_has_a_verdict(tmp_path: Path) -> None:
    """Against the cheapest of its solvers; nothing is walked, and only its precision and its machine can change."""
    found = carlemanc.estimate("tridiagonal-system")
    told = found.to_json()
    verdict = told["verdict"]
    assert (verdict["pays"], verdict["against"], verdict["separation"]) == ("no", "sparse-elimination", None)
    assert [one["name"] for one in told["classical_baseline"]["programs"]] == list(SOLVERS)
    assert {lever["what"] for lever in verdict["levers"]} == {"hardware", "solver.epsilon"}
    assert verdict["factor"] == pytest.approx(verdict["quantum_seconds"] / verdict["classical_seconds"])


def test_solvers_are_asked_for_the_same_answer() -> None:
    loose, fine = (question(matrix_of("any", 20, 3), epsilon=epsilon) for epsilon in (1e-2, 1e-8))
    costs = {one.name: one.flops for one in classical_solvers(loose)}
    finer = {one.name: one.flops for one in classical_solvers(fine)}
    assert finer["elimination"] == costs["elimination"]
    assert finer["conjugate-gradient"] > costs["conjugate-gradient"]
