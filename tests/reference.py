"""What carlemanc is compared with: gates on dense vectors, Kronecker products, small maps with known answers.

Wire w of a program is bit w of an index, so the first wire is least significant; of several registers the first named
one is. Slot 1 of a Kronecker product is most significant, as in numpy.kron.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.circuit.program import ARITY, CODE, OPS, Program

Vector = npt.NDArray[np.complex128]

_S = 0.5**0.5
_FIXED = {
    "x": [[0, 1], [1, 0]],
    "y": [[0, -1j], [1j, 0]],
    "z": [[1, 0], [0, -1]],
    "h": [[_S, _S], [_S, -_S]],
    "s": [[1, 0], [0, 1j]],
    "sdg": [[1, 0], [0, -1j]],
    "t": [[1, 0], [0, np.exp(0.25j * np.pi)]],
    "tdg": [[1, 0], [0, np.exp(-0.25j * np.pi)]],
}


def gate_matrix(name: str, angle: float = 0.0) -> Vector:
    """Return the 2x2 matrix of a one-wire primitive."""
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    if name == "rz":
        return np.diag([c - 1j * s, c + 1j * s])
    if name == "ry":
        return np.asarray([[c, -s], [s, c]], dtype=np.complex128)
    return np.asarray(_FIXED[name], dtype=np.complex128)


def program_of(
    width: int,
    ops: Sequence[tuple[Any, ...]],
    *,
    metadata: dict[str, object] | None = None,
    **registers: Sequence[int],
) -> Program:
    """Return the program of (name, *wires) or (name, *wires, angle) tuples; without registers all wires are `q`."""
    wires = np.full((len(ops), 3), -1, dtype=np.int32)
    angles = np.zeros(len(ops))
    for row, (name, *rest) in enumerate(ops):
        arity = ARITY[CODE[name]]
        wires[row, :arity] = rest[:arity]
        angles[row : row + 1] = rest[arity:] or 0.0
    return Program(
        width=width,
        registers={name: tuple(on) for name, on in (registers or {"q": range(width)}).items()},
        codes=np.array([CODE[name] for name, *_ in ops], dtype=np.uint8),
        wires=wires,
        angles=angles,
        metadata=metadata or {},
    )


def evaluate(program: Program, initial: npt.NDArray[Any] | None = None) -> Vector:
    """Return the state after `program`, from |0> or from a vector or several columns; an AND is a Toffoli."""
    size = 1 << program.width
    state = np.eye(size, 1, dtype=np.complex128)[:, 0] if initial is None else initial.astype(np.complex128)
    index = np.arange(size)
    for code, (a, b, t), angle in zip(
        program.codes.tolist(), program.wires.tolist(), program.angles.tolist(), strict=True
    ):
        name = OPS[code]
        if name == "gphase":
            state = state * np.exp(1j * angle)
        elif name == "cz":
            state = (np.where((index >> a) & (index >> b) & 1, -1.0, 1.0) * state.T).T
        elif name == "cx":
            state = state[index ^ (((index >> a) & 1) << b)]
        elif name == "swap":
            differ = ((index >> a) ^ (index >> b)) & 1
            state = state[index ^ (differ << a) ^ (differ << b)]
        elif name in ("and", "and_dg"):
            state = state[index ^ (((index >> a) & (index >> b) & 1) << t)]
        else:
            matrix = gate_matrix(name, angle)
            low, high = index & ~(1 << a), index | (1 << a)
            bit = (index >> a) & 1
            state = (matrix[bit, 0] * state[low].T + matrix[bit, 1] * state[high].T).T
    return state


def unitary(program: Program, names: Sequence[str] | None = None) -> Vector:
    """Return the matrix of all wires, or between the named registers; the other wires go from |0> to |0>."""
    if names is None:
        return evaluate(program, np.eye(1 << program.width))
    wires = [wire for name in names for wire in program.registers[name]]
    columns = np.arange(1 << len(wires))
    places = sum(((columns >> bit & 1) << wire for bit, wire in enumerate(wires)), np.zeros_like(columns))
    state = evaluate(program, np.eye(1 << program.width)[:, places])
    assert np.abs(np.delete(state, places, axis=0)).max(initial=0.0) < 1e-12, "another wire is left dirty"
    return state[places]


def response(phases: Any, x: Any, convention: str) -> Vector:
    """Return <0|U|0> at the points x for phases of QSP in a convention of module phase_factors: the definition."""
    s = np.sqrt((1 - x) * (1 + x))
    off, corner = (1j * s, x) if convention == "W" else (s + 0j, -x)
    left, right = np.exp(1j * phases[0]) * np.ones_like(x), np.zeros_like(x) + 0j
    for phi in phases[1:]:
        left, right = (
            (left * x + right * off) * np.exp(1j * phi),
            (left * off + right * corner) * np.exp(-1j * phi),
        )
    return np.asarray(left, dtype=np.complex128)
