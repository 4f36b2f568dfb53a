"""A spec that means one certain circuit: every key that is chosen where a spec leaves it out, named.

Tests of a circuit, its counts, its files and its simulation say which circuit they mean, whatever would be the best
choice for that spec; and where nothing is left to choose, no search is paid for.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from carlemanc.spec.loading import SpecSource, load_spec
from carlemanc.spec.schema import ModelSpec
from tests.documents import is_setting

FIXED = (
    "solver.method=qsvt",
    "solver.amplification=false",
    "carleman.padding=0",
    "carleman.rescaling=balanced",
    "compile.ancilla_budget=0",
    "compile.synthesis=gridsynth",
    "readout.method=sampling",
)
"""QSVT as it is, no qubits more than it needs, each rotation a word, weights read by sampling."""


def fixed(spec: SpecSource, overrides: Iterable[str] = ()) -> ModelSpec:
    """Return a spec with what it and the overrides leave out as in `FIXED`.

    A linear system has no padding, and observables choose their estimator by themselves: these keys stay unnamed.
    """
    found = load_spec(spec, tuple(overrides))
    return load_spec(found, named(found))


def named(spec: ModelSpec) -> tuple[str, ...]:
    """Return the overrides of `FIXED` for what a spec leaves out."""
    tables = spec.to_dict()
    left_out = {"carleman"} if spec.system is not None else set()
    left_out |= {"readout"} if spec.readout.target == "observables" else set()
    return tuple(
        line
        for line in FIXED
        for table, key in [line.partition("=")[0].split(".")]
        if table not in left_out and key not in tables.get(table, {})
    )


def fixed_words(spec: SpecSource, *lines: str) -> list[str]:
    """Return the words of a command line that set these keys of a spec, and those of `FIXED` that are left out."""
    return [word for line in (*named(load_spec(spec, lines)), *lines) for word in ("--set", line)]


def fixed_line(line: str) -> str:
    """Return a line of `tests.documents.document` with the keys of `FIXED` that its spec and its words leave out."""
    verb, spec, *rest = shlex.split(line)
    found = load_spec(spec, [word for word in rest if is_setting(word)])
    return shlex.join([verb, spec, *named(found), *rest])
