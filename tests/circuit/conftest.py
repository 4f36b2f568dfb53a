"""A plain dense state vector, gate by gate, to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

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
    """2x2 matrix of a one-wire primitive."""
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    if name == "rz":
        return np.diag([c - 1j * s, c + 1j * s])
    if name == "ry":
        return np.asarray([[c, -s], [s, c]], dtype=np.complex128)
    return np.asarray(_FIXED[name], dtype=np.complex128)


def dense_state(program: Program, initial: npt.NDArray[Any] | None = None) -> Vector:
    """State vector (wire w = bit w) after `program`; `initial` may have several columns. AND = Toffoli."""
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


def program_of(width: int, ops: Sequence[tuple[Any, ...]], **registers: Sequence[int]) -> Program:
    """Program from (name, *wires) or (name, *wires, angle) tuples."""
    codes, wires, angles = [], [], []
    for name, *rest in ops:
        arity = ARITY[CODE[name]]
        codes.append(CODE[name])
        wires.append([*rest[:arity], -1, -1, -1][:3])
        angles.append(rest[arity] if len(rest) > arity else 0.0)
    return Program(
        width=width,
        registers={name: tuple(on) for name, on in (registers or {"q": range(width)}).items()},
        codes=np.asarray(codes, dtype=np.uint8),
        wires=np.asarray(wires, dtype=np.int32).reshape(-1, 3),
        angles=np.asarray(angles, dtype=np.float64),
    )


@pytest.fixture(scope="session")
def dense() -> Callable[..., Vector]:
    return dense_state


@pytest.fixture(scope="session")
def make_program() -> Callable[..., Program]:
    return program_of


@pytest.fixture(scope="session")
def matrix_of() -> Callable[..., Vector]:
    return gate_matrix
