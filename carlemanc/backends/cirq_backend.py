"""Cirq: `Program` to `cirq.Circuit`, Cirq's JSON, and exact amplitudes from Cirq's own simulator."""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterator
from typing import Final, TextIO

import cirq
import numpy as np

from carlemanc.backends.file_layout import OUTCOME, canonical_wires, file_layout, global_phase
from carlemanc.backends.simulated_state import SimulatedState
from carlemanc.backends.simulation import read_register, simulable
from carlemanc.core.progress import task, track
from carlemanc.programs.lowering import LOWERED_OPS, LoweredProgram, Uncompute, lower
from carlemanc.programs.program import OPS, Program

MAX_CIRQ_WIRES: Final = 22
"""Cirq applies every gate to the whole vector in numpy: 2^22 amplitudes take some 0.1 s a gate."""

_PLAIN: Final[dict[str, cirq.Gate]] = {
    "x": cirq.X, "y": cirq.Y, "z": cirq.Z, "h": cirq.H, "s": cirq.S, "sdg": cirq.S**-1, "t": cirq.T,
    "tdg": cirq.T**-1, "cx": cirq.CNOT, "cz": cirq.CZ, "swap": cirq.SWAP, "reset": cirq.ResetChannel(),
}  # fmt: skip


def to_cirq(program: Program, *, uncompute: Uncompute = "measure") -> cirq.Circuit:
    """Return the circuit on `LineQubit`s: qubit i is wire i of `canonical_wires(program)`, as in every file.

    With `uncompute="measure"` the k-th undone AND has measurement key `and_outcome_k`; read-outs have the
    keys `<register>_readout[i]`. A global phase that is not 0 is a `cirq.global_phase_operation`.
    """
    lowered = lower(canonical_wires(program), uncompute)
    return cirq.Circuit(track(_operations(lowered), "building the Cirq circuit", len(lowered)))


def _operations(lowered: LoweredProgram) -> Iterator[cirq.Operation]:
    layout = file_layout(lowered)
    qubits = cirq.LineQubit.range(lowered.width)
    phase = global_phase(lowered)
    if phase:
        yield cirq.global_phase_operation(cmath.exp(1j * phase))
    probes = 0
    columns = (lowered.codes, lowered.wires[:, 0], lowered.wires[:, 1], lowered.angles, lowered.bits)
    for code, a, b, angle, bit in zip(*(column.tolist() for column in columns), strict=True):
        name = LOWERED_OPS[code]
        if name == "rz":
            yield cirq.rz(angle).on(qubits[a])
        elif name == "measure" and bit < layout.outcomes:
            yield cirq.measure(qubits[a], key=f"{OUTCOME}_{probes}")
            probes += 1
        elif name == "measure":
            number, place = layout.readout_bits[bit - layout.outcomes]
            yield cirq.measure(qubits[a], key=f"{layout.read[number]}_readout[{place}]")
        elif name == "cz_if":  # follows the measurement it depends on
            yield cirq.CZ(qubits[a], qubits[b]).with_classical_controls(f"{OUTCOME}_{probes - 1}")
        elif name != "gphase":
            yield _PLAIN[name].on(*((qubits[a],) if b < 0 else (qubits[a], qubits[b])))


def write_cirq_json(program: Program, stream: TextIO, *, uncompute: Uncompute = "measure") -> None:
    """Write the Cirq circuit as Cirq's JSON (`cirq.read_json` reads it)."""
    cirq.to_json(to_cirq(program, uncompute=uncompute), stream, indent=None)


def most_cirq_wires() -> int:
    """Return the limit of the qubits."""
    return MAX_CIRQ_WIRES


def simulate_cirq(
    program: Program, *, register: str = "system", max_wires: int = MAX_CIRQ_WIRES
) -> SimulatedState:
    """Run `program` on |0...0> with `cirq.Simulator` (complex128) and return the register's exact amplitudes.

    ANDs run as one Toffoli gate each, computed and undone unitarily; nothing is measured.

    Raises TooLarge above `max_wires` wires, InternalError where a work wire does not return to |0>.
    """
    ordered = simulable(program, register=register, backend="cirq", max_wires=max_wires)
    qubits = cirq.LineQubit.range(ordered.width)
    circuit = cirq.Circuit(_toffoli_operations(ordered, qubits))
    simulator = cirq.Simulator(dtype=np.complex128, split_untangled_states=False)
    with task(f"Cirq, {ordered.width} qubits, {len(ordered)} gates"):
        result = simulator.simulate(
            circuit, qubit_order=qubits[::-1]
        )  # Cirq's first qubit is most significant
    vector = np.asarray(result.final_state_vector, dtype=np.complex128)
    vector = vector * cmath.exp(1j * global_phase(ordered))
    return read_register(vector, ordered, register=register, backend="cirq", width=program.width)


def _toffoli_operations(program: Program, qubits: list[cirq.LineQubit]) -> Iterator[cirq.Operation]:
    gates: dict[str, cirq.Gate] = {**_PLAIN, "and": cirq.CCX, "and_dg": cirq.CCX}
    turns: dict[str, Callable[[float], cirq.Gate]] = {"rz": cirq.rz, "ry": cirq.ry}
    rows = zip(program.codes.tolist(), program.wires.tolist(), program.angles.tolist(), strict=True)
    for code, wires, angle in rows:
        name = OPS[code]
        if name != "gphase":
            gate = turns[name](angle) if name in turns else gates[name]
            yield gate.on(*(qubits[wire] for wire in wires if wire >= 0))
