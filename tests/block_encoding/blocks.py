"""What a block encoding must satisfy beyond its block: unitary on states with flags up, T_d by reflections."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.block_encoding import data_steps, leaf_choice
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from tests.bloqs.checks import concatenate, reflection

TOLERANCE = 1e-12


def random_superposition(program, registers, count, seed=0):
    """A normalized state of `count` random basis states of the registers."""
    rng = np.random.default_rng(seed)
    wires = [wire for name in registers for wire in program.registers[name]]
    keys = {
        sum(int(b) << w for b, w in zip(rng.integers(0, 2, len(wires)), wires, strict=True))
        for _ in range(count)
    }
    amplitudes = rng.normal(size=len(keys)) + 1j * rng.normal(size=len(keys))
    return dict(zip(sorted(keys), (amplitudes / np.linalg.norm(amplitudes)).tolist(), strict=True))


def as_dictionary(state):
    values = state.values(range(state.width)).tolist()
    return dict(zip(values, state.amplitudes.tolist(), strict=True))


def check_unitary(encoding):
    forward, backward = emit(encoding), emit(encoding.adjoint())
    for first, second in ((forward, backward), (backward, forward)):
        start = random_superposition(first, ["system", "ancilla"], 6)
        middle = simulate(first, start)
        assert middle.norm() == pytest.approx(1, abs=1e-12)
        end = as_dictionary(simulate(second, as_dictionary(middle)))
        assert max(abs(end.get(key, 0) - start.get(key, 0)) for key in {*end, *start}) < TOLERANCE


def choose_leaves(monkeypatch, wanted):
    """Let each degree have the leaf wanted(degree) where it can, whatever it costs and however few its entries."""
    monkeypatch.setattr(data_steps, "_TABULATED", 0)
    monkeypatch.setattr(
        leaf_choice,
        "_total",
        lambda degrees, kinds, _: sum(kind != wanted(d) for d, kind in zip(degrees, kinds, strict=True)),
    )


def chebyshev(program, adjoint, degree):
    """U R U^dagger R U ... with R = 1 - 2|0><0| on the ancilla: (+-) T_degree of the singular values."""
    mirror = reflection(program, "ancilla")
    parts = [program]
    for k in range(1, degree):
        parts += [mirror, adjoint if k % 2 else program]
    return concatenate(parts)
