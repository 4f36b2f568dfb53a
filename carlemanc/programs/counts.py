"""Exact tallies of a flat circuit (CONTRACT section 2, counts).

Comes in: a `Program`. Goes out: `LogicalCounts`, the numbers a reader of the written file would count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from carlemanc.core.document import Document
from carlemanc.programs.angles import eighths
from carlemanc.programs.lowering import LOWERED_CODE, LOWERED_OPS, Uncompute, lower
from carlemanc.programs.program import CODE, Program

_CLIFFORD: Final = ("x", "y", "z", "h", "s", "sdg", "cx", "cz", "swap", "cz_if")
_TWO_QUBIT: Final = ("cx", "cz", "swap", "cz_if")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicalCounts(Document):
    """Counts of one circuit.

    Args:
        t: T and T-dagger outside ANDs.
        toffoli: AND computations, and uncomputations where they are undone unitarily.
        t_in_file: t + 4 toffoli: the T gates of the file (of a synthesized program, all of them).
        rotations: rz and ry whose angle is no multiple of pi/4; 0 in a synthesized program.
        clifford: Clifford gates of the file, a conditional cz being one.
        two_qubit: cx, cz and swap of the file.
        measurements: measurements of the file, those that undo ANDs included.
        depth: layers of the file (see `LoweredProgram.depth`).
        qubits: width of the circuit.
        and_computed, and_uncomputed: the ANDs themselves.
    """

    t: int
    toffoli: int
    t_in_file: int
    rotations: int
    clifford: int
    two_qubit: int
    measurements: int
    depth: int
    qubits: int
    and_computed: int
    and_uncomputed: int


def tally(program: Program, uncompute: Uncompute = "measure") -> LogicalCounts:
    """Count `program` as it is written with ANDs undone in the given style."""
    flat = np.bincount(program.codes, minlength=len(CODE))
    lowered = lower(program, uncompute)
    file = np.bincount(lowered.codes, minlength=len(LOWERED_OPS))
    computed, undone = int(flat[CODE["and"]]), int(flat[CODE["and_dg"]])
    toffoli = computed + (undone if uncompute == "unitary" else 0)
    t = int(flat[CODE["t"]] + flat[CODE["tdg"]])
    return LogicalCounts(
        t=t,
        toffoli=toffoli,
        t_in_file=t + 4 * toffoli,
        rotations=sum(rotation_angles(program).values()),
        clifford=sum(int(file[LOWERED_CODE[name]]) for name in _CLIFFORD),
        two_qubit=sum(int(file[LOWERED_CODE[name]]) for name in _TWO_QUBIT),
        measurements=int(file[LOWERED_CODE["measure"]]),
        depth=lowered.depth(),
        qubits=program.width,
        and_computed=computed,
        and_uncomputed=undone,
    )


def rotation_angles(program: Program) -> Counter[float]:
    """Return how often each true rotation occurs, by the absolute value of its angle."""
    rotations = np.isin(program.codes, (CODE["rz"], CODE["ry"]))
    angles, counts = np.unique(np.abs(program.angles[rotations]), return_counts=True)
    return Counter(
        {a: n for a, n in zip(angles.tolist(), counts.tolist(), strict=True) if eighths(a) is None}
    )
