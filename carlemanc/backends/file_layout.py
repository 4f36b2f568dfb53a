"""Which wire is which qubit of a circuit file, and what the file's registers and bits are called.

Every writer declares `system` first, then `ancilla`, then the other registers in the program's order, then
the clean work wires, so that a qubit's index in the file (and in the manifest) is its position in that order,
least significant first. Names are numbered in that order (`q0_system`, `q1_ancilla`), because pytket, Cirq and others
sort registers by name: they keep the order, and so the bits of a state vector.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from carlemanc.core.errors import InternalError
from carlemanc.programs.lowering import LOWERED_CODE, LoweredProgram
from carlemanc.programs.program import CODE, Program

FIRST_REGISTERS: Final = ("system", "ancilla")
WORK: Final = "work"
OUTCOME: Final = "and_outcome"
"""Name of the classical register of measured AND targets."""


def register_order(
    registers: Mapping[str, tuple[int, ...]], *, first: Sequence[str] = FIRST_REGISTERS
) -> tuple[str, ...]:
    """Return the names of the non-empty registers: those of `first`, then the others in their order."""
    first = [name for name in first if name in registers]
    others = [name for name in registers if name not in first]
    return tuple(name for name in [*first, *others] if registers[name])


def canonical_wires(program: Program, *, first: Sequence[str] = FIRST_REGISTERS) -> Program:
    """Renumber the wires as a circuit file does: system 0..w-1, ancilla, other registers, work wires last.

    `first` names the registers that lead, in order. The order inside a register is kept (least significant
    first), and so is that of the work wires.
    Raises InternalError where two registers share a wire or a wire is out of range.
    """
    named = [
        wire for name in register_order(program.registers, first=first) for wire in program.registers[name]
    ]
    if len(set(named)) != len(named) or not set(named) <= set(range(program.width)):
        raise InternalError(
            f"registers overlap or leave the {program.width} wires: {dict(program.registers)}"
        )
    order = [*named, *sorted(set(range(program.width)) - set(named))]
    if order == list(range(program.width)):
        return program
    position = np.full(program.width + 1, -1, dtype=np.int32)  # the last entry keeps unused places at -1
    position[order] = np.arange(program.width, dtype=np.int32)
    return replace(
        program,
        registers={name: tuple(position[list(on)].tolist()) for name, on in program.registers.items()},
        wires=position[program.wires],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLayout:
    """Registers and classical bits of the file of a lowered program whose wires are canonical.

    Attributes:
        registers: (name in the program, size) in declaration order.
        quantum: (name in the file, size) in the same order, which is also that of these names.
        qubits: one reference such as `q0_system[3]` a wire.
        outcomes: number of bits that hold measured AND targets, one a wire; each is used again by the
            next AND undone on its wire.
        readouts: (name in the file, size) of the classical registers of `measure`, in declaration order.
        read: the register of the program that each of these reads.
        readout_bits: for each measurement of the program, in order: (number of its readout register, bit).
    """

    registers: tuple[tuple[str, int], ...]
    quantum: tuple[tuple[str, int], ...]
    qubits: tuple[str, ...]
    outcomes: int
    readouts: tuple[tuple[str, int], ...]
    read: tuple[str, ...]
    readout_bits: tuple[tuple[int, int], ...]


def file_layout(lowered: LoweredProgram) -> FileLayout:
    """Name the registers and bits of a lowered program with canonical wires.

    Raises InternalError where a wire is measured twice: it has one bit in the readout register.
    """
    registers = _registers(lowered)
    quantum = tuple(zip(_numbered(registers), (size for _, size in registers), strict=True))
    numbers, readout_bits = _readouts(lowered, [size for _, size in registers])
    return FileLayout(
        registers=registers,
        quantum=quantum,
        qubits=tuple(f"{name}[{i}]" for name, size in quantum for i in range(size)),
        outcomes=lowered.scratch_bits,
        readouts=tuple((_readout(quantum[number][0]), quantum[number][1]) for number in numbers),
        read=tuple(registers[number][0] for number in numbers),
        readout_bits=readout_bits,
    )


def readout_registers(program: Program) -> dict[str, str]:
    """Return the classical register that each register is measured into, as (name in the file, name in the program)."""
    registers = _registers(program)
    names = map(_readout, _numbered(registers))
    return dict(zip(names, (name for name, _ in registers), strict=True))


def _numbered(registers: Sequence[tuple[str, int]]) -> list[str]:
    """Return the names in the file, in sorted order."""
    digits = len(str(len(registers) - 1))
    return [f"q{place:0{digits}d}_{_plain(name)}" for place, (name, _) in enumerate(registers)]


def _readout(name: str) -> str:
    return f"{name}_readout"


def _registers(program: Program | LoweredProgram) -> tuple[tuple[str, int], ...]:
    sizes = [(name, len(program.registers[name])) for name in register_order(program.registers)]
    rest = program.width - sum(size for _, size in sizes)
    return (*sizes, (WORK, rest)) if rest else tuple(sizes)


def _readouts(lowered: LoweredProgram, sizes: Sequence[int]) -> tuple[list[int], tuple[tuple[int, int], ...]]:
    """Return the numbers of the registers that are measured, and (place among these, bit) of each measurement."""
    reads = (lowered.codes == LOWERED_CODE["measure"]) & (lowered.bits >= lowered.scratch_bits)
    measured = lowered.wires[reads, 0].tolist()  # in the order of their bits
    if len(set(measured)) != len(measured):
        raise InternalError("a wire is measured twice")
    numbers: list[int] = []
    bits: dict[int, tuple[int, int]] = {}
    start = 0
    for number, size in enumerate(sizes):
        inside = [wire for wire in measured if start <= wire < start + size]
        if inside:
            bits.update({wire: (len(numbers), wire - start) for wire in inside})
            numbers.append(number)
        start += size
    return numbers, tuple(bits[wire] for wire in measured)


def global_phase(program: Program | LoweredProgram) -> float:
    """Return the sum of all `gphase` angles modulo 2 pi, in [-pi, pi]; exactly 0.0 below 1e-15."""
    angles = program.angles[program.codes == CODE["gphase"]]
    phase = math.remainder(math.fsum(angles.tolist()), 2 * math.pi)
    return 0.0 if abs(phase) < 1e-15 else phase


def readout_bits(layout: FileLayout) -> list[str]:
    """Return the name of the bit of each `measure` of a program, in order."""
    return [f"{layout.readouts[register][0]}[{place}]" for register, place in layout.readout_bits]


def _plain(name: str) -> str:
    """Return `name` in characters of an identifier."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)
