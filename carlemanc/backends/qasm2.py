"""OpenQASM 2: only gates of `qelib1.inc`, so that `qiskit.qasm2.loads` reads the file with its defaults.

Version 2 knows no global phase and no `swap`, so the first becomes gates (`phase_gates`) and the second a gate defined
in the file; conditions stand on whole registers, so each AND outcome has its own of
one bit.
"""

from __future__ import annotations

import io
from typing import Final, TextIO

import numpy as np

from carlemanc.backends.file_layout import OUTCOME, FileLayout, readout_bits
from carlemanc.backends.gate_text import Dialect, write_qasm
from carlemanc.backends.phase_gates import phase_gates
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


def _declarations(program: Program, layout: FileLayout) -> list[str]:
    swap = "gate swap a,b { cx a,b; cx b,a; cx a,b; }"
    return [
        *([swap] if np.any(program.codes == CODE["swap"]) else []),
        *(f"qreg {name}[{size}];" for name, size in layout.quantum),
        *(f"creg {OUTCOME}_{number}[1];" for number in range(layout.outcomes)),
        *(f"creg {name}[{size}];" for name, size in layout.readouts),
        *phase_gates(program, layout.qubits),
    ]


_DIALECT: Final = Dialect(
    version="2.0",
    include="qelib1.inc",
    measure=lambda qubit, bit: f"measure {qubit} -> {bit};\n",
    cz_if=lambda a, b, bit: f"if({bit.removesuffix('[0]')}==1) cz {a},{b};\n",
    bits=lambda layout: [
        *(f"{OUTCOME}_{number}[0]" for number in range(layout.outcomes)),
        *readout_bits(layout),
    ],
    declarations=_declarations,
)
