"""Rotations -> Clifford+T, one description for the counts and for the circuit.

Comes in: a `Program` and a precision per rotation. Goes out: a `Program` without rz and ry: each rotation is a
gridsynth word (`gridsynth`) or an addition into a phase-gradient state (`phase_gradient`). ry is an rz between Clifford
gates. The methods' own modules say what a rotation costs; `rotation_prices` gives both to the counts.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from carlemanc.core.arrays import Mask
from carlemanc.core.progress import track
from carlemanc.programs.angles import eighths, ry_word
from carlemanc.programs.gridsynth import Gridsynth
from carlemanc.programs.phase_gradient import PhaseGradient, phase_gradient
from carlemanc.programs.placed_gates import (
    TARGET,
    GateArrays,
    PlacedGate,
    gate_arrays,
    inverse_gates,
    on_wire,
)
from carlemanc.programs.program import CODE, Program

Emitted = Literal["gridsynth", "phase-gradient"]
"""Ways to synthesize that have a circuit."""
Synthesizer = Gridsynth | PhaseGradient
_TURNED: Final[tuple[list[PlacedGate], list[PlacedGate]]] = (
    [("sdg", (TARGET,), 0.0), ("h", (TARGET,), 0.0)],
    [("h", (TARGET,), 0.0), ("s", (TARGET,), 0.0)],
)
"""Clifford gates around rz that make it ry."""


def synthesize(program: Program, epsilon_per_rotation: float, synthesis: Emitted = "gridsynth") -> Program:
    """Return `program` with every rz and ry replaced by Clifford+T gates.

    Args:
        program: any program; with a phase gradient its wires come first, those of catalyst and carries, which end
            in |0>, behind them.
        epsilon_per_rotation: operator-norm error allowed to each rotation, in (0, 1); that of the catalyst is
            part of it.
        synthesis: how.

    Raises:
        ValueError: epsilon is not in (0, 1).
        TooLarge: the angles of a phase gradient would need too many bits.
    """
    if not 0.0 < epsilon_per_rotation < 1.0:
        raise ValueError(f"the rotation precision must lie in (0, 1), got {epsilon_per_rotation}")
    number = sum(eighths(angle) is None for angle in program.angles[_turning(program)].tolist())
    synthesizer: Synthesizer = Gridsynth(epsilon=epsilon_per_rotation)
    if synthesis == "phase-gradient" and number:
        synthesizer = phase_gradient(number, epsilon_per_rotation)
    metadata: dict[str, float | str] = {"rotation_epsilon": epsilon_per_rotation, "synthesis": synthesis}
    return rewrite(program, synthesizer, metadata)


def rewrite(
    program: Program, synthesizer: Synthesizer, metadata: dict[str, float | str] | None = None
) -> Program:
    """Return `program` with its rotations as the synthesizer makes them."""
    turning = _turning(program)
    kinds = np.unique(np.stack([program.codes[turning], program.angles[turning]]), axis=1)
    words = {
        (int(code), angle): gate_arrays(_gates(int(code), angle, synthesizer, program.width))
        for code, angle in track(kinds.T.tolist(), "synthesize rotations", total=kinds.shape[1])
    }
    pieces: list[GateArrays] = []
    start = 0
    for position in np.flatnonzero(turning).tolist():
        pieces.append(_stretch(program, start, position))
        codes, wires, angles = words[int(program.codes[position]), float(program.angles[position])]
        pieces.append((codes, np.where(wires == TARGET, program.wires[position, 0], wires), angles))
        start = position + 1
    unread = _unread(program)
    pieces += [_stretch(program, start, max(start, unread)), _stretch(program, max(start, unread), None)]
    gates = synthesizer.catalyst_gates(program.width)
    pieces.insert(0, gate_arrays(gates))
    pieces.insert(-1, gate_arrays(inverse_gates(gates)))
    return Program(
        width=program.width + synthesizer.added_wires({abs(angle) for angle in kinds[1].tolist()}),
        registers=program.registers,
        codes=np.concatenate([piece[0] for piece in pieces]),
        wires=np.concatenate([piece[1] for piece in pieces]).astype(np.int32),
        angles=np.concatenate([piece[2] for piece in pieces]),
        metadata={**program.metadata, **(metadata or {})},
    )


def _turning(program: Program) -> Mask:
    return np.asarray(np.isin(program.codes, (CODE["rz"], CODE["ry"])))


def _stretch(program: Program, start: int, end: int | None) -> GateArrays:
    return program.codes[start:end], program.wires[start:end], program.angles[start:end]


def _unread(program: Program) -> int:
    """Return the number of gates before the measurements that end the program."""
    others = np.flatnonzero(program.codes != CODE["measure"])
    return int(others[-1]) + 1 if len(others) else 0


def _gates(code: int, angle: float, synthesizer: Synthesizer, width: int) -> list[PlacedGate]:
    """Return the gates of one rotation on `TARGET`."""
    if eighths(angle) is not None and code == CODE["ry"]:
        return on_wire(ry_word(angle))
    gates = synthesizer.rotation_gates(angle, width)
    return [*_TURNED[0], *gates, *_TURNED[1]] if code == CODE["ry"] else gates
