"""OpenQASM 3: `qubit`, `bit`, `if` and `gphase`; written straight from the arrays, without Qiskit.

One file does not suit every reader. `qiskit` is the language as Qiskit and qdk read it: `stdgates.inc` is included and
each register of the program is one. `braket` and `pennylane` include nothing and number all qubits in one row; their
gates are those that Amazon Braket and PennyLane know by themselves.

- Braket has one register `q`. Its simulator returns the bits of one classical register, so `c` holds the bits of
  `measure` in the order of their qubits, then the outcomes of ANDs; and it drops qubits without a gate, so these have
  an identity, which no count holds.
- PennyLane measures no part of a register and keeps one value for a whole register of bits, so each qubit `q0`, `q1`,
  ... and each bit `c0`, ... is declared alone; and it reads `gphase(a)` as e^{-ia} (0.45.1), so a phase becomes gates.

Both take a circuit without feed-forward further (Braket to its devices, PennyLane to simulators that spend no wire on a
measurement), so theirs undo ANDs unitarily unless told.

For QIR, qdk compiles a file of the dialect `qiskit`:

    from qdk.openqasm import compile
    qir = str(compile(open("out/circuit.qasm").read()))
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final, TextIO

import numpy as np

from carlemanc.backends.file_layout import OUTCOME, FileLayout, global_phase, readout_bits
from carlemanc.backends.gate_text import Dialect, decimal, write_qasm
from carlemanc.backends.phase_gates import phase_gates
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program


def write_qasm3(
    program: Program, stream: TextIO, *, uncompute: Uncompute = "measure", dialect: str = "qiskit"
) -> None:
    """Write `program` as OpenQASM 3.

    Gates: x y z h s sdg t tdg rz cx cz swap, as the dialect calls them, and `gphase` once (for PennyLane two `u3`)
    where the global phase is not 0. With `uncompute="measure"`, also `measure`, `if` and `reset`. Qubits are numbered
    as `canonical_wires` does.

    Args:
        program: what is written.
        stream: text.
        uncompute: how ANDs are undone.
        dialect: a key of `DIALECTS`.
    """
    write_qasm(program, stream, uncompute, DIALECTS[dialect])


def to_qasm3(program: Program, *, uncompute: Uncompute = "measure", dialect: str = "qiskit") -> str:
    """Return what `write_qasm3` writes."""
    stream = io.StringIO()
    write_qasm3(program, stream, uncompute=uncompute, dialect=dialect)
    return stream.getvalue()


def _registers(program: Program, layout: FileLayout) -> list[str]:
    return [
        *(f"qubit[{size}] {name};" for name, size in layout.quantum),
        *([f"bit[{layout.outcomes}] {OUTCOME};"] if layout.outcomes else []),
        *(f"bit[{size}] {name};" for name, size in layout.readouts),
        *_phase(program),
    ]


def _one_register(program: Program, layout: FileLayout) -> list[str]:
    bits = layout.outcomes + len(layout.readout_bits)
    idle = np.setdiff1d(np.arange(program.width), program.wires)
    return [
        f"qubit[{program.width}] q;",
        *([f"bit[{bits}] c;"] if bits else []),
        *_phase(program),
        *(f"i q[{wire}];" for wire in idle.tolist()),
    ]


def _one_by_one(program: Program, layout: FileLayout) -> list[str]:
    return [
        *(f"qubit {name};" for name in layout.qubits),
        *(f"bit c{number};" for number in sorted(_numbers(layout))),
        *phase_gates(program, layout.qubits),
    ]


def _phase(program: Program) -> Iterator[str]:
    phase = global_phase(program)
    if phase:
        yield f"gphase({decimal(phase)});"


def _numbers(layout: FileLayout) -> list[int]:
    """Return the place of each classical bit: those of `measure` first, as their qubits stand."""
    read = len(layout.readout_bits)
    places = {bit: place for place, bit in enumerate(sorted(layout.readout_bits))}
    return [*range(read, read + layout.outcomes), *(places[bit] for bit in layout.readout_bits)]


DIALECTS: Final = {
    "qiskit": Dialect(
        version="3.0",
        include="stdgates.inc",
        measure=lambda qubit, bit: f"{bit} = measure {qubit};\n",
        cz_if=lambda a, b, bit: f"if ({bit}) {{ cz {a},{b}; }}\n",
        bits=lambda layout: [
            *(f"{OUTCOME}[{number}]" for number in range(layout.outcomes)),
            *readout_bits(layout),
        ],
        declarations=_registers,
    ),
    "braket": Dialect(
        version="3.0",
        include="",
        measure=lambda qubit, bit: f"{bit} = measure {qubit};\n",
        cz_if=lambda a, b, bit: f"if ({bit} == 1) {{ cz {a},{b}; }}\n",
        bits=lambda layout: [f"c[{number}]" for number in _numbers(layout)],
        declarations=_one_register,
        names={"cx": "cnot", "sdg": "si", "tdg": "ti"},
        qubit="q[{}]",
    ),
    "pennylane": Dialect(
        version="3.0",
        include="",
        measure=lambda qubit, bit: f"{bit} = measure {qubit};\n",
        cz_if=lambda a, b, bit: f"if ({bit}) {{ cz {a},{b}; }}\n",
        bits=lambda layout: [f"c{number}" for number in _numbers(layout)],
        declarations=_one_by_one,
        qubit="q{}",
    ),
}
"""By the name that `carlemanc compile --dialect` has for it."""
