"""Rotations -> Clifford+T, one description for the counts and for the circuit.

Comes in: a `Program` and a precision per rotation. Goes out: a `Program` without rz and ry: each rotation is a
gridsynth word (`gridsynth`) or an addition into a phase-gradient state (`phase_gradient`). ry is an rz between Clifford
gates. The methods' own modules say what a rotation costs; `rotation_prices` gives both to the counts.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from carlemanc.circuit.angles import eighths, ry_word
from carlemanc.circuit.gridsynth import Gridsynth
from carlemanc.circuit.phase_gradient import (
    TARGET,
    Gate,
    PhaseGradient,
    gate_arrays,
    inverse_gates,
    phase_gradient,
)
from carlemanc.circuit.program import CODE, Program
from carlemanc.core.progress import track

Emitted = Literal["gridsynth", "phase-gradient"]
"""Ways to synthesize that have a circuit."""
_Arrays = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], npt.NDArray[np.float64]]
_TURNED: Final[tuple[list[Gate], list[Gate]]] = (
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
    made: Gridsynth | PhaseGradient = Gridsynth(epsilon=epsilon_per_rotation)
    if synthesis == "phase-gradient" and number:
        made = phase_gradient(number, epsilon_per_rotation)
    metadata: dict[str, float | str] = {"rotation_epsilon": epsilon_per_rotation, "synthesis": synthesis}
    return rewrite(program, made, metadata)


def rewrite(
    program: Program, made: Gridsynth | PhaseGradient, metadata: dict[str, float | str] | None = None
) -> Program:
    """Return `program` with its rotations made as `made` says."""
    turning = _turning(program)
    kinds = np.unique(np.stack([program.codes[turning], program.angles[turning]]), axis=1)
    words = {
        (int(code), angle): gate_arrays(_gates(int(code), angle, made, program.width))
        for code, angle in track(kinds.T.tolist(), "synthesize rotations", total=kinds.shape[1])
    }
    pieces: list[_Arrays] = []
    start = 0
    for position in np.flatnonzero(turning).tolist():
        pieces.append(_stretch(program, start, position))
        codes, wires, angles = words[int(program.codes[position]), float(program.angles[position])]
        pieces.append((codes, np.where(wires == TARGET, program.wires[position, 0], wires), angles))
        start = position + 1
    unread = _unread(program)
    pieces += [_stretch(program, start, max(start, unread)), _stretch(program, max(start, unread), None)]
    width = program.width
    if isinstance(made, PhaseGradient):
        gates = made.catalyst_gates(program.width)
        pieces.insert(0, gate_arrays(gates))
        pieces.insert(-1, gate_arrays(inverse_gates(gates)))
        width += made.wires + made.carries({abs(angle) for angle in kinds[1].tolist()})
    return Program(
        width=width,
        registers=program.registers,
        codes=np.concatenate([piece[0] for piece in pieces]),
        wires=np.concatenate([piece[1] for piece in pieces]).astype(np.int32),
        angles=np.concatenate([piece[2] for piece in pieces]),
        metadata={**program.metadata, **(metadata or {})},
    )


def _turning(program: Program) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isin(program.codes, (CODE["rz"], CODE["ry"])))


def _stretch(program: Program, start: int, end: int | None) -> _Arrays:
    return program.codes[start:end], program.wires[start:end], program.angles[start:end]


def _unread(program: Program) -> int:
    """Return the number of gates before the measurements that end the program."""
    others = np.flatnonzero(program.codes != CODE["measure"])
    return int(others[-1]) + 1 if len(others) else 0


def _gates(code: int, angle: float, made: Gridsynth | PhaseGradient, width: int) -> list[Gate]:
    """Return the gates of one rotation on `TARGET`."""
    if eighths(angle) is not None and code == CODE["ry"]:
        return _placed(ry_word(angle))
    gates = (
        made.rotation_gates(angle, width) if isinstance(made, PhaseGradient) else _placed(made.word(angle))
    )
    return [*_TURNED[0], *gates, *_TURNED[1]] if code == CODE["ry"] else gates


def _placed(word: tuple[tuple[str, float], ...]) -> list[Gate]:
    return [(name, () if name == "gphase" else (TARGET,), turn) for name, turn in word]
