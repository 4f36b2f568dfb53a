"""Features the schema knows and this version does not compile yet: each is refused with one sentence.

The checks read the raw tables, so a refusal stands in the same report as every other problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from carlemanc.core.errors import Problem
from carlemanc.spec.problems import Origin, shown
from carlemanc.spec.tables import MISSING, lookup


def _one_of(*texts: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in texts


_LATER: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("compile.synthesis", _one_of("mixed-fallback", "phase-gradient"),
     'compile.synthesis = {value} arrives with a later version: use "gridsynth"'),
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
