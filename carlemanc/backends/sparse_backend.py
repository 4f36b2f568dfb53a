"""The default simulator, `carlemanc.programs.sparse_state`, behind the same door as Aer and Cirq."""

from __future__ import annotations

from typing import Any

from carlemanc.backends.simulated_state import SimulatedState
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import simulate


def simulate_sparse(program: Program, *, register: str = "system", **options: Any) -> SimulatedState:
    """Run `program` on |0...0> with the sparse-state simulator and return the register's exact amplitudes.

    `options` are `max_amplitudes`, `max_work`, `threshold`, `projected` and `label` of
    `programs.sparse_state.simulate`.

    Raises TooLarge where the number of nonzero amplitudes or the work exceeds its limit, InternalError where an undone
    AND was none.
    """
    state = simulate(program, **options)
    indices, amplitudes = state.register_amplitudes(register)
    return SimulatedState(
        backend="sparse",
        register=register,
        bits=len(program.registers[register]),
        width=program.width,
        indices=indices,
        amplitudes=amplitudes,
    )
