"""Permutations run on integers: the same states as gate by gate, the same checks, and the last use of each wire."""

import numpy as np
import pytest

from carlemanc.core.errors import InternalError
from carlemanc.programs import permutation_stretch
from carlemanc.programs.last_uses import last_uses
from carlemanc.programs.program import ARITY, OPS
from carlemanc.programs.sparse_state import simulate, simulate_columns
from tests.reference import evaluate, program_of

WIDTH = 7


def random_ops(rng, length):
    """Gates on wires 0..5, wire 6 for ANDs that are undone after a while; permutations come in runs."""
    ops = []
    while len(ops) < length:
        a, b, c = (int(wire) for wire in rng.permutation(6)[:3])
        kind = int(rng.integers(7))
        if kind < 3:
            ops += [("x", a), ("cx", a, b), ("cx", b, c), ("cx", c, a)]
        elif kind == 3:
            ops += [("and", a, b, 6), ("cx", 6, c), ("x", c), ("and_dg", a, b, 6)]
        else:
            ops.append([("h", a), ("ry", a, float(rng.normal())), ("swap", a, b)][kind - 4])
    return ops


@pytest.mark.parametrize("shortest", [1, 2, 5])
def test_random_circuits_against_dense_states(monkeypatch, shortest):
    monkeypatch.setattr(permutation_stretch, "SHORTEST", shortest)
    rng = np.random.default_rng(shortest)
    for _ in range(60):
        program = program_of(WIDTH, random_ops(rng, 40))
        state = simulate(program, {0: 0.6, 21: 0.8j})
        found = np.zeros(1 << WIDTH, dtype=complex)
        found[state.values(range(WIDTH))] = state.amplitudes
        start = np.zeros(1 << WIDTH, dtype=complex)
        start[[0, 21]] = 0.6, 0.8j
        assert np.abs(found - evaluate(program, start)).max() < 1e-12


def test_projections_and_many_columns(monkeypatch):
    """Projecting early, in the middle of stretches, leaves the block as it is; more columns than a word has bits."""
    rng = np.random.default_rng(7)
    for _ in range(20):
        program = program_of(WIDTH, random_ops(rng, 60), system=(0, 1, 2), flags=(3, 4, 5, 6))
        blocks = []
        for shortest, early in ((10**6, False), (10**6, True), (2, True), (2, False)):
            monkeypatch.setattr(permutation_stretch, "SHORTEST", shortest)
            columns = [0, 1, 2, 3, 4, 5, 6, 7] * 9
            rows, cols, values = simulate_columns(program, "system", columns, project_early=early)
            block = np.zeros((8, len(columns)), dtype=complex)
            np.add.at(block, (rows, cols), values)
            blocks.append(block)
        assert max(np.abs(block - blocks[0]).max() for block in blocks) < 1e-12


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ([("x", 0), ("and", 1, 2, 0)], "computed into wire 0"),
        ([("x", 0), ("x", 1), ("and_dg", 0, 1, 2)], "undone as the AND of wires 0 and 1"),
        ([("measure", 1), ("x", 0), ("cx", 0, 1)], "measured"),
    ],
)
def test_checks(monkeypatch, ops, message):
    monkeypatch.setattr(permutation_stretch, "SHORTEST", 1)
    with pytest.raises(InternalError, match=message):
        simulate(program_of(3, ops))


def test_last_uses_are_those_of_a_walk_over_the_gates():
    rng = np.random.default_rng(3)
    for _ in range(30):
        program = program_of(WIDTH, random_ops(rng, 30))
        places, last = list(range(WIDTH)), [-1] * WIDTH
        for number, (code, wires) in enumerate(
            zip(program.codes.tolist(), program.wires.tolist(), strict=True)
        ):
            if OPS[code] == "swap":
                a, b = wires[:2]
                places[a], places[b] = places[b], places[a]
                continue
            for wire in wires[: ARITY[code]]:
                last[places[wire]] = number
        assert last_uses(program) == (places, last)
