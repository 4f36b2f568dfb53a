"""Features the schema knows and this version does not compile yet: each is refused with one sentence.

The checks read the raw tables, so a refusal stands in the same report as every other problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from carlemanc.core.errors import Problem
from carlemanc.spec.problems import Origin, shown
from carlemanc.spec.tables import MISSING, lookup


def _always(value: Any) -> bool:
    return True


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _true(value: Any) -> bool:
    return value is True


def _one_of(*texts: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in texts


_LATER: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("network", _always, "[network] arrives with a later version: write the loss out in [loss] expression"),
    ("system", _always, "[system] arrives with a later version: use [loss] or [map]"),
    ("schedule", _always, "[schedule] arrives with a later version: leave the table out"),
    ("model.sparsity", _always, "model.sparsity arrives with a later version: leave the key out"),
    ("model.mask", _always, "model.mask arrives with a later version: leave the key out"),
    ("solver.method", _one_of("hhl", "lcu", "adiabatic", "kernel", "march", "auto"),
     'solver.method = {value} arrives with a later version: use "qsvt"'),
    ("solver.amplification", _true, "solver.amplification arrives with a later version: set it to false"),
    ("compile.memory", _one_of("qram"), 'compile.memory = "qram" arrives with a later version: use "lookup"'),
    ("compile.ancilla_budget", _positive,
     "compile.ancilla_budget above 0 arrives with a later version: set it to 0"),
    ("compile.synthesis", _one_of("mixed-fallback", "phase-gradient"),
     'compile.synthesis = {value} arrives with a later version: use "gridsynth"'),
    ("readout.shots", _positive,
     "readout.shots above 0 (readout by shots) arrives with a later version: set it to 0"),
)  # fmt: skip


def refused_features(tables: Mapping[str, Any], origin: Origin) -> list[Problem]:
    """Return one problem for each key that asks for a feature of a later version."""
    problems = []
    for key, asks, sentence in _LATER:
        value = lookup(tables, key)
        if value is not MISSING and asks(value):
            rule, _, advice = sentence.replace("{value}", shown(value)).partition(": ")
            problems.append(Problem(where=origin.where(key), found=shown(value), allowed=rule, help=advice))
    return problems
