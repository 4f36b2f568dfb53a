"""The matrix between named registers of an emitted circuit, column by column; work wires must end in |0>."""

from __future__ import annotations

import numpy as np

from carlemanc.circuit.sparse_state import simulate


def unitary(program, names):
    """Return the matrix on the registers, the first one least significant."""
    wires = [wire for name in names for wire in program.registers[name]]
    mask = sum(1 << wire for wire in wires)
    columns = []
    for column in range(1 << len(wires)):
        state = simulate(program, {sum((column >> i & 1) << wire for i, wire in enumerate(wires)): 1.0 + 0j})
        found = np.zeros(1 << len(wires), dtype=complex)
        for index, amplitude in zip(
            state.values(range(state.width)).tolist(), state.amplitudes.tolist(), strict=True
        ):
            assert not index & ~mask or abs(amplitude) < 1e-12, "a work wire is left dirty"
            found[sum((index >> wire & 1) << i for i, wire in enumerate(wires))] += amplitude
        columns.append(found)
    return np.array(columns).T
