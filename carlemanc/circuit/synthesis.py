"""Rotations -> Clifford+T words (gridsynth), the same word for the counts and for the circuit.

Comes in: a `Program` and a precision per rotation. Goes out: a `Program` without rz and ry. The words are those of
N. J. Ross and P. Selinger, arXiv:1403.2975, as implemented in Qiskit; each is multiplied out and found within epsilon
in operator norm, global phase included. A word is computed once per angle modulo quarter turns and sign.
"""

from __future__ import annotations

import cmath
from functools import lru_cache
from math import pi
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.circuit.angles import Word, eighths, ry_word, rz_word
from carlemanc.circuit.program import ARITY, CODE, INVERSE, OPS, Program
from carlemanc.core.errors import InternalError
from carlemanc.core.progress import track

_T: Final = (CODE["t"], CODE["tdg"])
_HALF: Final = 0.5**0.5
_PHASES: Final = {"z": -1.0, "s": 1j, "sdg": -1j, "t": cmath.exp(0.25j * pi), "tdg": cmath.exp(-0.25j * pi)}
_ROUNDING: Final = 1e-13
"""Rounding of a product of a few hundred matrices, granted on top of epsilon."""


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
    # gridsynth's choice among words of equal T count depends on the order of its calls: fix it
    for size in sorted(set(np.abs(kinds[1]).tolist())):
        t_count_of_rotation(size, epsilon_per_rotation)
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
        word = rz_word(angle) if code == CODE["rz"] else ry_word(angle)
    else:
        word = _rotation_word(angle, epsilon)
        if code == CODE["ry"]:
            word = (("sdg", 0.0), ("h", 0.0), *word, ("h", 0.0), ("s", 0.0))
    return (
        np.asarray([CODE[name] for name, _ in word], dtype=np.uint8),
        np.asarray([turn for _, turn in word], dtype=np.float64),
    )


def _rotation_word(angle: float, epsilon: float) -> Word:
    """Return a word for rz(angle): exact quarter turns, then a synthesized word of at most pi/4 or its inverse."""
    turns = round(angle / (pi / 2))
    rest = angle - turns * (pi / 2)
    names, phase = certified_word(abs(rest), epsilon)
    if rest < 0:
        names, phase = tuple(OPS[INVERSE[CODE[name]]] for name in reversed(names)), -phase
    return (*rz_word(turns * (pi / 2)), *((name, 0.0) for name in names), ("gphase", phase))


@lru_cache(maxsize=100_000)
def certified_word(angle: float, epsilon: float) -> tuple[tuple[str, ...], float]:
    """Return (gate names in time order, global phase) of a word for rz(angle), 0 < angle < pi/4.

    gridsynth is asked for twice the precision wanted, because its words are about twice as good as asked
    (measured: at most 0.5 epsilon in 720 words); the word is multiplied out, and where it misses epsilon,
    gridsynth is asked again for more. Raises InternalError where no word within epsilon is found.
    """
    from qiskit.synthesis import gridsynth_rz

    for asked in (2.0, 1.0, 0.5, 0.1):
        circuit = gridsynth_rz(angle, asked * epsilon)
        names = tuple(item.operation.name for item in circuit.data)
        phase = float(circuit.global_phase)
        if word_error(names, phase, angle) <= epsilon + _ROUNDING:
            return names, phase
    raise InternalError(f"no Clifford+T word within {epsilon} of rz({angle}) was found")


def word_error(names: tuple[str, ...], phase: float, angle: float) -> float:
    """Return the operator-norm distance of a word from rz(angle), multiplied out in double precision."""
    a, b, c, d = cmath.exp(1j * phase), 0j, 0j, cmath.exp(1j * phase)
    for name in names:
        if name == "h":
            a, b, c, d = _HALF * (a + c), _HALF * (b + d), _HALF * (a - c), _HALF * (b - d)
        elif name == "x":
            a, b, c, d = c, d, a, b
        else:
            c, d = c * _PHASES[name], d * _PHASES[name]
    difference = np.asarray([[a - cmath.exp(-0.5j * angle), b], [c, d - cmath.exp(0.5j * angle)]])
    return float(np.linalg.norm(difference, 2))
