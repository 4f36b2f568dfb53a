"""OpenQASM 2: only gates of `qelib1.inc`, so that `qiskit.qasm2.loads` reads the file with its defaults.

Version 2 knows no global phase and no `swap`, so the first becomes two `u3` that multiply to a pure phase and
the second a gate defined in the file; conditions stand on whole registers, so each AND outcome has its own of
one bit.
"""

from __future__ import annotations

import io
from typing import Final, TextIO

import numpy as np

from carlemanc.backends.file_layout import OUTCOME, FileLayout, global_phase
from carlemanc.backends.gate_text import Dialect, decimal, write_qasm
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import CODE, Program


def write_qasm2(program: Program, stream: TextIO, *, uncompute: Uncompute = "unitary") -> None:
    """Write `program` as OpenQASM 2.

    Gates: x y z h s sdg t tdg rz cx cz swap; a global phase that is not 0 is written as two `u3`, which are
    of no tally. With `uncompute="measure"`, also `measure`, `if` and `reset`. Qubits are numbered as
    `canonical_wires` does.
    """
    write_qasm(program, stream, uncompute, _DIALECT)


def to_qasm2(program: Program, *, uncompute: Uncompute = "unitary") -> str:
    """Return what `write_qasm2` writes."""
    stream = io.StringIO()
    write_qasm2(program, stream, uncompute=uncompute)
    return stream.getvalue()


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


def _declarations(program: Program, layout: FileLayout) -> list[str]:
    swap = "gate swap a,b { cx a,b; cx b,a; cx a,b; }"
    return [
        *([swap] if np.any(program.codes == CODE["swap"]) else []),
        *(f"qreg {name}[{size}];" for name, size in layout.quantum),
        *(f"creg {OUTCOME}_{number}[1];" for number in range(layout.outcomes)),
        *(f"creg {name}[{size}];" for name, size in layout.readouts),
        *_phase_gates(program, layout.qubits),
    ]


def _phase_gates(program: Program, qubits: tuple[str, ...]) -> list[str]:
    phase = decimal(global_phase(program))
    return [
        f"u3(pi,{angle},{angle}) {qubits[wire]};" for wire in phase_layers(program) for angle in (phase, "pi")
    ]


_DIALECT: Final = Dialect(
    measure=lambda qubit, bit: f"measure {qubit} -> {bit};\n",
    cz_if=lambda a, b, test: f"if({test}) cz {a},{b};\n",
    outcome_bit=lambda number: f"{OUTCOME}_{number}[0]",
    outcome_test=lambda number: f"{OUTCOME}_{number}==1",
    version="2.0",
    include="qelib1.inc",
    declarations=_declarations,
)
