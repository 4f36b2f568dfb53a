"""Vectors beside a spec: masks of the weights that are trained, initial weights, arrays of a loss."""

from __future__ import annotations

import random

import numpy as np

from tests.fixed import fixed_words
from tests.hostile.harness import Case, Content
from tests.hostile.material import LIES, NUMBERS, OTHER_FILES, array_of, damaged, npy

WEIGHT = 3

_SPEC = """[loss]
expression = "Sum(J[i]*theta[i]**2/2 + theta[i]**4/4, (i, 0, n-1))"
parameters = {{ J = {coefficients} }}
[model]
n = 4
mask = {mask}
[training]
learning_rate = 0.1
steps = 2
initial = {initial}
[carleman]
order = 2
"""


_NAMED = fixed_words("ridge-diabetes")
"""Nothing is left to a search."""


def draw(random: random.Random) -> Case:
    """Return a command on a loss with three arrays from files, of which one is odd."""
    files = {
        "J.npy": npy(np.array([1.0, 2.0, 0.5, 1.5])),
        "mask.npy": npy(np.array([1, 0, 1, 1])),
        "start.npy": npy(np.array([0.4, 0.0, -0.2, 0.1])),
    }
    odd = random.choice(("J.npy", "mask.npy", "mask.npy", "start.npy"))
    content: dict[str, Content] = dict(files)
    content[odd] = _odd(random, files[odd])
    names = {name: name for name in files}
    if random.random() < 0.1:
        names[odd] = random.choice(
            ("", ".", "..npy", "no.npy", "a\0.npy", "\x1b[31m.npy", "x" * 300 + ".npy", "/dev/zero")
        )
    content["spec.toml"] = _SPEC.format(
        coefficients=_text(names["J.npy"]), mask=_text(names["mask.npy"]), initial=_text(names["start.npy"])
    )
    command = random.choice(
        (("derive", "spec.toml"), ("analyze", "spec.toml", "--json"), ("estimate", "spec.toml", *_NAMED))
    )
    return Case(command=command, files=content)


def _text(value: str) -> str:
    """Return a basic string of TOML."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in value) + '"'


def _odd(draw: random.Random, ordinary: bytes) -> Content:
    match draw.randrange(7):
        case 0:
            return draw.choice(OTHER_FILES)
        case 1:
            return draw.choice(LIES)
        case 2:
            return npy(array_of(draw, draw.choice(((4,), (4, 1), (3,), (0,), (), (2, 2), (5,)))))
        case 3 | 4:
            values = np.array([1.0, 0.0, 1.0, 1.0], dtype=draw.choice(("f8", "f8", "f4", "g")))
            values[draw.randrange(4)] = draw.choice(NUMBERS) if values.dtype != np.float32 else float("nan")
            return npy(values)
        case 5:
            return npy(np.array([1, np.longdouble("1e400"), 1, 0], dtype="g"))
    return damaged(draw, ordinary)
