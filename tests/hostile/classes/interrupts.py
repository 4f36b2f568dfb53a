"""Ctrl-C at any moment: one word, status 130, nothing half-written; or the command had ended before."""

from __future__ import annotations

import random

from tests.hostile.harness import Case

WEIGHT = 0.2

_COMMANDS = (
    ("derive", "quartic-pair"),
    ("analyze", "quartic-ring", "--json"),
    ("run", "quartic-pair"),
    ("system", "quartic-pair", "-o", "out"),
    ("compile", "quartic-pair", "-o", "out"),
    ("estimate", "quartic-pair", "-o", "out"),
    ("solvers", "quartic-pair"),
    ("verify", "quartic-pair"),
    ("train", "quartic-pair", "-o", "out"),
    ("dissipation", "iris-square-net", "-o", "out"),
    ("sweep", "quartic-pair", "--over", "training.steps=1..30", "-o", "out", "--processes", "2"),
)


def draw(random: random.Random) -> Case:
    """Return a command and the moment; Python itself needs the first tenths of a second on a busy machine."""
    return Case(
        command=random.choice(_COMMANDS),
        interrupt=random.choice((0.4, 0.5, 0.7)) + random.random() ** 2 * 4,
        statuses=frozenset({0, 130}),
        note="interrupted",
    )
