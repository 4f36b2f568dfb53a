"""`carlemanc estimate`: what the compiled circuit costs."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import Result, note, show
from carlemanc.cli._working import working
from carlemanc.core.atomic_output import atomic_directory, check_directory_place
from carlemanc.core.json_text import json_text


def estimate(
    spec: Spec,
    /,
    *,
    uncompute: Literal["measure", "unitary"] = "measure",
    gate_set: Literal["clifford+rz", "clifford+t"] = "clifford+rz",
    rotation_epsilon: Annotated[float | None, Parameter(metavar="EPSILON")] = None,
    hardware: Annotated[str, Parameter(metavar="PRESET")] = "superconducting",
    symbolic: Annotated[bool, Parameter(negative=())] = False,
    common: Common = DEFAULTS,
) -> int:
    """Count gates, qubits and queries of the circuit; -o DIR also writes estimate.json and estimate.txt.

    Parameters
    ----------
    uncompute
        How logical ANDs are undone.
    gate_set
        Whether rotations are counted as they are or as synthesized T gates.
    rotation_epsilon
        Precision of each synthesized rotation.
    hardware
        Machine of the physical cost: today, superconducting, optimistic, ion or neutral-atom.
    symbolic
        Closed forms in n and T instead of numbers.
    """
    from carlemanc import pipeline
    from carlemanc.spec.loading import load_spec

    if common.output is not None:
        check_directory_place(common.output)
    with working():
        model = load_spec(spec, common.overrides)
        result: Result
        if symbolic:
            from carlemanc.pipeline.symbolic import estimate_symbolic

            result = estimate_symbolic(model)
        else:
            result = pipeline.estimate(
                model,
                uncompute=uncompute,
                gate_set=gate_set,
                rotation_epsilon=rotation_epsilon,
                hardware=hardware,
            )
    if common.output is not None:
        with atomic_directory(common.output) as directory:
            (directory / "estimate.json").write_text(f"{json_text(result.to_json())}\n", encoding="utf-8")
            (directory / "estimate.txt").write_text(f"{result.to_text()}\n", encoding="utf-8")
        note(f"wrote {common.output}")
    return show(result, common)
