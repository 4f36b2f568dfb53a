"""Steps that turn signs: a selector of a single color still has to carry them."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.block_encoding import encode
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate_columns
from tests.block_encoding.systems import history
from tests.reference import tensor


@pytest.mark.parametrize(
    "diagonal", [(-1.5,), (-1.5, -1.5), (-1.5, -0.5), (-0.5, 0.0, -1.5)], ids=lambda d: f"F_1={d}"
)
@pytest.mark.parametrize("cubic", [0.0, -0.2])
def test_overshooting_steps(diagonal: tuple[float, ...], cubic: float) -> None:
    n = len(diagonal)
    tensors = {1: tensor(n, 1, {(i, i): value for i, value in enumerate(diagonal) if value})}
    if cubic:
        tensors[3] = tensor(n, 3, {(i, i, i, i): cubic for i in range(n)})
    system = history(tensors, n=n, order=3 if cubic else 1, steps=2)
    encoding = encode(system)
    program = emit(encoding)
    size = 1 << len(program.registers["system"])
    columns = list(range(min(size, 64)))
    rows, cols, values = simulate_columns(program, "system", columns)
    block = np.zeros((size, len(columns)), dtype=complex)
    np.add.at(block, (rows, cols), encoding.alpha * values)
    np.testing.assert_allclose(block, system.matrix().tocsc()[:, columns].toarray(), atol=1e-12)
