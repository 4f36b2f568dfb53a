"""Sparse matrices of every format of scipy are read as they are; index arrays that lie never reach compiled loops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from carlemanc.cli._app import main
from carlemanc.core.errors import TooLarge
from carlemanc.linear_system.sparse_file import read_square_matrix
from carlemanc.model.array_file import ArrayFileError


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia"])
@pytest.mark.parametrize("made", [sp.coo_array, sp.coo_matrix])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "?"])
def test_every_format_is_read_as_scipy_reads_it(tmp_path: Path, kind: str, made: Any, dtype: str) -> None:
    rng = np.random.default_rng(3)
    dense = (np.round(rng.normal(size=(6, 6)) * 4) * (rng.random((6, 6)) < 0.6) + np.eye(6)).astype(dtype)
    sp.save_npz(tmp_path / "L.npz", made(dense).asformat(kind))
    np.testing.assert_array_equal(read_square_matrix(tmp_path / "L.npz").toarray(), dense.astype(float))


def test_blocks_and_duplicates(tmp_path: Path) -> None:
    blocks = sp.bsr_array(np.kron(np.eye(3), np.array([[1.0, 2], [0, 1]])), blocksize=(2, 2))
    sp.save_npz(tmp_path / "L.npz", blocks)
    np.testing.assert_array_equal(read_square_matrix(tmp_path / "L.npz").toarray(), blocks.toarray())
    twice = sp.coo_array((np.array([1.0, 2.0, 4.0]), ([0, 0, 1], [0, 0, 1])), shape=(2, 2))
    sp.save_npz(tmp_path / "L.npz", twice)
    assert read_square_matrix(tmp_path / "L.npz").toarray().tolist() == [[3, 0], [0, 4]]


CSR = {
    "format": "csr",
    "shape": [4, 4],
    "data": np.ones(4) * 2,
    "indices": np.arange(4),
    "indptr": np.arange(5),
}
COO = {"format": "coo", "shape": [2, 2], "data": np.ones(2), "row": np.arange(2), "col": np.arange(2)}
BSR = {
    "format": "bsr",
    "shape": [4, 4],
    "data": np.ones((2, 2, 2)),
    "indices": np.arange(2),
    "indptr": np.arange(3),
}
DIA = {"format": "dia", "shape": [2, 2], "data": np.ones((1, 2)), "offsets": np.array([0])}


@pytest.mark.parametrize(
    ("arrays", "changes", "said"),
    [
        (CSR, {"indptr": np.array([0, 10**6, 2, 3, 4])}, 'array "indptr": the number 1000000'),
        (CSR, {"indptr": np.array([0, 3, 2, 3, 4])}, "non-decreasing"),
        (CSR, {"indptr": np.array([0, 1, 2, 3])}, "should be 5"),
        (CSR, {"indptr": np.array([1, 1, 2, 3, 4])}, "start with 0"),
        (CSR, {"indptr": np.arange(5) + 0.5}, "integers are needed"),
        (CSR, {"indices": np.array([0, 1, 2, 4])}, "the number 4"),
        (CSR, {"indices": np.array([0, 1, 2, -1])}, "the number -1"),
        (CSR, {"indices": np.array([0, 1, 2, 2**64 - 1], dtype="u8")}, "18446744073709551615"),
        (CSR, {"indices": np.arange(5)}, "do not fit together"),
        (CSR, {"data": np.ones((4, 1))}, "do not fit together"),
        (CSR, {"data": np.array([1, 1, 1, 1j])}, "complex"),
        (CSR, {"data": np.array([1.0, 1, np.nan, 1])}, "NaN"),
        (CSR, {"data": np.zeros(4)}, "zeros alone"),
        (CSR, {"shape": [4, 5]}, "4 x 5"),
        (CSR, {"shape": [-4, -4]}, "-4 x -4"),
        (CSR, {"shape": [4.0, 4.0]}, "two integers"),
        (CSR, {"format": "lil"}, "'lil'"),
        (CSR, {"indptr": None}, 'no array "indptr"'),
        (COO, {"row": np.array([0, 2])}, 'array "row": the number 2'),
        (COO, {"row": np.zeros(2, int), "col": np.zeros(2, int), "data": np.full(2, 1e308)}, "sum overflows"),
        (BSR, {"data": np.ones((2, 3, 3))}, "do not fit together"),
        (BSR, {"data": np.ones((2, 0, 0))}, "do not fit together"),
        (BSR, {"indices": np.array([0, 2])}, "bsr arrays that make no matrix"),
        (DIA, {"offsets": np.array([7])}, "the number 7"),
        (DIA, {"offsets": np.array([0, 0]), "data": np.ones((2, 2))}, "duplicate"),
    ],
)
def test_arrays_that_make_no_matrix(
    tmp_path: Path, arrays: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    given = {name: array for name, array in (arrays | changes).items() if array is not None}
    np.savez(tmp_path / "L.npz", **given)
    with pytest.raises(ArrayFileError, match=said) as caught:
        read_square_matrix(tmp_path / "L.npz")
    assert "L.npz" in str(caught.value)


def test_a_matrix_of_many_rows_is_too_large_before_it_is_made(tmp_path: Path) -> None:
    np.savez(tmp_path / "L.npz", **(CSR | {"shape": [2**40, 2**40]}))
    with pytest.raises(TooLarge, match="1,099,511,627,776 rows"):
        read_square_matrix(tmp_path / "L.npz")


def test_the_command_names_file_and_array(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "L.npz", **(CSR | {"indptr": np.array([0, 10**6, 2, 3, 4])}))
    np.save(tmp_path / "b.npy", np.ones(4))
    (tmp_path / "s.toml").write_text('[system]\nmatrix = "L.npz"\nrhs = "b.npy"\n')
    assert main(["run", str(tmp_path / "s.toml"), "--backend", "matrix"]) == 2
    assert 'L.npz, array "indptr"' in capsys.readouterr().err
