"""Words after `carlemanc` that nobody meant: unknown verbs, options and names, numbers out of range, odd characters."""

from __future__ import annotations

import random

from tests.hostile.harness import Case

WEIGHT = 2

_VERBS = (
    "derive",
    "analyze",
    "run",
    "estimate",
    "solvers",
    "verify",
    "examples",
    "schema",
    "report",
    "",
    "nothing",
    "-",
)
_NAMES = (
    "quartic-pair",
    "quartic-ring",
    "quartic-pear",
    "",
    ".",
    "-",
    "--",
    "a\nb",
    "\x1b[31mred",
    "é" * 200,
    "x" * 5000,
)
_OPTIONS = (
    "--json",
    "--set",
    "--seed",
    "--over",
    "--shots",
    "-o",
    "--lost",
    "--help",
    "--version",
    "--backend",
)
_VALUES = (
    "",
    "0",
    "-1",
    "1e999",
    "9" * 5000,
    "model.n",
    "model.n=",
    "=3",
    "model.n=0x" + "f" * 5000,
    "nan",
    "\udcff",
    "[" * 3000,
)


def draw(random: random.Random) -> Case:
    """Return a few such words."""
    words = [random.choice(_VERBS), random.choice(_NAMES)]
    for _ in range(random.randrange(3)):
        words.append(random.choice(_OPTIONS))
        if random.random() < 0.7:
            words.append(random.choice(_VALUES))
    if random.random() < 0.2:
        random.shuffle(words)
    return Case(command=tuple(words))
