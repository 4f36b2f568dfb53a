"""Map files: what is in the arrays is the map, and every fault of a file is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.errors import InputError
from carlemanc.model.map_file import load_map


def arrays() -> dict[str, np.ndarray]:
    """Return u -> u + F_0 + F_1 u + F_2 u^(x)2 with n = 3."""
    return {
        "F0_rows": np.array([1]),
        "F0_vals": np.array([0.5]),
        "F1_rows": np.array([0, 2]),
        "F1_cols": np.array([[0], [1]]),
        "F1_vals": np.array([-0.1, 0.2]),
        "F2_rows": np.array([0, 0, 1]),
        "F2_cols": np.array([[0, 1], [1, 0], [2, 2]], dtype=np.int32),
        "F2_vals": np.array([1.0, 2.0, -1.0], dtype=np.float32),
    }


def saved(folder: Path, **changes: np.ndarray | None) -> Path:
    path = folder / "map.npz"
    np.savez(path, **{name: array for name, array in (arrays() | changes).items() if array is not None})
    return path


def test_the_arrays_are_the_map(tmp_path: Path) -> None:
    loaded = load_map(saved(tmp_path))
    assert (loaded.n, loaded.degree, loaded.learning_rate) == (3, 2, 1.0)
    a, b, c = u = np.array([0.3, -0.2, 0.7])
    np.testing.assert_allclose(loaded.step(u), [a - 0.1 * a + 3 * a * b, b + 0.5 - c * c, c + 0.2 * b])
    assert loaded.F(2).cols.tolist() == [[0, 1], [2, 2]]
    assert load_map(saved(tmp_path), n=5).n == 5


def test_one_dimensional_columns_are_accepted_for_degree_one(tmp_path: Path) -> None:
    assert load_map(saved(tmp_path, F1_cols=np.array([0, 1]))).F(1).cols.tolist() == [[0], [1]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"F2_cols": None}, "F2_cols"),
        ({"F1_vals": None}, "F1_vals"),
        ({"F2_cols": np.zeros((3, 3), dtype=int)}, r"\(nnz, 2\)"),
        ({"F1_vals": np.zeros(5)}, r"vals \(5,\)"),
        ({"F1_vals": np.array([1.0, np.nan])}, "NaN"),
        ({"F1_vals": np.array([1.0, 2j])}, "complex"),
        ({"F1_rows": np.array([0.0, 1.0])}, "float64"),
        ({"F1_rows": np.array([0, -1])}, "the index -1"),
        ({"G_rows": np.array([0])}, "G_rows"),
        ({"F99_rows": np.array([0])}, "F99_rows"),
    ],
)
def test_faults_of_a_file(tmp_path: Path, changes: dict[str, np.ndarray | None], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_map(saved(tmp_path, **changes))


def test_an_index_beyond_n_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the index 2"):
        load_map(saved(tmp_path), n=2)


def test_several_faults_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_map(saved(tmp_path, F1_rows=None, F2_vals=np.array([1.0, np.inf, 0.0]), other=np.zeros(1)))
    assert len(caught.value.problems) == 3


def test_files_that_are_no_archive(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_map(tmp_path / "absent.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(InputError):
        load_map(tmp_path / "text.npz")
    np.save(tmp_path / "single.npy", np.zeros(3))
    with pytest.raises(InputError):
        load_map(tmp_path / "single.npy")
    np.savez(tmp_path / "objects.npz", F1_rows=np.array([None]))
    with pytest.raises(InputError, match="pickle"):
        load_map(tmp_path / "objects.npz")
    np.savez(tmp_path / "nothing.npz")
    with pytest.raises(InputError, match="no arrays"):
        load_map(tmp_path / "nothing.npz")
