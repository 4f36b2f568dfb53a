"""What hostile files are made of: arrays as npy and npz bytes, headers that lie, bytes that are flipped."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.hostile.harness import Hole

DTYPES = ("f8", "f4", "f2", "i8", "i4", "u8", "u1", "?", "c16", "c8", "g", "S4", "U4", "M8[s]", "m8[s]", "O")
"""Types of numpy that a file may hold; few of them are numbers to compute with."""
NUMBERS = (0.0, -0.0, 1.0, -2.5, 1e-320, 1e-300, 1e200, 1.7e308, float("nan"), float("inf"), float("-inf"))
INTEGERS = (0, 1, -1, 2, 7, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**62, 2**63 - 1, -(2**63))


def array_of(draw: random.Random, shape: tuple[int, ...], dtype: str | None = None) -> np.ndarray[Any, Any]:
    """Return an array of ordinary numbers, of any type; of Python objects where it says "O"."""
    chosen = draw.choice(DTYPES) if dtype is None else dtype
    values = np.array([draw.randint(0, 9) for _ in range(int(np.prod(shape)))]).reshape(shape)
    if chosen == "O":
        return values.astype(object)
    return values.astype("i8").astype(chosen) if chosen[0] in "Mm" else values.astype(chosen)


def npy(array: np.ndarray[Any, Any]) -> bytes:
    """Return an array as the bytes of an .npy file, pickled where it holds objects."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    content = file.getvalue()
    if array.dtype != np.longdouble:
        return content
    whole = bytearray(content)  # ten of sixteen bytes are the number, the others whatever lay there before
    for end in range(len(content), len(content) - array.nbytes, -16):
        whole[end - 6 : end] = bytes(6)
    return bytes(whole)


def npz(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Return arrays as the bytes of an .npz file, in the order given."""
    return archive({f"{name}.npy": npy(array) for name, array in arrays.items()})


def archive(members: Mapping[str, bytes], *, compressed: bool = False) -> bytes:
    """Return members as the bytes of a zip archive."""
    file = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(file, "w", kind) as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name), content, kind)
    return file.getvalue()


def claimed(shape: tuple[int, ...] | str, descr: str = "<f8", content: bytes = b"\0" * 64) -> bytes:
    """Return an .npy file whose header claims a shape that its content does not have."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content


LIES = (
    claimed((10**12,)),
    claimed((10**12, 2)),
    claimed((2**62,)),
    claimed((2**70,)),
    claimed((-5,)),
    claimed("(4, 4"),
    claimed("'four'"),
    claimed((4,), "|O"),
    claimed((4,), "<q9"),
    claimed((0, 2**62)),
    claimed((3,) * 70),
    claimed((100,)),
    claimed("(" * 300 + ")" * 300),
    claimed("__import__('os').getcwd()"),
    claimed((True, False)),
    b"\x93NUMPY\x07\x00" + b"\0" * 40,
    b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b"{",
)
"""Files that begin like .npy and are none."""


def damaged(draw: random.Random, content: bytes) -> bytes:
    """Return bytes of which some are flipped, cut off, doubled, or replaced by something else."""
    match draw.randrange(6):
        case 0:
            return content[: draw.randrange(len(content) + 1)]
        case 1:
            return draw.randbytes(draw.randrange(200))
        case 2:
            return content + draw.randbytes(draw.randrange(1, 80))
        case 3:
            return content[draw.randrange(min(40, len(content))) :]
    flipped = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8)) if flipped else 0):
        flipped[draw.randrange(len(flipped))] = draw.randrange(256)
    return bytes(flipped)


def bomb(name: str = "x.npy", size: int = 1 << 27) -> bytes:
    """Return a zip archive of a few kilobytes whose member of zeros unpacks to `size` bytes."""
    return archive({name: claimed((size // 8,), content=b"\0" * size)}, compressed=True)


def huge_archive() -> bytes:
    """Return an archive whose directory claims a member of 2^40 bytes."""
    content = bytearray(archive({"x.npy": npy(np.zeros(4))}))
    place = content.rfind(b"PK\x01\x02")
    content[place + 20 : place + 28] = struct.pack("<II", 2**32 - 2, 2**32 - 2)
    return bytes(content)


OTHER_FILES: tuple[bytes | Hole | None, ...] = (
    b"",
    b"PK\x03\x04",
    b"\x93NUMPY",
    b"hello\n",
    b"\xff\xfe\x00\x00",
    npy(np.arange(4.0)),
    npz({"x": np.zeros((3, 2)), "y": np.zeros(3)}),
    archive({"x.npy": b"no array", "y.npy": b"", "notes.txt": b"text"}),
    archive({"../x.npy": npy(np.zeros(3)), "x": b""}),
    huge_archive(),
    Hole(20 * 10**9),
    Hole(20 * 10**9, b"\x93NUMPY\x01\x00"),
    None,
)
"""Content of another kind than a name promises; None is a directory of that name."""
