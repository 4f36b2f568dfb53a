"""The manifest of a stage's circuit, from an opened spec: what a reader needs, whether or not files are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from carlemanc.access.access import Access
from carlemanc.access.facts import Facts
from carlemanc.backends.file_layout import canonical_wires
from carlemanc.backends.manifest_document import manifest
from carlemanc.backends.registry import file_name, phase_layers
from carlemanc.commands.opening import SOLVED, Opened
from carlemanc.commands.system import solution_document
from carlemanc.evaluation.design import counter_of
from carlemanc.methods.amplified import amplification_document
from carlemanc.programs.counts import LogicalCounts, tally
from carlemanc.programs.lowering import Uncompute, lower
from carlemanc.programs.program import Program


def file_counts(
    program: Program, format_name: str, uncompute: Uncompute, dialect: str | None = None
) -> LogicalCounts:
    """Counts of the file as written: a format may spell a global phase as more Clifford gates on one wire."""
    counts = tally(program, uncompute)
    written = canonical_wires(program)
    before = phase_layers(written, format_name, dialect)
    if not before:
        return counts
    depth = lower(written, uncompute).depth(before)
    return replace(counts, clifford=counts.clifford + sum(before.values()), depth=depth)


def circuit_manifest(
    found: Opened,
    stage: str,
    program: Program,
    *,
    format: str,
    uncompute: Uncompute,
    dialect: str | None,
    gate_set: str,
    epsilon: float | None,
    files: tuple[str | None, str | None] = (None, None),
) -> dict[str, Any]:
    """Return the manifest of the file of a stage's program, but for the circuits of a readout.

    Args:
        found: the spec.
        stage: of the program.
        program: in its gate set.
        format: name of the circuit format.
        uncompute: how ANDs are undone.
        dialect: of the format, None where it has none.
        gate_set: its name.
        epsilon: precision of a synthesized rotation, None where rotations are kept.
        files: names of the files of L and b, None where none is written.
    """
    access, plan = accessed(found, stage), found.design.plan if stage in SOLVED else None
    encoded = None if stage == "state-preparation" else access.encodings[0].alpha
    document = manifest(
        stage,
        program,
        file_counts(program, format, uncompute, dialect),
        circuit=file_name(format),
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
    document |= {
        "uncompute": uncompute,
        "gate_set": gate_set,
        "rotation_epsilon": epsilon,
        "dialect": dialect,
    }
    return document | {"choices": found.choices}


def accessed(found: Opened, stage: str) -> Access[Facts]:
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
