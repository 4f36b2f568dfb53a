"""Which wire is which qubit of a circuit file, and what the file's registers and bits are called.

Every writer declares `system` first, then `ancilla`, then the other registers in the program's order, then
the clean work wires, so that a qubit's index in the file (and in the manifest) is its position in that order,
least significant first.
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

_WORDS: Final = (
    "x y z h s sdg t tdg rx ry rz p u u1 u2 u3 U CX cx cy cz ch cp crx cry crz cu cu1 cu3 swap cswap ccx "
    "id sx phase cphase gphase ctrl negctrl inv pow pi tau euler OPENQASM include qreg creg gate opaque "
    "barrier measure reset if else for while in return break continue end def defcal defcalgrammar cal "
    "extern box let qubit bit int uint float complex bool angle duration stretch const array input output "
    "readonly mutable switch case default true false nop sizeof durationof sin cos tan exp ln sqrt arcsin "
    "arccos arctan log mod ceiling floor popcount rotl rotr real imag "
)
_RESERVED: Final = frozenset(_WORDS.split())
"""Keywords, gates and functions of either version: no names of registers."""


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
        quantum: (name, size) in declaration order.
        qubits: one reference such as `system[3]` a wire.
        outcomes: number of bits that hold measured AND targets, one a wire; each is used again by the
            next AND undone on its wire.
        readouts: (name, size) of the classical registers of `measure`, in declaration order.
        readout_bits: for each measurement of the program, in order: (number of its readout register, bit).
    """

    quantum: tuple[tuple[str, int], ...]
    qubits: tuple[str, ...]
    outcomes: int
    readouts: tuple[tuple[str, int], ...]
    readout_bits: tuple[tuple[int, int], ...]


def file_layout(lowered: LoweredProgram) -> FileLayout:
    """Name the registers and bits of a lowered program with canonical wires.

    Raises InternalError where a wire is measured twice: it has one bit in the readout register.
    """
    quantum = _quantum_registers(lowered)
    readouts, readout_bits = _readouts(lowered, quantum)
    return FileLayout(
        quantum=quantum,
        qubits=tuple(f"{name}[{i}]" for name, size in quantum for i in range(size)),
        outcomes=lowered.scratch_bits,
        readouts=readouts,
        readout_bits=readout_bits,
    )


def _quantum_registers(lowered: LoweredProgram) -> tuple[tuple[str, int], ...]:
    sizes = [(name, len(lowered.registers[name])) for name in register_order(lowered.registers)]
    rest = lowered.width - sum(size for _, size in sizes)
    if rest:
        sizes.append((WORK, rest))
    quantum: list[tuple[str, int]] = []
    for name, size in sizes:
        quantum.append((_identifier(name, taken={known for known, _ in quantum}), size))
    return tuple(quantum)


def _readouts(
    lowered: LoweredProgram, quantum: tuple[tuple[str, int], ...]
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[int, int], ...]]:
    reads = (lowered.codes == LOWERED_CODE["measure"]) & (lowered.bits >= lowered.scratch_bits)
    measured = lowered.wires[reads, 0].tolist()  # in the order of their bits
    if len(set(measured)) != len(measured):
        raise InternalError("a wire is measured twice")
    registers: list[tuple[str, int]] = []
    bits: dict[int, tuple[int, int]] = {}
    start = 0
    for name, size in quantum:
        inside = [wire for wire in measured if start <= wire < start + size]
        if inside:
            bits.update({wire: (len(registers), wire - start) for wire in inside})
            registers.append((f"{name}_readout", size))
        start += size
    return tuple(registers), tuple(bits[wire] for wire in measured)


def global_phase(program: Program | LoweredProgram) -> float:
    """Return the sum of all `gphase` angles modulo 2 pi, in [-pi, pi]; exactly 0.0 below 1e-15."""
    angles = program.angles[program.codes == CODE["gphase"]]
    phase = math.remainder(math.fsum(angles.tolist()), 2 * math.pi)
    return 0.0 if abs(phase) < 1e-15 else phase


def _identifier(name: str, *, taken: set[str]) -> str:
    """Return `name` as an identifier of both OpenQASM versions that is no keyword, no gate and not taken."""
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not re.match(r"[a-z]", word):
        word = f"r_{word}"
    if word in _RESERVED or word.endswith("_readout") or word.startswith(OUTCOME):
        word += "_register"
    while word in taken:
        word += "_"
    return word
