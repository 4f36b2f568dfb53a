"""What the state-vector simulators share: the program they run, its limits, reading the register out."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

import numpy as np

from carlemanc.backends.file_layout import canonical_wires
from carlemanc.backends.simulated_state import SimulatedState, state_from_vector
from carlemanc.core.arrays import ComplexArray
from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.programs.program import CODE, Program

_LEAK: Final = 1e-9
MAX_UPDATES: Final = 10**12
"""Gates times amplitudes: at the 2 to 4 ns measured for Aer and Cirq on one core, about an hour."""


def wires_in_memory(bytes_per_amplitude: int) -> int:
    """Return how many wires a state vector may have in half of this machine's memory."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (memory // 2 // bytes_per_amplitude).bit_length() - 1


def simulable(program: Program, *, register: str, backend: str, max_wires: int) -> Program:
    """Return `program` with `register` on wires 0.., the other registers next, work wires last, unused wires
    gone.

    Raises TooLarge above `max_wires` used wires or `MAX_UPDATES` (the message names the `sparse` back end),
    InternalError where the register is unknown or the program measures.
    """
    if register not in program.registers:
        raise InternalError(f"no register {register!r}: the program has {sorted(program.registers)}")
    if np.any(program.codes == CODE["measure"]):
        raise InternalError("exact amplitudes need a program without measurements")
    ordered = _without_unused_wires(canonical_wires(program, first=(register,)))
    refuse_large(backend, qubits=ordered.width, gates=len(ordered), max_wires=max_wires)
    return ordered


def refuse_large(backend: str, *, qubits: int, gates: int, max_wires: int, at_least: bool = False) -> None:
    """Raise TooLarge where a circuit of so many qubits and gates is too much for a state vector.

    Args:
        backend: its name.
        qubits: those that gates touch.
        gates: their number.
        max_wires: limit of the qubits.
        at_least: whether there may be more gates.
    """
    if qubits > max_wires or gates << qubits > MAX_UPDATES:
        raise TooLarge(
            f"the circuit for the back end {backend!r}",
            size=f"{qubits} qubits and {'at least ' * at_least}{gates} gates on 2^{qubits} amplitudes",
            limit=f"{max_wires} qubits, and {MAX_UPDATES:.0e} gates times amplitudes",
            instead="The back end `sparse` stores nonzero amplitudes only: use `--backend sparse`.",
        )


def read_register(
    vector: ComplexArray, program: Program, *, register: str, backend: str, width: int
) -> SimulatedState:
    """Return the register's amplitudes from the state vector (index bit i = wire i) of a `simulable` program.

    Raises InternalError where a clean work wire did not return to |0>.
    """
    bits = len(program.registers[register])
    named = sum(map(len, program.registers.values()))
    total = float(np.vdot(vector, vector).real)
    clean = vector[: 1 << named]
    leak = total - float(np.vdot(clean, clean).real)
    if leak > _LEAK:
        raise InternalError(f"work wires do not return to |0>: probability {leak:.3g} elsewhere")
    return state_from_vector(vector[: 1 << bits].copy(), backend=backend, register=register, width=width)


def _without_unused_wires(program: Program) -> Program:
    """Drop work wires that no gate touches; they stay in |0> (registers keep theirs)."""
    named = sum(map(len, program.registers.values()))
    used = np.zeros(program.width + 1, dtype=bool)
    used[program.wires] = True
    used[:named] = True
    used[-1] = False
    position = np.full(program.width + 1, -1, dtype=np.int32)
    position[:-1] = np.cumsum(used[:-1]) - 1
    position[~used] = -1
    return replace(program, width=int(used.sum()), wires=position[program.wires])
