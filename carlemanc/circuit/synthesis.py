"""Rotations -> Clifford+T words (gridsynth), the same word for the counts and for the circuit.

Comes in: a `Program` and a precision per rotation. Goes out: a `Program` without rz and ry. The words are those of
N. J. Ross and P. Selinger, arXiv:1403.2975, as implemented in Qiskit; each is within epsilon in operator norm,
global phase included, and is computed once per angle: rz(-a) is the inverse of the word of rz(a).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.circuit.angles import eighths, ry_word, rz_word
from carlemanc.circuit.program import ARITY, CODE, INVERSE, Program
from carlemanc.core.progress import track

_T: Final = (CODE["t"], CODE["tdg"])


def synthesize(program: Program, epsilon_per_rotation: float) -> Program:
    """Return `program` with every rz and ry replaced by a Clifford+T word.

    Args:
        program: any program.
        epsilon_per_rotation: operator-norm error allowed to each rotation, in (0, 1).

    Raises:
        ValueError: epsilon is not in (0, 1).
    """
    if not 0.0 < epsilon_per_rotation < 1.0:
        raise ValueError(f"the rotation precision must lie in (0, 1), got {epsilon_per_rotation}")
    turning = np.isin(program.codes, (CODE["rz"], CODE["ry"]))
    kinds = np.unique(np.stack([program.codes[turning], program.angles[turning]]), axis=1)
    words = {
        (int(code), angle): _word(int(code), angle, epsilon_per_rotation)
        for code, angle in track(kinds.T.tolist(), "synthesize rotations", total=kinds.shape[1])
    }
    pieces: list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], npt.NDArray[np.float64]]] = []
    start = 0
    for position in np.flatnonzero(turning).tolist():
        pieces.append(
            (program.codes[start:position], program.wires[start:position], program.angles[start:position])
        )
        codes, angles = words[int(program.codes[position]), float(program.angles[position])]
        wires = np.full((len(codes), 3), -1, dtype=np.int32)
        wires[np.asarray(ARITY)[codes] == 1, 0] = program.wires[position, 0]
        pieces.append((codes, wires, angles))
        start = position + 1
    pieces.append((program.codes[start:], program.wires[start:], program.angles[start:]))
    return Program(
        width=program.width,
        registers=program.registers,
        codes=np.concatenate([piece[0] for piece in pieces]),
        wires=np.concatenate([piece[1] for piece in pieces]),
        angles=np.concatenate([piece[2] for piece in pieces]),
        metadata={**program.metadata, "rotation_epsilon": epsilon_per_rotation},
    )


def t_count_of_rotation(angle: float, epsilon: float) -> int:
    """Return the T gates of rz(angle) (and of ry(angle)) within epsilon in operator norm."""
    codes, _ = _word(CODE["rz"], angle, epsilon)
    return int(np.isin(codes, _T).sum())


def _word(code: int, angle: float, epsilon: float) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Return (codes, angles) of a Clifford+T word for rz or ry; only gphase has an angle."""
    if eighths(angle) is not None:
        exact = rz_word(angle) if code == CODE["rz"] else ry_word(angle)
        return (
            np.asarray([CODE[name] for name, _ in exact], dtype=np.uint8),
            np.asarray([turn for _, turn in exact], dtype=np.float64),
        )
    names, phase = _gridsynth(abs(angle), epsilon)
    codes = np.asarray([CODE[name] for name in names], dtype=np.uint8)
    if angle < 0:
        codes, phase = np.asarray(INVERSE, dtype=np.uint8)[codes[::-1]], -phase
    if code == CODE["ry"]:
        before, after = [CODE["sdg"], CODE["h"]], [CODE["h"], CODE["s"]]
        codes = np.concatenate([before, codes, after]).astype(np.uint8)
    codes = np.append(codes, np.uint8(CODE["gphase"]))
    angles = np.zeros(len(codes))
    angles[-1] = phase
    return codes, angles


@lru_cache(maxsize=100_000)
def _gridsynth(angle: float, epsilon: float) -> tuple[tuple[str, ...], float]:
    """Return (gate names in time order, global phase) of a word for rz(angle)."""
    from qiskit.synthesis import gridsynth_rz

    circuit = gridsynth_rz(angle, epsilon)
    return tuple(item.operation.name for item in circuit.data), float(circuit.global_phase)
