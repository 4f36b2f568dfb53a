"""Qiskit's binary format QPY, written a chunk of gates at a time: no Qiskit circuit is held in memory.

A QPY file of version 13 is a header, one record for each instruction and a tail; a record says gate, qubits, bits and
parameters, and stands alone. Qiskit itself writes a sample with each kind of instruction that the program has, once.
Its header, with the number of instructions set, and its tail are those of the file; its records, with other qubits,
bits and angles, are the instructions. The format is specified in Qiskit's documentation ("QPY format"); every later
Qiskit reads version 13, and 1.3 was the first.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from carlemanc.backends.file_layout import FileLayout, canonical_wires, file_layout
from carlemanc.backends.gate_chunks import chunks, pieces_of, written
from carlemanc.core.errors import InternalError
from carlemanc.programs.lowering import LOWERED_OPS, LoweredProgram, Uncompute, lower
from carlemanc.programs.program import Program

VERSION: Final = 13
_CIRCUIT_AT: Final = struct.calcsize("!6sBBBBQc") + 1
"""Place of the circuit's header: after that of the file and the kind of what it holds."""
_CIRCUIT: Final = struct.Struct("!H1cHIIQIQI")
"""Sizes of the name; kind and size of the global phase; qubits, bits; size of metadata; registers, instructions."""
_COUNT_AT: Final = _CIRCUIT_AT + struct.calcsize("!H1cHIIQI")
_REGISTER: Final = struct.Struct("!1c?IH?")
"""Kind, size and size of the name of a register; its name and eight bytes a bit follow."""
_COUNT: Final = struct.Struct("!Q")
_RECORD: Final = struct.Struct("!HHHIIBHqII")
"""Sizes of name and label; parameters, qubits, bits; kind, size and value of a condition; controls and their state."""
_PARAMETER: Final = struct.Struct("!1cQ")
_WIRE: Final = struct.Struct("!1cI")
_ANGLE: Final = np.dtype("<f8")
_CHUNK: Final = 1 << 14
"""Gates; the record of a condition has half a kilobyte."""


Kind = tuple[str, int]
"""Name of an instruction and the bit that its condition reads; -1 where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """A file with one instruction of each kind.

    Args:
        before: all bytes up to the instructions.
        heads: kind -> bytes of its record up to its qubits.
        tails: kind -> bytes of its record after its qubits.
        after: all bytes after the instructions.
    """

    before: bytes
    heads: dict[Kind, bytes]
    tails: dict[Kind, bytes]
    after: bytes


def write_qpy(program: Program, stream: BinaryIO, *, uncompute: Uncompute = "measure") -> None:
    """Write the circuit of `to_qiskit` in Qiskit's binary format."""
    program = canonical_wires(program)
    lowered = lower(program, uncompute)
    layout = file_layout(lowered)
    sample = _sample(lowered, layout, dict(program.metadata))
    gates = lowered.codes != LOWERED_OPS.index("gphase")
    before = bytearray(sample.before)
    _COUNT.pack_into(before, _COUNT_AT, int(np.count_nonzero(gates)))
    stream.write(before)
    writer = _RecordWriter(lowered, layout, sample)
    for part in chunks(lowered, _CHUNK):
        stream.write(b"".join(written(lowered, part, writer.records)))
    stream.write(sample.after)


def to_qpy(program: Program, *, uncompute: Uncompute = "measure") -> bytes:
    """Return what `write_qpy` writes."""
    stream = io.BytesIO()
    write_qpy(program, stream, uncompute=uncompute)
    return stream.getvalue()


def _sample(lowered: LoweredProgram, layout: FileLayout, metadata: dict[str, Any]) -> _Sample:
    """Let Qiskit write a circuit with one instruction of each kind, and take it apart."""
    from qiskit import qpy  # only now: what lowering needed is free again

    from carlemanc.backends.qiskit_backend import empty_circuit, instruction_of

    kinds = _kinds(lowered)
    circuit = empty_circuit(lowered, layout)
    circuit.metadata = metadata
    for name, bit in kinds:
        circuit.append(instruction_of(circuit, name, bit))
    with io.BytesIO() as buffer:
        qpy.dump(circuit, buffer, version=VERSION)
        whole = buffer.getvalue()
    start = place = _first_record(whole, len(kinds))
    heads, tails = {}, {}
    for kind in kinds:
        qubits, behind, end = _record(whole, place)
        heads[kind], tails[kind] = whole[place:qubits], whole[behind:end]
        place = end
    return _Sample(before=whole[:start], heads=heads, tails=tails, after=whole[place:])


def _kinds(lowered: LoweredProgram) -> list[Kind]:
    names = [LOWERED_OPS[code] for code in np.unique(lowered.codes).tolist()]
    conditions = [("cz_if", bit) for bit in range(lowered.scratch_bits)] if "cz_if" in names else []
    return [(name, -1) for name in names if name not in ("cz_if", "gphase")] + conditions


def _first_record(whole: bytes, instructions: int) -> int:
    """Return the place of the first instruction: after header, name, phase, metadata, registers and definitions."""
    header = _CIRCUIT.unpack_from(whole, _CIRCUIT_AT)
    name, _, phase, _, _, metadata, registers, found, variables = header
    if (found, variables) != (instructions, 0):
        raise InternalError(f"Qiskit writes no QPY of version {VERSION}")
    place = int(_CIRCUIT_AT + _CIRCUIT.size + name + phase + metadata)
    for _ in range(registers):
        _, _, size, letters, _ = _REGISTER.unpack_from(whole, place)
        place += _REGISTER.size + letters + 8 * size
    (definitions,) = _COUNT.unpack_from(whole, place)
    if definitions:
        raise InternalError("a gate that Qiskit has to define")
    return place + _COUNT.size


def _record(whole: bytes, place: int) -> tuple[int, int, int]:
    """Return the places of a record's qubits, of what follows them, and of its end."""
    name, label, parameters, qubits, bits, _, condition, *_ = _RECORD.unpack_from(whole, place)
    first = place + _RECORD.size + name + label + condition
    behind = first + _WIRE.size * qubits
    end = behind + _WIRE.size * bits
    for _ in range(parameters):
        _, size = _PARAMETER.unpack_from(whole, end)
        end += _PARAMETER.size + size
    return first, behind, end


class _RecordWriter:
    def __init__(self, lowered: LoweredProgram, layout: FileLayout, sample: _Sample) -> None:
        self.lowered = lowered
        self.qubits = pieces_of(_WIRE.pack(b"q", wire) for wire in range(lowered.width))
        self.bits = pieces_of(_WIRE.pack(b"c", bit) for bit in _bit_numbers(layout))
        self.heads = {name: head + self.qubits for (name, bit), head in sample.heads.items() if bit < 0}
        self.tails = {name: tail for (name, bit), tail in sample.tails.items() if bit < 0}
        conditions = sorted(bit for _, bit in sample.heads if bit >= 0)
        self.if_heads = pieces_of(sample.heads["cz_if", bit] for bit in conditions)
        self.if_tails = pieces_of(sample.tails["cz_if", bit] for bit in conditions)

    def records(self, name: str, at: npt.NDArray[np.intp]) -> Any:
        first, second, bits = self.lowered.wires[at, 0], self.lowered.wires[at, 1], self.lowered.bits[at]
        if name == "gphase":
            return b""
        if name == "cz_if":
            return self.if_heads[bits] + self.qubits[first] + self.qubits[second] + self.if_tails[bits]
        head, tail = self.heads[name][first], self.tails[name]
        if name == "measure":
            return head + self.bits[bits]
        if name == "rz":
            text = self.lowered.angles[at].astype(_ANGLE).tobytes()
            steps = range(0, len(text), _ANGLE.itemsize)
            return (
                head
                + tail[: -_ANGLE.itemsize]
                + pieces_of(text[step : step + _ANGLE.itemsize] for step in steps)
            )
        return head + tail if second[0] < 0 else head + (self.qubits[second] + tail)


def _bit_numbers(layout: FileLayout) -> list[int]:
    """Return the number in the circuit of each classical bit of the program."""
    starts, start = [], layout.outcomes
    for _, size in layout.readouts:
        starts.append(start)
        start += size
    return [*range(layout.outcomes), *(starts[register] + place for register, place in layout.readout_bits)]
