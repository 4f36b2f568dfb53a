"""Array files: what numpy writes is read, and what claims, hides or damages is refused by file and array."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from carlemanc.model.array_file import (
    ArrayFileError,
    finite_numbers,
    read_archive,
    read_array,
    whole_numbers,
)
from tests.hostile.material import LIES, archive, claimed, huge_archive, npy, npz


@pytest.mark.parametrize("dtype", ["f8", ">f8", "f2", "i4", "u1", "?", "c16", "S4", "U3"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2), (2, 1, 2)])
def test_arrays_come_back_as_numpy_wrote_them(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    for order in (array, np.asfortranarray(array)):
        np.save(tmp_path / "a.npy", order)
        found = read_array(tmp_path / "a.npy")
        np.testing.assert_array_equal(found, array)
        assert (found.dtype, found.flags.writeable) == (array.dtype, True)


def test_archives_come_back_as_numpy_wrote_them(tmp_path: Path) -> None:
    arrays = {"x": np.arange(6.0).reshape(2, 3), "y": np.array([True, False])}
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", **arrays)
        found = read_archive(tmp_path / "a.npz")
        assert list(found) == ["x", "y"]
        np.testing.assert_array_equal(found["x"], arrays["x"])
    assert list(read_archive(tmp_path / "a.npz", {"y", "z"})) == ["y"]


@pytest.mark.parametrize("number", range(len(LIES)))
def test_headers_that_lie_are_refused_before_their_array_is_made(tmp_path: Path, number: int) -> None:
    (tmp_path / "lie.npy").write_bytes(LIES[number])
    with pytest.raises(ArrayFileError, match=r"^lie\.npy: "):
        read_array(tmp_path / "lie.npy")
    (tmp_path / "lie.npz").write_bytes(archive({"x.npy": LIES[number]}))
    with pytest.raises(ArrayFileError, match=r'^lie\.npz, array "x": '):
        read_archive(tmp_path / "lie.npz")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (npy(np.zeros(3)), "one array"),
        (archive({"x.npy": b"no array"}), 'array "x"'),
        (archive({"x": b"1"}), 'the member "x" is no array'),
        (archive({"x.npy": npy(np.array([None]))}), "pickled"),
        (archive({"x.npy": npy(np.zeros(2, dtype=[("a", "f8")]))}), "records"),
        (npz({"x": np.zeros(4)})[:-30], "zip"),
        (npz({"x": np.zeros(4)}).replace(npy(np.zeros(4))[-32:], b"\1" * 32), "CRC"),
        (huge_archive(), "4,294,967,294 bytes"),
        (b"", "zip"),
    ],
)
def test_archives_that_hold_no_arrays(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ArrayFileError, match=said) as caught:
        read_archive(tmp_path / "a.npz")
    assert str(caught.value).startswith("a.npz")


def test_two_arrays_of_one_name_and_trailing_bytes_are_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("x.npy", npy(np.zeros(2)))
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("x.npy", npy(np.ones(2)))
    (tmp_path / "a.npz").write_bytes(file.getvalue())
    with pytest.raises(ArrayFileError, match='two arrays "x"'):
        read_archive(tmp_path / "a.npz")
    (tmp_path / "b.npy").write_bytes(npy(np.zeros(2)) + b"more")
    with pytest.raises(ArrayFileError, match="20 follow"):
        read_array(tmp_path / "b.npy")


def test_a_truthful_header_of_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    head = claimed((10**10,), content=b"")
    with (tmp_path / "big.npy").open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 8 * 10**10)
    with pytest.raises(ArrayFileError, match="at most 2,147,483,648 are read"):
        read_array(tmp_path / "big.npy")


def test_numbers_that_double_precision_holds() -> None:
    assert finite_numbers(np.array([1, 2], dtype="u1"), "a").tolist() == [1.0, 2.0]
    assert finite_numbers(np.array([True, False]), "a").tolist() == [1.0, 0.0]
    for array, said in (
        (np.array([1.0, np.nan]), r"NaN or infinity at \[1\]"),
        (np.array([[1, np.longdouble("1e400")]]), r"1e\+400, above .* at \[0, 1\]"),
        (np.array([np.longdouble("1e-400")]), "below"),
        (np.array([1j]), "complex"),
        (np.array(["1"]), "type <U1"),
        (np.array(["2024-01-01"], dtype="M8[D]"), "datetime64"),
    ):
        with pytest.raises(ArrayFileError, match=said):
            finite_numbers(array, "a")


def test_integers_in_a_range() -> None:
    assert whole_numbers(np.array([0, 5], dtype="u8"), "a", 0, 5).dtype == np.int64
    for array in (np.array([2**64 - 1], dtype="u8"), np.array([-1]), np.array([6]), np.array([0.0])):
        with pytest.raises(ArrayFileError, match="a: "):
            whole_numbers(array, "a", 0, 5)
