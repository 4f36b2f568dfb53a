"""Sparse matrices of .npz files as `scipy.sparse.save_npz` writes them, every index checked before any arithmetic.

scipy's compiled loops trust the index arrays of a matrix: a row pointer beyond the data makes them write outside their
memory. So the arrays are read one by one, their types, lengths and ranges are checked, and `check_format` is asked for
all it can check, before anything is summed, sorted or converted.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from carlemanc.core.arrays import Array
from carlemanc.core.errors import TooLarge
from carlemanc.core.held_file import DataFile
from carlemanc.model.array_file import ArrayFileError, finite_numbers, read_archive, whole_numbers

MAX_ROWS = 1 << 20
"""Rows that are read; the circuit's own limit is lower (`block_encoding.sparse_matrix`)."""

_ARRAYS = {
    "csr": ("indices", "indptr"),
    "csc": ("indices", "indptr"),
    "bsr": ("indices", "indptr"),
    "coo": ("row", "col"),
    "dia": ("offsets",),
}
"""The index arrays of each format."""


def read_square_matrix(path: DataFile) -> sparse.csr_array:
    """Return a real, finite, square matrix with entries, in CSR, duplicates summed and zeros left out.

    Raises ArrayFileError with file and array, TooLarge beyond `MAX_ROWS`.
    """
    name = path.name
    arrays = read_archive(path, {"format", "shape", "data", "indices", "indptr", "row", "col", "offsets"})
    kind = _format(arrays, name)
    rows = _rows(_needed(arrays, "shape", name), name)
    data = finite_numbers(_needed(arrays, "data", name), f'{name}, array "data"')
    indices = {part: _needed(arrays, part, name) for part in _ARRAYS[kind]}
    _check_shapes(kind, data, indices, rows, name)
    for part, array in indices.items():
        low, high = (
            (1 - rows, rows - 1) if part == "offsets" else (0, len(data) if part == "indptr" else rows - 1)
        )
        indices[part] = whole_numbers(array, f'{name}, array "{part}"', low, high)
    try:
        made = _made(kind, data, indices, rows)
    except ValueError as error:
        raise ArrayFileError(f"{name}: {kind} arrays that make no matrix: {error}") from None
    matrix = sparse.csr_array(made)
    with np.errstate(over="ignore", invalid="ignore"):
        matrix.sum_duplicates()
    if not np.all(np.isfinite(matrix.data)):
        raise ArrayFileError(f'{name}, array "data": entries of one place whose sum overflows')
    matrix.eliminate_zeros()
    if not matrix.nnz:
        raise ArrayFileError(f"{name}: zeros alone")
    return matrix


def _made(kind: str, data: Array, indices: Mapping[str, Array], rows: int) -> sparse.sparray:
    shape = (rows, rows)
    if kind == "dia":
        return sparse.dia_array((data, indices["offsets"]), shape=shape)
    if kind == "coo":
        return sparse.coo_array((data, (indices["row"], indices["col"])), shape=shape)
    compressed = {"csr": sparse.csr_array, "csc": sparse.csc_array, "bsr": sparse.bsr_array}[kind]
    made = compressed((data, indices["indices"], indices["indptr"]), shape=shape)
    made.check_format(full_check=True)
    return made


def _needed(arrays: Mapping[str, Array], part: str, name: str) -> Array:
    if part not in arrays:
        raise ArrayFileError(f'{name}: no array "{part}"; scipy.sparse.save_npz writes it')
    return arrays[part]


def _format(arrays: Mapping[str, Array], name: str) -> str:
    array = _needed(arrays, "format", name)
    found = array.reshape(-1)[0] if array.size == 1 else array
    text = found.decode("ascii", "replace") if isinstance(found, bytes) else str(found)
    if text not in _ARRAYS:
        raise ArrayFileError(f'{name}, array "format": {text[:40]!r}, none of {", ".join(_ARRAYS)}')
    return text


def _rows(shape: Array, name: str) -> int:
    """Return the number of rows, as many as there are columns."""
    label = f'{name}, array "shape"'
    if shape.dtype.kind not in "iu" or shape.shape != (2,):
        raise ArrayFileError(f"{label}: {str(shape)[:80]}, where two integers are needed")
    rows, columns = int(shape[0]), int(shape[1])
    if rows != columns or rows < 1:
        raise ArrayFileError(f"{label}: a matrix of {rows} x {columns}, where a square one is needed")
    check_rows(rows)
    return rows


def check_rows(rows: int) -> None:
    """Raise TooLarge beyond the rows that are read."""
    if rows > MAX_ROWS:
        raise TooLarge("the linear system", size=f"{rows:,} rows", limit=f"{MAX_ROWS:,}", instead="")


def _check_shapes(kind: str, data: Array, indices: Mapping[str, Array], rows: int, name: str) -> None:
    """Refuse arrays whose dimensions do not fit together; scipy says it less plainly, or not at all."""
    dimensions = {"bsr": 3, "dia": 2}.get(kind, 1)
    wrong = data.ndim != dimensions or any(array.ndim != 1 for array in indices.values())
    wrong = wrong or any(len(array) != len(data) for part, array in indices.items() if part != "indptr")
    wrong = wrong or (kind == "bsr" and any(not extent or rows % extent for extent in data.shape[1:]))
    if wrong:
        parts = {"data": data, **indices}
        shapes = ", ".join(f"{part} {array.shape}" for part, array in parts.items())
        raise ArrayFileError(f"{name}: {kind} arrays of shapes that do not fit together: {shapes}")
