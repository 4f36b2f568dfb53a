"""Arrays of .npy and .npz files from strangers: read whole, as what they say they are, or refused with file and array.

The header is read first and compared with what follows it, so that an array of 10^12 numbers that a header claims is
never asked of the memory; pickled objects are never loaded. What comes out is an array of numpy; `finite_numbers` and
`whole_numbers` make of it what is computed with.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
from collections.abc import Collection
from typing import IO, Any

import numpy as np

from carlemanc.core.arrays import Array, FloatArray, IntArray, Mask
from carlemanc.core.held_file import DataFile

LARGEST = 1 << 31
"""Bytes of the arrays that are read of one file: 2 GB."""
_LONGEST_HEADER = 10_000
_CHUNK = 1 << 24
_MAGIC = b"\x93NUMPY"


class ArrayFileError(ValueError):
    """Why a file does not hold the arrays it should; the text names the file and the array."""


def read_array(path: DataFile) -> Array:
    """Return the array of an .npy file. Raises ArrayFileError."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            return _array(file, path.name, size)
    except OSError as error:
        raise ArrayFileError(f"{path.name}: {error.strerror or error}") from None


def read_archive(path: DataFile, names: Collection[str] | None = None) -> dict[str, Array]:
    """Return the arrays of an .npz file by name: all of them, or those of `names` that it has.

    Raises ArrayFileError.
    """
    try:
        with path.open("rb") as file:
            return archive_arrays(file, path.name, names)
    except OSError as error:
        raise ArrayFileError(f"{path.name}: {error.strerror or error}") from None


def archive_arrays(
    file: IO[bytes], label: str, names: Collection[str] | None = None, *, largest: int = LARGEST
) -> dict[str, Array]:
    """Return the arrays of an open .npz file by name, as `read_archive`; together they have at most `largest` bytes.

    Raises ArrayFileError, whose text begins with the label; OSError.
    """
    try:
        if file.read(len(_MAGIC)) == _MAGIC:
            raise ArrayFileError(f"{label}: one array (.npy), not an archive of arrays (.npz)")
        with zipfile.ZipFile(file) as archive:
            chosen = _chosen(archive, label, names, largest)
            return {name: _member(archive, info, label, largest) for name, info in chosen.items()}
    except (ArrayFileError, OSError):
        raise
    except Exception as error:  # zipfile, zlib and lzma have many words for a damaged archive
        raise ArrayFileError(f"{label}: {_reason(error)}") from None


def finite_numbers(array: Array, label: str) -> FloatArray:
    """Return real finite numbers in double precision.

    Raises ArrayFileError for another type, for NaN and infinity, and for a number that is none in double precision.
    """
    if array.dtype.kind == "c":
        raise ArrayFileError(f"{label}: complex numbers")
    if array.dtype.kind not in "fiub":
        raise ArrayFileError(f"{label}: values of type {array.dtype}")
    with np.errstate(over="ignore", under="ignore"):
        numbers = np.asarray(array, dtype=np.float64)
    if not np.all(np.isfinite(array)):
        raise ArrayFileError(f"{label}: NaN or infinity {_place(~np.isfinite(array))}")
    for lost, words in ((~np.isfinite(numbers), "above"), ((numbers == 0) & (array != 0), "below")):
        if np.any(lost):
            value = array[lost].reshape(-1)[0]
            raise ArrayFileError(f"{label}: {value!s}, {words} what double precision holds, {_place(lost)}")
    return numbers


def whole_numbers(array: Array, label: str, low: int, high: int) -> IntArray:
    """Return integers from `low` to `high` as int64. Raises ArrayFileError for another type or a number outside."""
    if array.dtype.kind not in "iu" and array.size:
        raise ArrayFileError(f"{label}: values of type {array.dtype} where integers are needed")
    if array.size:
        for worst in (int(array.min()), int(array.max())):
            if not low <= worst <= high:
                raise ArrayFileError(f"{label}: the number {worst}, which is not one of {low} to {high}")
    return array.astype(np.int64)


def _chosen(
    archive: zipfile.ZipFile, label: str, names: Collection[str] | None, largest: int
) -> dict[str, zipfile.ZipInfo]:
    """Return the members that are asked for, by the names of their arrays."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if names is not None and name not in names:
            continue
        if name == info.filename:
            raise ArrayFileError(f'{label}: the member "{info.filename}" is no array (.npy)')
        if name in members:
            raise ArrayFileError(f'{label}: two arrays "{name}"')
        members[name] = info
    size = sum(info.file_size for info in members.values())
    if size > largest:
        raise ArrayFileError(f"{label}: arrays of {size:,} bytes; at most {largest:,} are read")
    return members


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str, largest: int) -> Array:
    label = f'{label}, array "{info.filename.removesuffix(".npy")}"'
    try:
        with archive.open(info) as file:
            return _array(file, label, info.file_size, largest)
    except ArrayFileError:
        raise
    except Exception as error:
        raise ArrayFileError(f"{label}: {_reason(error)}") from None


def _array(file: IO[bytes], label: str, size: int, largest: int = LARGEST) -> Array:
    """Return the array of a stream of so many bytes in the format of .npy (NEP 1)."""
    shape, fortran, dtype, begun = _header(file, label)
    if dtype.hasobject:
        raise ArrayFileError(f"{label}: pickled Python objects, which are never loaded")
    if dtype.names is not None or dtype.subdtype is not None:
        raise ArrayFileError(f"{label}: records, where an array of numbers is needed")
    count = math.prod(shape)
    claimed, there = count * dtype.itemsize, size - begun
    if claimed > largest:
        raise ArrayFileError(
            f"{label}: {_words(shape, dtype)}, {claimed:,} bytes; at most {largest:,} are read"
        )
    if claimed != there or (count and not dtype.itemsize):
        raise ArrayFileError(
            f"{label}: {_words(shape, dtype)}, {claimed:,} bytes, and {there:,} follow its header"
        )
    content = _content(file, claimed, label)
    try:
        array = np.frombuffer(content, dtype=dtype) if count else np.zeros(0, dtype=dtype)
        return array.reshape(shape, order="F" if fortran else "C")
    except ValueError as error:
        raise ArrayFileError(f"{label}: {_words(shape, dtype)}: {_reason(error)}") from None


def _content(file: IO[bytes], size: int, label: str) -> bytearray:
    """Return so many bytes, into which an array may be written."""
    content, filled = bytearray(), 0
    while filled < size:
        part = file.read(min(size - filled, _CHUNK))
        if not part:
            raise ArrayFileError(f"{label}: cut off after {filled:,} of {size:,} bytes")
        content += part
        filled += len(part)
    return content


def _header(file: IO[bytes], label: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, order, type and the number of bytes read; no more than a header's are read."""
    start = file.read(8)
    width = 2 if start[6:8] == b"\x01\x00" else 4
    if start[:6] != _MAGIC or start[6:8] not in (b"\x01\x00", b"\x02\x00") or len(start) < 8:
        raise ArrayFileError(f"{label}: no array in the format .npy 1.0 or 2.0")
    field = file.read(width)
    length = struct.unpack("<H" if width == 2 else "<I", field)[0] if len(field) == width else 0
    text = file.read(length) if 0 < length <= _LONGEST_HEADER else b""
    if not text or len(text) < length:
        raise ArrayFileError(f"{label}: a header of {length:,} bytes; 1 to {_LONGEST_HEADER:,} are read")
    read = np.lib.format.read_array_header_1_0 if width == 2 else np.lib.format.read_array_header_2_0
    try:
        shape, fortran, dtype = read(io.BytesIO(field + text))
    except Exception as error:  # numpy's parser of headers has many words for a damaged one
        raise ArrayFileError(f"{label}: a header that is none ({_reason(error)})") from None
    if not all(type(extent) is int and extent >= 0 for extent in shape):
        raise ArrayFileError(f"{label}: the shape {str(shape)[:80]}")
    return shape, bool(fortran), dtype, 8 + width + length


def _words(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    return f"an array of shape {str(shape)[:80]} and type {dtype}"


def _place(where: Mask) -> str:
    """Return in words where the first True is."""
    index = ", ".join(str(part) for part in np.argwhere(where)[0]) if where.ndim else ""
    return f"at [{index}]"


def _reason(error: Exception) -> str:
    return " ".join(f"{error}".split())[:200] or type(error).__name__
