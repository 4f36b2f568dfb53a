"""OpenQASM 3: `qubit`, `bit`, `if` and `gphase`; written straight from the arrays, without Qiskit."""

from __future__ import annotations

import io
from typing import Final, TextIO

from carlemanc.backends.file_layout import OUTCOME, FileLayout, global_phase
from carlemanc.backends.gate_text import Dialect, decimal, write_qasm
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program


def write_qasm3(program: Program, stream: TextIO, *, uncompute: Uncompute = "measure") -> None:
    """Write `program` as OpenQASM 3.

    Gates: those of `stdgates.inc` in x y z h s sdg t tdg rz cx cz swap, and `gphase` once where the global
    phase is not 0. With `uncompute="measure"`, also `measure`, `if` and `reset`. Qubits are numbered as
    `canonical_wires` does.
    """
    write_qasm(program, stream, uncompute, _DIALECT)


def to_qasm3(program: Program, *, uncompute: Uncompute = "measure") -> str:
    """Return what `write_qasm3` writes."""
    stream = io.StringIO()
    write_qasm3(program, stream, uncompute=uncompute)
    return stream.getvalue()


def _declarations(program: Program, layout: FileLayout) -> list[str]:
    phase = global_phase(program)
    return [
        *(f"qubit[{size}] {name};" for name, size in layout.quantum),
        *([f"bit[{layout.outcomes}] {OUTCOME};"] if layout.outcomes else []),
        *(f"bit[{size}] {name};" for name, size in layout.readouts),
        *([f"gphase({decimal(phase)});"] if phase else []),
    ]


_DIALECT: Final = Dialect(
    measure=lambda qubit, bit: f"{bit} = measure {qubit};\n",
    cz_if=lambda a, b, test: f"if ({test}) {{ cz {a},{b}; }}\n",
    outcome_bit=lambda number: f"{OUTCOME}[{number}]",
    outcome_test=lambda number: f"{OUTCOME}[{number}]",
    version="3.0",
    include="stdgates.inc",
    declarations=_declarations,
)
