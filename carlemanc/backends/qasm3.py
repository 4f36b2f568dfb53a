"""OpenQASM 3: `qubit`, `bit`, `if` and `gphase`; written straight from the arrays, without Qiskit."""

from __future__ import annotations

import io
from typing import Final, TextIO

from carlemanc.backends.file_layout import OUTCOME, canonical_wires, file_layout, global_phase
from carlemanc.backends.gate_text import Dialect, decimal, gate_lines, header_comments
from carlemanc.circuit.lowering import Uncompute, lower
from carlemanc.circuit.program import Program

_DIALECT: Final = Dialect(
    measure=lambda qubit, bit: f"{bit} = measure {qubit};\n",
    cz_if=lambda a, b, test: f"if ({test}) {{ cz {a},{b}; }}\n",
    outcome_bit=lambda number: f"{OUTCOME}[{number}]",
    outcome_test=lambda number: f"{OUTCOME}[{number}]",
)


def write_qasm3(program: Program, stream: TextIO, *, uncompute: Uncompute = "measure") -> None:
    """Write `program` as OpenQASM 3.

    Gates: those of `stdgates.inc` in x y z h s sdg t tdg rz cx cz swap, and `gphase` once where the global
    phase is not 0. With `uncompute="measure"`, also `measure`, `if` and `reset`. Qubits are numbered as
    `canonical_wires` does.
    """
    program = canonical_wires(program)
    lowered = lower(program, uncompute)
    layout = file_layout(lowered)
    lines = ["OPENQASM 3.0;", *header_comments(program, layout, uncompute), 'include "stdgates.inc";']
    lines += [f"qubit[{size}] {name};" for name, size in layout.quantum]
    if layout.outcomes:
        lines.append(f"bit[{layout.outcomes}] {OUTCOME};")
    lines += [f"bit[{size}] {name};" for name, size in layout.readouts]
    phase = global_phase(program)
    if phase:
        lines.append(f"gphase({decimal(phase)});")
    stream.write("\n".join(lines) + "\n")
    for text in gate_lines(lowered, layout, _DIALECT):
        stream.write(text)


def to_qasm3(program: Program, *, uncompute: Uncompute = "measure") -> str:
    """Return what `write_qasm3` writes."""
    stream = io.StringIO()
    write_qasm3(program, stream, uncompute=uncompute)
    return stream.getvalue()
