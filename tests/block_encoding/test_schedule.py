"""Time-dependent maps: the block of every step and the sources of b are those of the schedule's map."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.block_encoding import encode
from carlemanc.linear_system import HistorySystem
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate, simulate_columns
from carlemanc.state_preparation import prepare
from tests.block_encoding.systems import random_tensor
from tests.one_map import linearize
from tests.reference import polynomial_map


def _scheduled(
    rng: np.random.Generator,
    n: int,
    degrees: tuple[int, ...],
    order: int,
    schedule: tuple[int, ...],
    padding: int,
) -> HistorySystem:
    maps = [
        polynomial_map(n, {d: random_tensor(rng, n, d, density=0.6, scale=0.2) for d in degrees})
        for _ in range(max(schedule) + 1)
    ]
    systems = [linearize(item, order=order, gamma=0.9) for item in maps]
    start = 0.4 * np.cos(np.arange(n))
    return HistorySystem(systems=systems, schedule=schedule, padding=padding, u_in=start)


CASES = [
    (1, (0, 1, 2), 2, (0, 1, 0), 0),
    (1, (1, 3), 3, (0, 1, 2, 0), 1),
    (2, (0, 1), 1, (0, 1, 2, 0, 1), 0),
    (2, (1, 2), 2, (0, 1, 1, 0), 1),
    (2, (0, 1, 2), 2, (0, 1, 2), 0),
    (3, (0, 1), 1, (0, 1, 2, 3), 2),
    (2, (0, 1, 2), 2, (0, 1, 0, 1, 0), 2),
]


@pytest.mark.parametrize(("n", "degrees", "order", "schedule", "padding"), CASES)
def test_block_is_the_scheduled_history_matrix(n, degrees, order, schedule, padding) -> None:
    system = _scheduled(np.random.default_rng(n + order), n, degrees, order, schedule, padding)
    encoding = encode(system)
    program = emit(encoding)
    assert count(encoding).toffoli == tally(program).toffoli
    assert count(encoding).rotation_count == tally(program).rotations
    assert count(encoding).qubits == program.width
    size = 1 << len(program.registers["system"])
    rng = np.random.default_rng(0)
    columns = sorted(rng.choice(size, size=min(size, 24), replace=False).tolist())
    rows, cols, values = simulate_columns(program, "system", columns)
    block = np.zeros((size, len(columns)), dtype=complex)
    np.add.at(block, (rows, cols), encoding.alpha * values)
    np.testing.assert_allclose(block, system.matrix().tocsc()[:, columns].toarray(), atol=1e-11)


@pytest.mark.parametrize(("n", "degrees", "order", "schedule", "padding"), CASES)
def test_state_is_the_scheduled_right_hand_side(n, degrees, order, schedule, padding) -> None:
    system = _scheduled(np.random.default_rng(n + order), n, degrees, order, schedule, padding)
    bloq = prepare(system)
    program = emit(bloq)
    assert count(bloq).toffoli == tally(program).toffoli
    assert count(bloq).qubits == program.width
    indices, amplitudes = simulate(program).register_amplitudes("system")
    state = np.zeros(1 << len(program.registers["system"]), dtype=complex)
    state[indices] = amplitudes
    expected = system.rhs()
    np.testing.assert_allclose(state, expected / np.linalg.norm(expected), atol=1e-12)
