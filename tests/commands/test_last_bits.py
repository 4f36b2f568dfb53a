"""Counts do not depend on the last bits of F_l: every entry moved by 1e-14 of itself, the estimate's integers compared.

What another processor does to sums is smaller (1e-16 to 1e-15); a choice that this turns, it would turn there too.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from carlemanc.commands.estimate import estimate
from carlemanc.core.json_text import plain
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.sources import systems
from carlemanc.sources.training import build_training
from tests.fixed import fixed

MOVED = 1e-14
REAL = ("total", "readout", "explain", "assumptions", "seconds", "runs", "shots")
"""Keys of integers that are real numbers rounded up: they agree to their digits, not always in the last."""
SPECS = [
    ("quartic-pair",),
    ("cubic-pair",),
    ("burgers-map",),
    ("double-well-chain",),
    ("iris-square-net",),
    ("tanh-neuron",),
    ("ridge-diabetes",),
    ("quartic-ridge-diabetes",),
    ("sgd-diabetes",),
    ("logistic-map-scalar",),
    ("quartic-pair", 'solver.method="march"'),
    ("quartic-pair", 'solver.method="kernel"'),
    ("cubic-pair", 'solver.method="lcu"'),
    ("ridge-diabetes", 'solver.method="hhl"', "solver.epsilon=0.05"),
    ("ridge-diabetes", 'solver.method="adiabatic"', "solver.epsilon=0.05"),
    ("ridge-diabetes", "data.features=8", "training.learning_rate=1"),
    ("burgers-map", "compile.ancilla_budget=40"),
    ("quartic-ridge-diabetes", "solver.amplification=true"),
]


def counted(document: Any, where: str = "") -> Iterator[tuple[str, object]]:
    """Every integer, truth value and length below a document, but for those of `REAL` keys."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key not in REAL:
                yield from counted(value, f"{where}.{key}")
    elif isinstance(document, list):
        yield f"{where}#", len(document)
        for place, value in enumerate(document):
            yield from counted(value, f"{where}[{place}]")
    elif isinstance(document, int):
        yield where, document


def moved_by(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every map that a spec derives be moved at random."""
    generator = np.random.default_rng(seed)

    def moved(item):
        operators = dict(item.operators)
        for degree, tensor in operators.items():
            if isinstance(tensor, SparseTensor):
                factors = 1 + MOVED * generator.uniform(-1, 1, size=tensor.nnz)
                operators[degree] = tensor.with_values(tensor.vals * factors, tensor.exact, tensor.lost)
        return item.with_tensors(operators)

    def training(spec, upload):
        found = build_training(spec, upload)
        known = {id(item): moved(item) for item in found.sequence.maps}
        maps = tuple(known[id(item)] for item in found.sequence.maps)
        return replace(found, sequence=MapSequence(maps=maps, schedule=found.sequence.schedule))

    monkeypatch.setattr(systems, "build_training", training)


@pytest.mark.parametrize("spec", SPECS, ids=" ".join)
def test_no_count_depends_on_the_last_bits(spec, monkeypatch):
    name, *overrides = spec
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = dict(counted(plain(estimate(fixed(name, overrides)).to_json())))
        for seed in (1, 2):
            moved_by(seed, monkeypatch)
            other = dict(counted(plain(estimate(fixed(name, overrides)).to_json())))
            assert other == first
