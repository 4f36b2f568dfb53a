"""Specs of which each key alone is right, and some values are far beyond what anyone uses."""

from __future__ import annotations

import random

from tests.fixed import fixed_words
from tests.hostile.harness import Case

WEIGHT = 5

_EXAMPLES = ("quartic-pair", "cubic-pair", "logistic-map-scalar", "quartic-ring", "tridiagonal-system")
_REALS = (
    "1e-320",
    "1e-300",
    "1e-200",
    "1e-150",
    "1e-100",
    "1e-30",
    "1e-16",
    "0.5",
    "1e16",
    "1e100",
    "1e154",
    "1e200",
    "1e300",
    "1.7e308",
)
_COUNTS = (
    "0",
    "1",
    "2",
    "1000000",
    "1000000000",
    "9223372036854775807",
    "9223372036854775808",
    "1" + "0" * 40,
    "1" + "0" * 400,
)
_KEYS = {
    "training.learning_rate": _REALS,
    "carleman.rescaling": _REALS,
    "solver.epsilon": _REALS,
    "readout.failure_probability": _REALS,
    "training.noise": _REALS,
    "training.initial": (
        "{ function = '1/(i - 1)' }",
        "{ function = 'exp(i*1e300)' }",
        "{ function = '1e300*i**64' }",
        "{ function = '1e-320*cos(i)' }",
        "{ function = 'cos(i**2*1e9)' }",
        "{ function = 'interval(i, 0, n)*0' }",
        "{ function = '9**9**9**i' }",
        "{ function = 'tanh(exp(exp(i)))' }",
        "{ function = 'walsh(i, 1e300)' }",
        "{ function = 'bit(i, -1)' }",
        *(f"[{value}, 0.1]" for value in _REALS),
        "{sparse = {'0' = 1e200}}",
        "{normal = 1e300, seed = 1}",
    ),
    "training.center": tuple(f"[{value}, 0.1]" for value in _REALS),
    "loss.parameters.lam": _REALS,
    "carleman.padding": _COUNTS,
    "carleman.order": ("1", "2", "4", "9", "40", "100000", "1" + "0" * 30),
    "carleman.corrections": ("1", "2", "1" + "0" * 30),
    "training.steps": _COUNTS,
    "training.seed": _COUNTS,
    "model.n": _COUNTS,
    "compile.ancilla_budget": _COUNTS,
    "readout.shots": _COUNTS,
    "readout.largest": _COUNTS,
}


def draw(random: random.Random) -> Case:
    """Return a command on an example with one to three of its keys changed."""
    words = [
        "--set",
        f"solver.method='{random.choice(('qsvt', 'qsvt', 'lcu', 'hhl', 'kernel', 'adiabatic', 'march', 'auto'))}'",
    ]
    for key in random.sample(sorted(_KEYS), random.choice((1, 1, 2, 3))):
        words += ["--set", f"{key}={random.choice(_KEYS[key])}"]
    command = random.choice(
        (
            ("derive",),
            ("analyze", "--json"),
            ("analyze", "--json"),
            ("estimate", "--json"),
            ("estimate",),
            ("run", "--backend", "matrix", "--json"),
            ("system", "-o", "out"),
            ("solvers",),
            ("verify", "--columns", random.choice(("4", "4", "1000000", "-1"))),
        )
    )
    name = random.choice(_EXAMPLES)
    return Case(command=(command[0], name, *command[1:], *fixed_words(name), *words))
