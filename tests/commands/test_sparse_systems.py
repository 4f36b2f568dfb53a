"""A linear system as it is, from files: solved, written, counted, verified, or refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.sparse as sp

import carlemanc
from carlemanc.cli._app import main
from carlemanc.commands.solvers import solvers
from tests.fixed import fixed, fixed_words

NAME = "tridiagonal-system"


def _spec(folder, matrix, rhs):
    sp.save_npz(folder / "L.npz", sp.csr_array(matrix))
    np.save(folder / "b.npy", rhs)
    (folder / "s.toml").write_text('[system]\nmatrix = "L.npz"\nrhs = "b.npy"\n')
    return folder / "s.toml"


@pytest.mark.parametrize(
    ("method", "backend"),
    [("qsvt", "sparse"), ("qsvt", "aer"), ("qsvt", "cirq"), ("qsvt", "matrix"), ("lcu", "matrix"),
     ("kernel", "matrix"), ("hhl", "matrix"), ("kernel", "sparse")],
)  # fmt: skip
def test_methods_agree_with_scipy(method, backend):
    epsilon = 0.05 if backend != "matrix" else 1e-3
    overrides = [f'solver.method="{method}"', f"solver.epsilon={epsilon}"]
    result = carlemanc.run(fixed(NAME, overrides), backend=backend)
    assert result.failure is None
    assert result.success_probability == pytest.approx(result.planned_success_probability, rel=2 * epsilon)


@pytest.mark.parametrize("seed", range(4))
def test_qsvt_is_right_on_random_matrices_that_are_not_normal(seed, tmp_path):
    rng = np.random.default_rng(seed)
    matrix = np.eye(5) * 2 + np.triu(rng.normal(size=(5, 5)), 1)
    rhs = rng.normal(size=5)
    assert np.linalg.norm(matrix @ matrix.T - matrix.T @ matrix) > 1
    spec = _spec(tmp_path, matrix, rhs)
    for backend in ("sparse", "matrix"):
        result = carlemanc.run(fixed(spec, ["solver.epsilon=0.1"]), backend=backend)
        exact = np.linalg.solve(matrix, rhs)
        assert np.linalg.norm(result.x - exact) <= 0.1 * np.linalg.norm(exact)


@pytest.mark.parametrize("stage", ["block-encoding", "state-preparation", "solver", "full"])
def test_files_hold_the_padded_system(stage, tmp_path):
    carlemanc.compile(fixed(NAME, ["solver.epsilon=0.2"]), output=tmp_path / "c", stage=stage)
    manifest = json.loads((tmp_path / "c" / "manifest.json").read_text())
    matrix, rhs = sp.load_npz(tmp_path / "c" / "L.npz"), np.load(tmp_path / "c" / "b.npy")
    assert matrix.shape == (8, 8)
    assert np.array_equal(rhs[6:], [0, 0])
    x = np.linalg.solve(matrix.toarray(), rhs)
    assert x[6:] == pytest.approx([0, 0])
    assert manifest["solution"]["indices"] == list(range(6))
    assert len(manifest["registers"]["system"]) == 3


def test_estimate_table_system_and_verify(tmp_path, capsys):
    estimate = carlemanc.estimate(fixed(NAME)).to_json()
    matrix = carlemanc.system(fixed(NAME), output=tmp_path / "s").to_json()
    written = sp.load_npz(tmp_path / "s" / "L.npz").toarray()
    exact = np.linalg.cond(written)  # both norms are rounded up to four digits
    assert exact * (1 - 1e-9) <= matrix["kappa"]["value"] <= exact * (1 + 2e-3)
    assert estimate["kappa"]["value"] == matrix["kappa"]["value"]
    assert sum(row["toffoli"] for row in estimate["breakdown"]) == estimate["toffoli_count"]
    rows = {row.method: row for row in solvers(fixed(NAME, ["solver.epsilon=0.1"])).rows}
    assert "no steps" in rows["march"].reason
    assert rows["qsvt"].cost is not None
    assert main(["verify", NAME, "--json", *fixed_words(NAME)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["deviation"] < 1e-12
    assert found["columns"] == 8


@pytest.mark.parametrize("seed", range(8))
def test_as_many_columns_are_verified_as_asked_for(seed):
    """The first and the last are among them, and are not drawn a second time."""
    assert carlemanc.verify(fixed(NAME), columns=4, seed=seed).columns == 4


@pytest.mark.parametrize("command", ["derive", "analyze"])
def test_what_a_system_has_not_is_said_once(command, capsys):
    assert main([command, NAME]) == 2
    error = capsys.readouterr().err
    assert "nothing to derive" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("matrix", "rhs", "said"),
    [
        (np.eye(2) * 1j, np.ones(2), "complex"),
        (np.ones((2, 3)), np.ones(2), "square"),
        (np.diag([1.0, np.nan]), np.ones(2), "infinity"),
        (np.diag([1.0, 0.0]), np.ones(2), "singular"),
        (np.eye(2), np.ones(3), "3 numbers"),
        (np.eye(2), np.zeros(2), "zeros alone"),
    ],
)
def test_bad_systems_are_refused_in_one_message(matrix, rhs, said, tmp_path, capsys):
    spec = _spec(tmp_path, matrix, rhs)
    assert main(["run", str(spec), *fixed_words(spec)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_marching_a_system_and_a_loss_without_training_are_refused(tmp_path):
    with pytest.raises(carlemanc.InputError, match="no steps"):
        carlemanc.run(fixed(NAME, ['solver.method="march"']))
    with pytest.raises(carlemanc.InputError, match="training"):
        carlemanc.ModelSpec.from_dict({"loss": {"expression": "theta[0]**2"}, "model": {"n": 1}})


@pytest.mark.parametrize(
    ("matrix_size", "rhs_size"),
    [(1, 1e200), (1, 1e-200), (1, 1e-307), (1, 1e308), (1e200, 1), (1e-200, 1e-300)],
)
def test_huge_and_tiny_numbers_are_scaled(matrix_size, rhs_size, tmp_path):
    """x is that of the system divided by its sizes, times their ratio: no norm over- or underflows on the way."""
    matrix = np.array([[2.0, 1.0], [0.0, 1.0]])
    rhs = np.array([1.0, 0.0])
    result = carlemanc.run(
        fixed(_spec(tmp_path, matrix * matrix_size, rhs * rhs_size), ["solver.epsilon=0.01"]),
        backend="matrix",
    )
    exact = np.linalg.solve(matrix, rhs) * (rhs_size / matrix_size)
    assert result.failure is None
    assert result.x_classical == pytest.approx(exact, rel=1e-12)
    assert np.abs(result.x - exact).max() <= 0.01 * np.abs(exact).max()


def test_written_files_of_a_scaled_system_give_x_with_their_scale(tmp_path):
    spec = _spec(tmp_path, np.diag([1.0, 2.0]), np.array([3e200, 2e200]))
    document = carlemanc.system(fixed(spec), output=tmp_path / "s").to_json()
    matrix, rhs = sp.load_npz(tmp_path / "s" / "L.npz").toarray(), np.load(tmp_path / "s" / "b.npy")
    assert np.linalg.solve(matrix, rhs) * document["solution"]["scale"] == pytest.approx([3e200, 1e200])
    assert np.abs(rhs).max() < 2


def test_a_solution_beyond_double_precision_is_refused(tmp_path):
    for size in (1e-200, 1e200):
        with pytest.raises(carlemanc.InputError, match="over- or underflows"):
            carlemanc.run(fixed(_spec(tmp_path, np.eye(2) * size, np.full(2, 1 / size))), backend="matrix")


def test_a_condition_number_that_no_phases_reach_is_counted(tmp_path, capsys):
    spec = _spec(tmp_path, np.diag([1.0, 1e-13]), np.ones(2))
    estimate = carlemanc.estimate(fixed(spec)).to_json()
    assert estimate["kappa"]["value"] == pytest.approx(1e13)
    assert estimate["queries"]["L"] >= 1e13
    assert main(["run", str(spec), "--backend", "matrix", *fixed_words(spec)]) == 3
    assert "carlemanc estimate" in capsys.readouterr().err


@pytest.mark.parametrize("least", [0.0, 1e-100, 1e-15])
def test_what_double_precision_cannot_tell_from_singular_is_refused_by_its_numbers(tmp_path, least):
    sp.save_npz(tmp_path / "L.npz", sp.csr_matrix(np.diag([1.0, least])))
    np.save(tmp_path / "b.npy", np.ones(2))
    path = tmp_path / "s.toml"
    path.write_text('[system]\nmatrix = "L.npz"\nrhs = "b.npy"\n')
    with pytest.raises(carlemanc.InputError) as caught:
        carlemanc.estimate(fixed(path))
    assert f"down to {least:.3g}" in str(caught.value)
    assert "condition number of at most 1e+14" in str(caught.value)
