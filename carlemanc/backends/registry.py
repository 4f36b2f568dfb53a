"""The doors by name: circuit formats (`export`) and simulators (`simulate`), each imported on first use."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final

from carlemanc.backends.devices import is_device
from carlemanc.backends.file_layout import canonical_wires
from carlemanc.backends.simulated_state import SimulatedState
from carlemanc.backends.simulation import refuse_large
from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.errors import InputError, Problem
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
class Format:
    """One circuit format: who writes it, under which file name, in text or bytes, ANDs undone how by
    default."""

    writer: str
    file_name: str
    binary: bool
    uncompute: Uncompute


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "qasm3": Format(
            writer="carlemanc.backends.qasm3:write_qasm3",
            file_name="circuit.qasm",
            binary=False,
            uncompute="measure",
        ),
        "qasm2": Format(
            writer="carlemanc.backends.qasm2:write_qasm2",
            file_name="circuit.qasm",
            binary=False,
            uncompute="unitary",
        ),
        "qpy": Format(
            writer="carlemanc.backends.qiskit_backend:write_qpy",
            file_name="circuit.qpy",
            binary=True,
            uncompute="measure",
        ),
        "cirq-json": Format(
            writer="carlemanc.backends.cirq_backend:write_cirq_json",
            file_name="circuit.cirq.json",
            binary=False,
            uncompute="measure",
        ),
        "program": Format(
            writer="carlemanc.backends.registry:write_program",
            file_name="circuit.program.json",
            binary=False,
            uncompute="measure",
        ),
    }
)


def file_name(format_name: str) -> str:
    """Return the name of the circuit file of a format."""
    return _format(format_name).file_name


def default_uncompute(format_name: str) -> Uncompute:
    """Return how a format undoes ANDs unless told: "unitary" for qasm2, else "measure"."""
    return _format(format_name).uncompute


def export(
    program: Program,
    format_name: str,
    directory: str | os.PathLike[str],
    *,
    uncompute: Uncompute | None = None,
) -> Path:
    """Write the circuit file into a directory and return its path.

    The file appears under its name only when it is complete. Raises InputError on an unknown format.
    """
    chosen = _format(format_name)
    target = Path(directory) / chosen.file_name
    with atomic_file(target) as partial, _open(partial, binary=chosen.binary) as stream:
        _load(chosen.writer)(program, stream, uncompute=uncompute or chosen.uncompute)
    return target


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
    state: SimulatedState = _load(BACKENDS[backend])(program, register=register, **options)
    return state


def expect_fit(backend: str, *, qubits: int, gates: int) -> None:
    """Raise TooLarge where a simulator cannot hold a circuit, before it is emitted.

    Args:
        backend: a simulator; `sparse` holds any number of qubits.
        qubits: of the circuit.
        gates: at least so many.
    """
    if backend in _WIRES:
        refuse_large(backend, qubits=qubits, gates=gates, max_wires=_load(_WIRES[backend])(), at_least=True)


def write_program(program: Program, stream: IO[str], *, uncompute: Uncompute = "measure") -> None:
    """Write the program's own JSON with canonical wires; `and_dg` stays a primitive in either style."""
    stream.write(canonical_wires(program).to_json())


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise InputError(
            "unknown circuit format", [Problem(where="format", found=name, allowed=", ".join(FORMATS))]
        )
    return FORMATS[name]


def _open(path: Path, *, binary: bool) -> IO[Any]:
    return path.open("wb") if binary else path.open("w", encoding="utf-8", newline="\n")


def _load(name: str) -> Callable[..., Any]:
    module, function = name.split(":")
    found: Callable[..., object] = getattr(import_module(module), function)
    return found
