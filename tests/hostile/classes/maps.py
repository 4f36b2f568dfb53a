"""Polynomial maps from files: indices, shapes and values that make no map, beside a start that fits or not."""

from __future__ import annotations

import random

import numpy as np

from tests.fixed import fixed_words
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

WEIGHT = 4

_SPEC = "[map]\nfile = {file}\n{model}[training]\nsteps = 2\ninitial = {start}\n[carleman]\norder = 2\n"
_NAMED = fixed_words("burgers-map")
"""Nothing is left to a search."""
_ORDINARY = {
    "F0_rows": np.array([1]),
    "F0_vals": np.array([0.05]),
    "F1_rows": np.array([0, 1]),
    "F1_cols": np.array([[0], [1]]),
    "F1_vals": np.array([-0.1, -0.2]),
    "F2_rows": np.array([0, 1, 1]),
    "F2_cols": np.array([[0, 1], [1, 1], [0, 0]]),
    "F2_vals": np.array([0.1, -0.05, 0.02]),
}


def draw(random: random.Random) -> Case:
    """Return a command on a map of two weights whose file is odd."""
    spec = _SPEC.format(
        file='"m.npz"',
        model=random.choice(
            ("", "", "[model]\nn = 2\n", "[model]\nn = 3\n", "[model]\nn = 4611686018427387904\n")
        ),
        start=random.choice(
            ("[0.1, 0.2]", "[0.1, 0.2]", "{ sparse = { '0' = 0.4 } }", "{ normal = 0.1, seed = 1 }", "[]")
        ),
    )
    command = random.choice(
        (
            ("derive", "s.toml"),
            ("analyze", "s.toml", "--json"),
            ("estimate", "s.toml", *_NAMED),
            ("run", "s.toml", "--backend", "matrix", "--json", *_NAMED),
            ("system", "s.toml", "-o", "out"),
        )
    )
    return Case(command=command, files={"s.toml": spec, "m.npz": _file(random)})


def _file(draw: random.Random) -> Content:
    arrays = dict(_ORDINARY)
    name = draw.choice(sorted(arrays))
    match draw.randrange(9):
        case 0:
            return damaged(draw, npz(arrays))
        case 1:
            return draw.choice(OTHER_FILES)
        case 2:
            members = {f"{key}.npy": npy(array) for key, array in arrays.items()}
            members[f"{name}.npy"] = draw.choice((*LIES, b"", b"text"))
            return archive(members)
        case 3:
            del arrays[name]
        case 4:
            arrays[name] = array_of(
                draw, draw.choice((arrays[name].shape, (2, 2), (), (0,), (3, 1))), draw.choice(DTYPES)
            )
        case 5 | 6:
            array = arrays[name].copy()
            if array.dtype.kind == "i" and draw.random() < 0.3:
                array = array.astype(draw.choice(("u8", "f8", "i1")))
            value = draw.choice(NUMBERS) if array.dtype.kind == "f" else draw.choice(INTEGERS)
            with np.errstate(all="ignore"):
                array.reshape(-1)[draw.randrange(array.size)] = np.array(value).astype(array.dtype)
            arrays[name] = array
        case 7:
            return (
                bomb("F1_vals.npy")
                if draw.random() < 0.1
                else archive({"notes.txt": b"hello", "F1_vals": b""})
            )
        case _:
            arrays[draw.choice(("F33_rows", "F1_rows ", "f1_rows", "F01_vals", "F1", "\u0661"))] = np.zeros(1)
    return npz(arrays)
