"""The doors by name: circuit formats (`export`) and simulators (`simulate`), each imported on first use.

A format is one file with one writer and one entry of `FORMATS`, which the command line reads too: nothing numerical is
imported here.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, Final

from carlemanc.backends.devices import is_device
from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.lazy import loaded

if TYPE_CHECKING:
    from carlemanc.backends.simulated_state import SimulatedState
    from carlemanc.programs.lowering import Uncompute
    from carlemanc.programs.program import Program

BACKENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sparse": "carlemanc.backends.sparse_backend:simulate_sparse",
        "aer": "carlemanc.backends.qiskit_backend:simulate_aer",
        "cirq": "carlemanc.backends.cirq_backend:simulate_cirq",
    }
)
"""Simulators of programs: name -> "module:function"; each takes (program, register=...) and returns a
`SimulatedState`. The back end `matrix` needs no program and is no entry here."""

_WIRES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aer": "carlemanc.backends.qiskit_backend:most_aer_wires",
        "cirq": "carlemanc.backends.cirq_backend:most_cirq_wires",
    }
)
"""Limits of the qubits, of the simulators that hold every amplitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a format spells what a program has and a file may not have.

    Args:
        uncompute: how ANDs are undone unless told.
        phase_layers: "module:function" from the program of the file to the Clifford gates on each wire that spell its
            global phase; "" where the file has a word for a phase.
    """

    uncompute: Uncompute = "measure"
    phase_layers: str = ""


_PHASE_AS_GATES: Final = "carlemanc.backends.phase_gates:phase_layers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One circuit format.

    Args:
        writer: "module:function" that takes (program, stream, uncompute=...) and writes `canonical_wires(program)`.
        file_name: of the circuit.
        binary: bytes, not text.
        spelling: what is written, unless a dialect is asked for.
        dialects: what is written instead, by the name that `--dialect` has for who reads the file; the first is the
            default, and `writer` takes (dialect=NAME) too. Empty where one file suits all.
    """

    writer: str
    file_name: str
    binary: bool = False
    spelling: Spelling = Spelling()
    dialects: Mapping[str, Spelling] = field(default_factory=dict)


FORMATS: Final[dict[str, Format]] = {
    "qasm3": Format(
        writer="carlemanc.backends.qasm3:write_qasm3",
        file_name="circuit.qasm",
        dialects={
            "qiskit": Spelling(),
            "braket": Spelling(uncompute="unitary"),
            "pennylane": Spelling(uncompute="unitary", phase_layers=_PHASE_AS_GATES),
        },
    ),
    "qasm2": Format(
        writer="carlemanc.backends.qasm2:write_qasm2",
        file_name="circuit.qasm",
        spelling=Spelling(uncompute="unitary", phase_layers=_PHASE_AS_GATES),
    ),
    "qpy": Format(writer="carlemanc.backends.qpy_stream:write_qpy", file_name="circuit.qpy", binary=True),
    "cirq-json": Format(
        writer="carlemanc.backends.cirq_backend:write_cirq_json", file_name="circuit.cirq.json"
    ),
    "program": Format(
        writer="carlemanc.backends.program_json:write_program", file_name="circuit.program.json"
    ),
}
"""By the name that `carlemanc compile --format` has for it."""


def file_name(format_name: str) -> str:
    """Return the name of the circuit file of a format."""
    return _format(format_name).file_name


def dialects() -> tuple[str, ...]:
    """Return the names of all dialects of all formats."""
    return tuple(dict.fromkeys(name for found in FORMATS.values() for name in found.dialects))


def default_dialect(format_name: str) -> str | None:
    """Return the dialect of a format unless told; None where it has none."""
    return next(iter(_format(format_name).dialects), None)


def default_uncompute(format_name: str, dialect: str | None = None) -> Uncompute:
    """Return how a format undoes ANDs unless told: "unitary" for qasm2 and for Braket and PennyLane, else "measure".

    Raises InputError where the format has no such dialect.
    """
    return _spelling(format_name, dialect).uncompute


def phase_layers(program: Program, format_name: str, dialect: str | None = None) -> dict[int, int]:
    """Return wire -> Clifford gates that a format puts there for the global phase; wires are canonical."""
    layers = _spelling(format_name, dialect).phase_layers
    return loaded(layers)(program) if layers else {}


def export(
    program: Program,
    format_name: str,
    directory: str | os.PathLike[str],
    *,
    uncompute: Uncompute | None = None,
    dialect: str | None = None,
) -> Path:
    """Write the circuit file into a directory and return its path.

    The file appears under its name only when it is complete. Raises InputError on an unknown format or dialect.
    """
    chosen = _format(format_name)
    options = _options(format_name, uncompute, dialect)
    target = Path(directory) / chosen.file_name
    with atomic_file(target) as partial, _open(partial, binary=chosen.binary) as stream:
        loaded(chosen.writer)(program, stream, **options)
    return target


def text(
    program: Program, format_name: str, *, uncompute: Uncompute | None = None, dialect: str | None = None
) -> str:
    """Return what `export` writes in a format of text. Raises InputError on an unknown format or dialect."""
    stream = io.StringIO()
    loaded(_format(format_name).writer)(program, stream, **_options(format_name, uncompute, dialect))
    return stream.getvalue()


def simulate(
    program: Program, backend: str, *, register: str = "system", **options: object
) -> SimulatedState:
    """Run `program` on |0...0> on a named simulator and return the exact amplitudes of `register` where all
    other wires are |0>. Raises InputError on an unknown name or a device (`fake:NAME`, `ibm:NAME`: it has no
    amplitudes, only shots), TooLarge where the program does not fit."""
    if is_device(backend):
        raise InputError(
            "a device gives shots, no exact amplitudes",
            [Problem(where="backend", found=backend, allowed=", ".join(sorted(BACKENDS)))],
        )
    if backend not in BACKENDS:
        raise InputError(
            "unknown back end",
            [Problem(where="backend", found=backend, allowed=", ".join(sorted(BACKENDS)))],
        )
    state: SimulatedState = loaded(BACKENDS[backend])(program, register=register, **options)
    return state


def expect_fit(backend: str, *, qubits: int, gates: int) -> None:
    """Raise TooLarge where a simulator cannot hold a circuit, before it is emitted.

    Args:
        backend: a simulator; `sparse` holds any number of qubits.
        qubits: of the circuit.
        gates: at least so many.
    """
    if backend in _WIRES:
        from carlemanc.backends.simulation import refuse_large

        refuse_large(backend, qubits=qubits, gates=gates, max_wires=loaded(_WIRES[backend])(), at_least=True)


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise InputError(
            "unknown circuit format", [Problem(where="format", found=name, allowed=", ".join(FORMATS))]
        )
    return FORMATS[name]


def _spelling(format_name: str, dialect: str | None) -> Spelling:
    chosen = _format(format_name)
    if dialect is None:
        return chosen.spelling
    if dialect in chosen.dialects:
        return chosen.dialects[dialect]
    allowed = (
        ", ".join(chosen.dialects) or f"nothing with --format {format_name}: one file suits all its readers"
    )
    raise InputError("unknown dialect", [Problem(where="--dialect", found=dialect, allowed=allowed)])


def _options(format_name: str, uncompute: Uncompute | None, dialect: str | None) -> dict[str, str]:
    style: str = uncompute or default_uncompute(format_name, dialect)
    return {"uncompute": style} | ({} if dialect is None else {"dialect": dialect})


def _open(path: Path, *, binary: bool) -> IO[Any]:
    return path.open("wb") if binary else path.open("w", encoding="utf-8", newline="\n")
