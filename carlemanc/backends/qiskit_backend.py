"""Qiskit: `Program` to `QuantumCircuit`, and exact amplitudes from Aer's state vector."""

from __future__ import annotations

import cmath
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from qiskit.circuit import (
    CircuitInstruction,
    ClassicalRegister,
    Clbit,
    Gate,
    IfElseOp,
    Measure,
    QuantumCircuit,
    QuantumRegister,
    Reset,
)
from qiskit.circuit.library import standard_gates as gates

from carlemanc.backends.file_layout import OUTCOME, FileLayout, canonical_wires, file_layout, global_phase
from carlemanc.backends.simulated_state import SimulatedState
from carlemanc.backends.simulation import read_register, simulable, wires_in_memory
from carlemanc.core.arrays import ComplexArray
from carlemanc.core.progress import track
from carlemanc.programs.lowering import LOWERED_OPS, LoweredProgram, Uncompute, lower
from carlemanc.programs.program import OPS, Program

MAX_AER_WIRES: Final = 26
"""A state vector of 2^26 complex128 is 1 GiB; Aer held ten of them at the peak where it starts from a given
state (measured), so smaller memories have a smaller limit."""

_AER_BYTES: Final = 160
_THREADS_FROM: Final = 20  # below, threads wait for each other longer than they work
_PIECE_GATES, _PIECE_UPDATES = 64, 1 << 32

_PLAIN: Final[dict[str, Gate]] = {
    "x": gates.XGate(), "y": gates.YGate(), "z": gates.ZGate(), "h": gates.HGate(), "s": gates.SGate(),
    "sdg": gates.SdgGate(), "t": gates.TGate(), "tdg": gates.TdgGate(), "cx": gates.CXGate(),
    "cz": gates.CZGate(), "swap": gates.SwapGate(), "reset": Reset(),
}  # fmt: skip
_READ: Final = Measure()


def to_qiskit(program: Program, *, uncompute: Uncompute = "measure") -> QuantumCircuit:
    """Return the circuit with the registers, bits, gates and global phase of the exported files.

    Qubits are numbered as `canonical_wires` does; the metadata of the program is the circuit's.
    """
    program = canonical_wires(program)
    lowered = lower(program, uncompute)
    layout = file_layout(lowered)
    frame = empty_circuit(lowered, layout)
    circuit = QuantumCircuit.from_instructions(
        track(_instructions(lowered, layout, frame), "building the Qiskit circuit", len(lowered)),
        qubits=frame.qubits,
        clbits=frame.clbits,
        name=frame.name,
        global_phase=frame.global_phase,
    )
    circuit.add_register(*frame.qregs, *frame.cregs)
    circuit.metadata = dict(program.metadata)
    return circuit


def empty_circuit(lowered: LoweredProgram, layout: FileLayout) -> QuantumCircuit:
    """Return the circuit without a gate: name, registers, bits, global phase."""
    classical = [(OUTCOME, layout.outcomes)] if layout.outcomes else []
    return QuantumCircuit(
        *[QuantumRegister(size, name) for name, size in layout.quantum],
        *[ClassicalRegister(size, name) for name, size in [*classical, *layout.readouts]],
        global_phase=global_phase(lowered),
        name="carlemanc",
    )


def instruction_of(circuit: QuantumCircuit, name: str, bit: int) -> CircuitInstruction:
    """Return an instruction of `LOWERED_OPS` on the first qubits of a circuit; `bit` is that of its condition."""
    if name == "rz":
        return CircuitInstruction(gates.RZGate(1.0), circuit.qubits[:1])
    if name == "measure":
        return CircuitInstruction(_READ, circuit.qubits[:1], circuit.clbits[:1])
    if name == "cz_if":
        return CircuitInstruction(_cz_if(circuit.clbits[bit]), circuit.qubits[:2], [circuit.clbits[bit]])
    return CircuitInstruction(_PLAIN[name], circuit.qubits[: _PLAIN[name].num_qubits])


def _instructions(
    lowered: LoweredProgram, layout: FileLayout, frame: QuantumCircuit
) -> Iterator[CircuitInstruction]:
    """Yield Qiskit's instructions, one gate object shared by all of a kind (and of a rotation angle)."""
    qubits = frame.qubits
    outcomes = frame.clbits[: layout.outcomes]
    readouts = frame.cregs[1 if layout.outcomes else 0 :]
    bits = [*outcomes, *(readouts[number][place] for number, place in layout.readout_bits)]
    fixups = [_cz_if(bit) for bit in outcomes]
    turns: dict[float, Gate] = {}
    columns = (lowered.codes, lowered.wires[:, 0], lowered.wires[:, 1], lowered.angles, lowered.bits)
    for code, a, b, angle, bit in zip(*(column.tolist() for column in columns), strict=True):
        name = LOWERED_OPS[code]
        if name == "rz":
            if angle not in turns:
                turns[angle] = gates.RZGate(angle)
            yield CircuitInstruction(turns[angle], (qubits[a],))
        elif name == "measure":
            yield CircuitInstruction(_READ, (qubits[a],), (bits[bit],))
        elif name == "cz_if":
            yield CircuitInstruction(fixups[bit], (qubits[a], qubits[b]), (bits[bit],))
        elif name != "gphase":
            yield CircuitInstruction(_PLAIN[name], (qubits[a],) if b < 0 else (qubits[a], qubits[b]))


def _cz_if(bit: Clbit) -> IfElseOp:
    body = QuantumCircuit(QuantumRegister(2, "pair"), [bit], name="outcome_1")  # not a number of the process
    body.cz(0, 1)
    return IfElseOp((bit, 1), body)


def most_aer_wires() -> int:
    """Return the limit of the qubits on this machine."""
    return min(MAX_AER_WIRES, wires_in_memory(_AER_BYTES))


def simulate_aer(
    program: Program, *, register: str = "system", max_wires: int = MAX_AER_WIRES
) -> SimulatedState:
    """Run `program` on |0...0> with Aer's state-vector method and return the register's exact amplitudes.

    ANDs run as one Toffoli gate each, computed and undone unitarily (what an AND does on its clean target);
    amplitudes are exact to rounding, nothing is measured.

    Raises TooLarge above `max_wires` wires or 10^12 amplitude updates, InternalError where a work wire does
    not return to |0>.
    """
    from qiskit_aer import AerSimulator

    limit = min(max_wires, most_aer_wires())
    ordered = simulable(program, register=register, backend="aer", max_wires=limit)
    simulator = AerSimulator(
        method="statevector", enable_truncation=False, statevector_parallel_threshold=_THREADS_FROM
    )
    pieces = list(_pieces(ordered))
    vector: ComplexArray | None = None
    for piece in track(pieces, f"Aer, {ordered.width} qubits", len(pieces)):
        circuit = _toffoli_circuit(piece, vector)
        circuit.save_statevector()
        vector = np.asarray(simulator.run(circuit, shots=1).result().get_statevector(), dtype=np.complex128)
    assert vector is not None  # there is at least one piece
    vector *= cmath.exp(1j * global_phase(ordered))
    return read_register(vector, ordered, register=register, backend="aer", width=program.width)


def _pieces(program: Program) -> Iterator[Program]:
    """Cut the program so that a piece takes some ten seconds: Aer reports no progress and hears no
    interrupt."""
    step = max(_PIECE_GATES, _PIECE_UPDATES >> program.width)
    for start in range(0, max(len(program), 1), step):
        part = slice(start, start + step)
        yield replace(
            program, codes=program.codes[part], wires=program.wires[part], angles=program.angles[part]
        )


def _toffoli_circuit(program: Program, initial: ComplexArray | None) -> QuantumCircuit:
    """Return the circuit gate for gate from state `initial` (None: |0>), ANDs as ccx and ry kept, no
    phase."""
    circuit = QuantumCircuit(program.width)
    if initial is not None:
        circuit.set_statevector(initial)
    plain: dict[str, Gate] = {**_PLAIN, "and": gates.CCXGate(), "and_dg": gates.CCXGate()}
    turns: dict[str, type[Gate]] = {"rz": gates.RZGate, "ry": gates.RYGate}
    rows = zip(program.codes.tolist(), program.wires.tolist(), program.angles.tolist(), strict=True)
    for code, wires, angle in rows:
        name = OPS[code]
        if name != "gphase":
            gate = turns[name](angle) if name in turns else plain[name]
            circuit.append(gate, [wire for wire in wires if wire >= 0], copy=False)
    return circuit
