"""Gate sets: the program of a stage with its rotations kept, or each a word of Clifford and T gates.

Comes in: an opened spec. Goes out: the program and the precision of its rotations, by default that which keeps them
within their share of solver.epsilon.
"""

from __future__ import annotations

from typing import Literal, get_args

from carlemanc.commands.opening import SOLVED, Opened, stage_program
from carlemanc.core.errors import InputError, Problem
from carlemanc.evaluation.rotations import RotationGroups, rotation_groups, rotation_precision
from carlemanc.programs.counts import tally
from carlemanc.programs.program import Program
from carlemanc.programs.synthesis import Emitted, synthesize

GateSet = Literal["clifford+rz", "clifford+t"]
Stage = Literal["block-encoding", "state-preparation", "solver", "full"]
LEAST_PRECISION = 1e-30
"""Of a synthesized rotation: words grow with log(1/epsilon), the time to find one with its cube."""


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
