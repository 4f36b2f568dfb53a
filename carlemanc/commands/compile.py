"""`compile`: a circuit in a file, with the manifest that lets a reader use it without carlemanc."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

from carlemanc.access.access import Access
from carlemanc.access.facts import Facts
from carlemanc.backends.file_layout import canonical_wires
from carlemanc.backends.manifest_document import manifest
from carlemanc.backends.registry import default_uncompute, export, file_name, phase_layers
from carlemanc.commands.opening import Opened, open_spec, stage_program, warn_idle
from carlemanc.commands.readout_files import ReadoutFiles, drop_stale_files
from carlemanc.commands.system import MATRIX_FILE, RHS_FILE, solution_document, write_where_it_fits
from carlemanc.core.atomic_output import atomic_directory
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.shown import Shown
from carlemanc.evaluation.design import counter_of
from carlemanc.evaluation.rotations import RotationGroups, rotation_groups, rotation_precision
from carlemanc.methods.amplified import amplification_document
from carlemanc.programs.counts import LogicalCounts, tally
from carlemanc.programs.lowering import lower
from carlemanc.programs.program import Program
from carlemanc.programs.synthesis import Emitted, synthesize
from carlemanc.sources.source import SpecLike

SEED = 0
"""Of the depths that a readout draws."""
SOLVED = ("solver", "full")
"""Stages whose circuit is the method's."""
Stage = Literal["block-encoding", "state-preparation", "solver", "full"]
Uncompute = Literal["measure", "unitary"]
GateSet = Literal["clifford+rz", "clifford+t"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation(Shown, Document):
    """What was written."""

    directory: Path
    document: dict[str, Any]

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
) -> Compilation:
    """Write circuit file, manifest.json and, where they fit, L.npz and b.npy into a directory.

    Args:
        spec: the model.
        output: directory.
        overrides: `KEY=VALUE` strings.
        stage: what the circuit does.
        format: a name in `backends.FORMATS`.
        uncompute: how ANDs are undone; by default unitary for qasm2, else by measurement.
        gate_set: whether rotations are synthesized.
        rotation_epsilon: operator-norm precision of each synthesized rotation; by default from the error budget.

    Raises InputError, TooLarge; nothing is written then.
    """
    found = open_spec(
        spec,
        overrides,
        synthesized=gate_set == "clifford+t",
        command="compile",
        searched=stage in SOLVED,
        emits=True,
    )
    found.warn()
    if stage in SOLVED:
        warn_idle(found.design)
    access = _accessed(found, stage)
    with atomic_directory(output) as directory:
        program, epsilon = build_program(found, stage, gate_set, rotation_epsilon)
        style: Uncompute = uncompute or default_uncompute(format)
        counts = file_counts(program, format, style)
        export(program, format, directory, uncompute=style)
        files = write_where_it_fits(found.system, directory) if access.answer.is_solution else (None, None)
        document = _document(found, stage, program, counts, format, files, epsilon)
        document |= {"uncompute": style, "gate_set": gate_set, "rotation_epsilon": epsilon}
        document |= {"choices": found.choices}
        if stage == "full":
            document |= _readout(found, directory, format, style, gate_set, epsilon)
        (directory / "manifest.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    _drop_stale_system(Path(output), document)
    return Compilation(directory=Path(output), document=document)


def _readout(
    found: Opened, directory: Path, format: str, style: Uncompute, gate_set: GateSet, epsilon: float | None
) -> dict[str, Any]:
    """Write the circuits of a readout that has its own, and return what the manifest says of them."""
    if not found.design.goal.bounds_failures:  # shots of the plain run, whatever their bound
        return {}

    def synthesized(program: Program) -> Program:
        if gate_set == "clifford+rz" or epsilon is None:
            return program
        return synthesize(program, epsilon, emitted_synthesis(found))

    files = ReadoutFiles(directory=directory, format=format, uncompute=style, synthesized=synthesized)
    document = files.write(found.design, SEED)
    return {} if document is None else {"readout": document}


def _drop_stale_system(directory: Path, document: dict[str, Any]) -> None:
    """Remove L.npz and b.npy of an earlier circuit where this one has none: a reader would take them for its own."""
    for key, name in (("matrix", MATRIX_FILE), ("rhs", RHS_FILE)):
        if document[key] is None:
            (directory / name).unlink(missing_ok=True)
    drop_stale_files(directory, document.get("readout"))


def build_program(
    found: Opened, stage: str, gate_set: str, rotation_epsilon: float | None
) -> tuple[Program, float | None]:
    """Return the program of a stage in a gate set, and the rotation precision used (None: rotations are kept)."""
    check_rotation_epsilon(rotation_epsilon)
    if gate_set == "clifford+rz":
        return stage_program(found, stage), None
    synthesis = emitted_synthesis(found)
    program = stage_program(found, stage)
    epsilon = rotation_epsilon or default_rotation_epsilon(found, stage, tally(program).rotations)
    return synthesize(program, epsilon, synthesis), epsilon


def file_counts(program: Program, format_name: str, uncompute: Uncompute) -> LogicalCounts:
    """Counts of the file as written: a format may spell a global phase as more Clifford gates on one wire."""
    counts = tally(program, uncompute)
    written = canonical_wires(program)
    before = phase_layers(written, format_name)
    if not before:
        return counts
    depth = lower(written, uncompute).depth(before)
    return replace(counts, clifford=counts.clifford + sum(before.values()), depth=depth)


LEAST_PRECISION = 1e-30
"""Of a synthesized rotation: words grow with log(1/epsilon), the time to find one with its cube."""


def check_rotation_epsilon(epsilon: float | None) -> None:
    """Raise InputError unless `epsilon` is None or in [`LEAST_PRECISION`, 1)."""
    if epsilon is not None and not LEAST_PRECISION <= epsilon < 1:
        allowed = f"a number between 0 and 1, at least {LEAST_PRECISION:g}: angles are known to 1e-16"
        raise InputError(
            "bad option", [Problem(where="--rotation-epsilon", found=str(epsilon), allowed=allowed)]
        )


def emitted_synthesis(found: Opened) -> Emitted:
    """Return how rotations are written as gates. Raises InputError where they can only be counted."""
    synthesis = found.request.at.synthesis
    emitted: Emitted
    for emitted in get_args(Emitted):
        if synthesis == emitted:
            return emitted
    problem = Problem(
        where=f"{found.spec.origin}: compile.synthesis",
        found=f'"{synthesis}" with --gate-set clifford+t',
        allowed="a random mixture of measured circuits can only be counted (carlemanc estimate)",
        help='"gridsynth" or "phase-gradient", or --gate-set clifford+rz, which keeps the rotations',
    )
    raise InputError("there is no one circuit to write", [problem])


def default_rotation_epsilon(found: Opened, stage: str, rotations: int) -> float:
    """Precision per rotation that keeps those of a stage's circuit within their share of solver.epsilon."""
    if stage in SOLVED:
        return rotation_precision(found.design, rotation_groups(found.design))
    if stage == "state-preparation":
        groups = RotationGroups(preparation=rotations, rest=0)
    else:
        groups = RotationGroups(preparation=0, rest=rotations)
    return rotation_precision(found.counted, groups)


def _document(
    found: Opened,
    stage: str,
    program: Program,
    counts: LogicalCounts,
    format_name: str,
    files: tuple[str | None, str | None],
    epsilon: float | None,
) -> dict[str, Any]:
    access, plan = _accessed(found, stage), found.design.plan if stage in SOLVED else None
    encoded = None if stage == "state-preparation" else access.encodings[0].alpha
    return manifest(
        stage,
        program,
        counts,
        circuit=file_name(format_name),
        alpha=plan.alpha if plan else encoded,
        epsilon=_epsilon(found, stage, epsilon),
        layout=dict(access.answer.layout),
        matrix=files[0],
        rhs=files[1],
        solution=solution_document(access),
        state_scale=plan.amplitude_scale if plan else None,
        success_probability=plan.success_probability if plan else None,
        readout_probability=plan.readout_probability if plan else None,
        method=plan.method if plan else None,
        degree=plan.degree if plan else None,
        amplification=amplification_document(plan) if plan else None,
        kappa_effective=plan.kappa_effective if plan else None,
    )


def _accessed(found: Opened, stage: str) -> Access[Facts]:
    """Return what a stage's circuit queries: that of the method, or that of L and b."""
    return found.design.access if stage in SOLVED else found.leading


def _epsilon(found: Opened, stage: str, rotation: float | None) -> float:
    """Block encoding, state: operator-norm error of alpha <0|U|0>, of the state; solver: solver.epsilon."""
    if stage in SOLVED:
        return float(found.design.at.epsilon)
    if rotation is None:
        return 0.0
    counter = found.memo(counter_of, found.leading)
    if stage == "state-preparation":
        return rotation * counter.count(found.preparation).rotation_count
    encoding = found.leading.encodings[0]
    return float(encoding.alpha * rotation * counter.count(encoding).rotation_count)
