"""A global phase as gates, for files whose readers have no word for it, or read it otherwise."""

from __future__ import annotations

import numpy as np

from carlemanc.backends.file_layout import global_phase
from carlemanc.backends.gate_text import decimal
from carlemanc.programs.program import Program


def phase_layers(program: Program) -> dict[int, int]:
    """Return wire -> gates that write the global phase of a program with canonical wires; nothing where it is 0.

    Two gates, each Pauli Y up to a phase: u3(pi,pi,pi) u3(pi,a,a) = e^{ia}, with u3 as Qiskit reads it (upper left
    entry cos(theta/2)). They stand at the start of the wire that is needed last, where they least lengthen the circuit.
    """
    if not global_phase(program) or not program.width:
        return {}
    first_use = np.full(program.width + 1, len(program), dtype=np.int64)
    for place in range(3):
        np.minimum.at(first_use, program.wires[:, place], np.arange(len(program)))
    return {int(np.argmax(first_use[: program.width])): 2}


def phase_gates(program: Program, qubits: tuple[str, ...]) -> list[str]:
    """Return the lines of these gates; `qubits` has what each wire is called."""
    phase = decimal(global_phase(program))
    return [
        f"u3(pi,{angle},{angle}) {qubits[wire]};" for wire in phase_layers(program) for angle in (phase, "pi")
    ]
