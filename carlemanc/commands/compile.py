"""`compile`: a circuit in a file, with the manifest that lets a reader use it without carlemanc."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from carlemanc.backends.registry import default_dialect, default_uncompute, export
from carlemanc.commands.circuit import open_circuit
from carlemanc.commands.circuit_manifest import accessed, circuit_manifest
from carlemanc.commands.gate_set import GateSet, Stage, build_program, emitted_synthesis
from carlemanc.commands.opening import Opened
from carlemanc.commands.readout_files import ReadoutFiles, drop_stale_files
from carlemanc.commands.system import MATRIX_FILE, RHS_FILE, write_where_it_fits
from carlemanc.core.atomic_output import atomic_directory
from carlemanc.core.document import Document
from carlemanc.core.shown import Shown
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program
from carlemanc.programs.synthesis import synthesize
from carlemanc.sources.source import SpecLike

SEED = 0
"""Of the depths that a readout draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation(Shown, Document):
    """What was written."""

    directory: Path
    document: dict[str, Any]

    BRIEF = "directory stage=document.stage circuit=document.circuit qubits=document.qubits"
    KEYS = "*=document"

    @property
    def choices(self) -> dict[str, dict[str, Any]]:
        """Each key that can be searched with its value, and whether the spec or the search chose it."""
        found: dict[str, dict[str, Any]] = self.document["choices"]
        return found


def compile(
    spec: SpecLike,
    *,
    output: str | PathLike[str],
    overrides: Iterable[str] = (),
    stage: Stage = "full",
    format: str = "qasm3",
    uncompute: Uncompute | None = None,
    gate_set: GateSet = "clifford+rz",
    rotation_epsilon: float | None = None,
    dialect: str | None = None,
) -> Compilation:
    """Write circuit file, manifest.json and, where they fit, L.npz and b.npy into a directory.

    Args:
        spec: the model.
        output: directory.
        overrides: `KEY=VALUE` strings.
        stage: what the circuit does.
        format: a name in `backends.FORMATS`.
        uncompute: how ANDs are undone; by default unitary for qasm2, Braket and PennyLane, else by measurement.
        gate_set: whether rotations are synthesized.
        rotation_epsilon: operator-norm precision of each synthesized rotation; by default from the error budget.
        dialect: who reads the OpenQASM 3: "qiskit" (default), "braket" or "pennylane".

    Raises InputError, TooLarge; nothing is written then.
    """
    dialect = dialect or default_dialect(format)
    style: Uncompute = uncompute or default_uncompute(format, dialect)
    found = open_circuit(spec, overrides, stage=stage, gate_set=gate_set)
    access = accessed(found, stage)
    with atomic_directory(output) as directory:
        program, epsilon = build_program(found, stage, gate_set, rotation_epsilon)
        export(program, format, directory, uncompute=style, dialect=dialect)
        files = write_where_it_fits(found.system, directory) if access.answer.is_solution else (None, None)
        document = circuit_manifest(
            found,
            stage,
            program,
            format=format,
            uncompute=style,
            dialect=dialect,
            gate_set=gate_set,
            epsilon=epsilon,
            files=files,
        )
        if stage == "full":
            document |= _readout(found, directory, format, style, dialect, gate_set, epsilon)
        (directory / "manifest.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    _drop_stale_system(Path(output), document)
    return Compilation(directory=Path(output), document=document)


def _readout(
    found: Opened,
    directory: Path,
    format: str,
    style: Uncompute,
    dialect: str | None,
    gate_set: GateSet,
    epsilon: float | None,
) -> dict[str, Any]:
    """Write the circuits of a readout that has its own, and return what the manifest says of them."""
    if not found.design.goal.bounds_failures:  # shots of the plain run, whatever their bound
        return {}

    def synthesized(program: Program) -> Program:
        if gate_set == "clifford+rz" or epsilon is None:
            return program
        return synthesize(program, epsilon, emitted_synthesis(found))

    files = ReadoutFiles(
        directory=directory, format=format, uncompute=style, dialect=dialect, synthesized=synthesized
    )
    document = files.write(found.design, SEED)
    return {} if document is None else {"readout": document}


def _drop_stale_system(directory: Path, document: dict[str, Any]) -> None:
    """Remove L.npz and b.npy of an earlier circuit where this one has none: a reader would take them for its own."""
    for key, name in (("matrix", MATRIX_FILE), ("rhs", RHS_FILE)):
        if document[key] is None:
            (directory / name).unlink(missing_ok=True)
    drop_stale_files(directory, document.get("readout"))
