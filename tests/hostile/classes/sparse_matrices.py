"""Linear systems from files: every format of scipy, with index arrays, values and archives that are wrong."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np
import scipy.sparse as sp

from tests.hostile.harness import Case, Content
from tests.hostile.material import (
    DTYPES,
    INTEGERS,
    LIES,
    NUMBERS,
    OTHER_FILES,
    archive,
    array_of,
    bomb,
    damaged,
    npy,
    npz,
)

WEIGHT = 5

_SPEC = """\
[system]
matrix = "L.npz"
rhs = "b.npy"
[solver]
method = "{method}"
epsilon = {epsilon}
amplification = false
[compile]
ancilla_budget = 0
synthesis = "gridsynth"
[readout]
method = "sampling"
"""


def draw(random: random.Random) -> Case:
    """Return a command on a [system] of two files, of which one at least is odd."""
    matrix, size = _matrix(random)
    files: dict[str, Content] = {
        "spec.toml": _SPEC.format(
            method=random.choice(("qsvt", "auto", "hhl", "lcu", "kernel", "adiabatic", "march")),
            epsilon=random.choice(("1e-2", "1e-2", "0.5", "1e-12", "1e-300")),
        ),
        "L.npz": matrix,
        "b.npy": _rhs(random, size),
    }
    return Case(command=_command(random), files=files)


def _command(draw: random.Random) -> tuple[str, ...]:
    return draw.choice(
        (
            ("estimate", "spec.toml", "--json"),
            ("run", "spec.toml", "--backend", "matrix", "--json"),
            ("run", "spec.toml", "--backend", "matrix"),
            ("system", "spec.toml", "-o", "out"),
            ("compile", "spec.toml", "--stage", "state-preparation", "-o", "out"),
            ("verify", "spec.toml"),
            ("analyze", "spec.toml"),
            ("solvers", "spec.toml", "--json"),
        )
    )


def _ordinary(draw: random.Random) -> Any:
    size = draw.choice((1, 2, 3, 4, 4, 7))
    dense = np.diag([draw.uniform(1, 2) for _ in range(size)])
    for _ in range(size - 1):
        dense[draw.randrange(size), draw.randrange(size)] += draw.choice((0.25, -0.5))
    return sp.coo_array(dense).asformat(draw.choice(("csr", "csc", "coo", "bsr", "dia")))


def _matrix(draw: random.Random) -> tuple[Content, int]:
    """Return the file of the matrix, and how many rows it has or claims."""
    matrix = _ordinary(draw)
    size = matrix.shape[0]
    file = io.BytesIO()
    sp.save_npz(file, matrix, compressed=draw.random() < 0.5)
    content = file.getvalue()
    with np.load(io.BytesIO(content)) as found:
        arrays = {name: found[name] for name in found.files}
    match draw.randrange(8):
        case 0:
            return content, size
        case 1:
            return damaged(draw, content), size
        case 2:
            return draw.choice(OTHER_FILES), size
        case 3:
            members = {f"{name}.npy": npy(array) for name, array in arrays.items()}
            members[draw.choice(list(members))] = draw.choice(LIES)
            return archive(members), size
        case 4 if draw.random() < 0.1:
            return bomb("data.npy"), size
        case 4 | 5:
            _replace_array(draw, arrays)
        case _:
            _spoil_value(draw, arrays)
    return npz(arrays), size


def _replace_array(draw: random.Random, arrays: dict[str, Any]) -> None:
    """Take an array away, or put another in its place: another type, length, shape."""
    name = draw.choice(list(arrays))
    match draw.randrange(5):
        case 0:
            del arrays[name]
        case 1:
            arrays[name] = array_of(draw, arrays[name].shape)
        case 2:
            arrays[name] = arrays[name].repeat(2, axis=-1) if arrays[name].ndim else arrays[name][None]
        case 3:
            arrays["shape"] = np.array(
                draw.choice(([4, 5], [-3, -3], [0, 0], [2**40, 2**40], [4], [2, 2, 2], 7))
            )
        case _:
            arrays["format"] = np.array(draw.choice((b"lil", "csr", b"dok", b"", b"\xff", 3.0)))


def _spoil_value(draw: random.Random, arrays: dict[str, Any]) -> None:
    """Change one number of an array, as the row "indptr [0, 10^6, 2, 3, 4]" does."""
    names = [name for name, array in arrays.items() if array.size and array.dtype.kind in "iuf"]
    name = draw.choice(names)
    array = arrays[name].copy().reshape(-1)
    value: Any = draw.choice(NUMBERS if array.dtype.kind == "f" else INTEGERS)
    if array.dtype.kind == "i" and draw.random() < 0.5:
        array = array.astype(draw.choice(("i8", "u8", "i4", "f8")))
    with np.errstate(all="ignore"):
        array[draw.randrange(array.size)] = np.array(value).astype(array.dtype)
    arrays[name] = array.reshape(arrays[name].shape)


def _rhs(draw: random.Random, size: int) -> Content:
    vector = np.array([draw.choice((1.0, -0.5, 0.0)) for _ in range(size)])
    vector[0] = 1.0
    match draw.randrange(9):
        case 0:
            return draw.choice(OTHER_FILES)
        case 1:
            return draw.choice(LIES)
        case 2:
            return npy(array_of(draw, (size,), draw.choice(DTYPES)))
        case 3:
            vector[draw.randrange(size)] = draw.choice(NUMBERS)
        case 4:
            vector *= draw.choice((1e200, 1e-200, 1e-310, 1.7e308))
        case 5:
            return damaged(draw, npy(vector))
    return npy(vector)
