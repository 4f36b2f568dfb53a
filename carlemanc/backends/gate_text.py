"""Gates to lines of OpenQASM text, a chunk at a time: what its versions and dialects share.

The global phase is no line of them: a dialect declares it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, TextIO

import numpy as np
import numpy.typing as npt

from carlemanc.backends.file_layout import FileLayout, canonical_wires, file_layout, global_phase
from carlemanc.backends.gate_chunks import Pieces, chunks, pieces_of, written
from carlemanc.programs.lowering import LoweredProgram, Uncompute, lower
from carlemanc.programs.program import Program

_ONE_WIRE: Final = ("x", "y", "z", "h", "s", "sdg", "t", "tdg", "reset")
_TWO_WIRES: Final = ("cx", "cz", "swap")
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one version of OpenQASM, as one program reads it, writes what others write differently."""

    version: str
    include: str
    """File of the gates; "" where every gate is known without one."""
    measure: Callable[[str, str], str]
    """(qubit, bit) -> line."""
    cz_if: Callable[[str, str, str], str]
    """(qubit, qubit, bit) -> line."""
    bits: Callable[[FileLayout], list[str]]
    """Names of the classical bits by number: those of AND outcomes, then those of `measure`."""
    declarations: Callable[[Program, FileLayout], list[str]]
    """(program, layout) -> lines between the included file and the gates; the global phase is among them."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Gates that are called otherwise than in `LOWERED_OPS`."""
    qubit: str = ""
    """What qubit i is called, as a format of i; "" where each register of the program is one of the file."""


def write_qasm(program: Program, stream: TextIO, uncompute: Uncompute, dialect: Dialect) -> None:
    """Write a program with its wires numbered as `canonical_wires` does."""
    program = canonical_wires(program)
    lowered = lower(program, uncompute)
    layout = file_layout(lowered)
    if dialect.qubit:
        layout = replace(layout, qubits=tuple(map(dialect.qubit.format, range(lowered.width))))
    lines = [f"OPENQASM {dialect.version};", *header_comments(program, layout, uncompute)]
    lines += [f'include "{dialect.include}";'] if dialect.include else []
    lines += dialect.declarations(program, layout)
    stream.write("\n".join(lines) + "\n")
    writer = _LineWriter(lowered, layout, dialect)
    for part in chunks(lowered, _CHUNK):
        stream.write("".join(written(lowered, part, writer.lines)))


class _LineWriter:
    def __init__(self, lowered: LoweredProgram, layout: FileLayout, dialect: Dialect) -> None:
        self.lowered = lowered
        self.layout = layout
        self.dialect = dialect
        self.bits = dialect.bits(layout)
        self.whole = {name: self._named(name, ";\n") for name in _ONE_WIRE}
        self.head = {name: self._named(name, ",") for name in _TWO_WIRES}
        self.tail = pieces_of(f"{qubit};\n" for qubit in layout.qubits)
        self.turn_tail = pieces_of(f") {qubit};\n" for qubit in layout.qubits)

    def _named(self, gate: str, end: str) -> Pieces:
        """Return a gate on its first qubit, for each qubit."""
        name = self.dialect.names.get(gate, gate)
        return pieces_of(f"{name} {qubit}{end}" for qubit in self.layout.qubits)

    def lines(self, name: str, at: npt.NDArray[np.intp]) -> Any:
        first, second = self.lowered.wires[at, 0], self.lowered.wires[at, 1]
        if name in self.whole:
            return self.whole[name][first]
        if name in self.head:
            return self.head[name][first] + self.tail[second]
        if name == "rz":
            return (
                pieces_of(f"rz({decimal(angle)}" for angle in self.lowered.angles[at].tolist())
                + self.turn_tail[first]
            )
        if name == "gphase":
            return ""
        bits = self.lowered.bits[at].tolist()
        return pieces_of(map(self._classical, [name] * len(at), first.tolist(), second.tolist(), bits))

    def _classical(self, name: str, a: int, b: int, bit: int) -> str:
        qubits = self.layout.qubits
        if name == "cz_if":
            return self.dialect.cz_if(qubits[a], qubits[b], self.bits[bit])
        return self.dialect.measure(qubits[a], self.bits[bit])


def decimal(number: float) -> str:
    """Return a double as a plain decimal with a point, the fewest digits that give it back: 0.00001, 3.0.

    OpenQASM 2 has exponents in some readers and not in others; a decimal point is read as a real everywhere.
    """
    text = repr(number)
    return text if "e" not in text else _plain_decimal(text)


def _plain_decimal(text: str) -> str:
    plain = format(Decimal(text), "f")
    return plain if "." in plain else f"{plain}.0"


def header_comments(program: Program, layout: FileLayout, uncompute: str) -> list[str]:
    """Return the comment lines of a file: program, registers, uncompute style, metadata."""
    try:
        release = version("carlemanc")
    except PackageNotFoundError:
        release = "unknown version"
    lines = [f"// carlemanc {release}"]
    lines += [f"// {key}: {_plain(value)}" for key, value in sorted(program.metadata.items())]
    start = 0
    for name, size in layout.registers:
        lines.append(f"// qubits {start}..{start + size - 1}: {_plain(name)}, least significant first")
        start += size
    lines.append(f"// logical ANDs are undone {'by measurement' if uncompute == 'measure' else 'unitarily'}")
    phase = global_phase(program)
    if phase:
        lines.append(f"// global phase: {decimal(phase)}")
    return lines


def _plain(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return " ".join(text.split())[:500]
