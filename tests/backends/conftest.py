"""Random valid programs and what they do, computed with dense numpy matrices."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest

from carlemanc.circuit.program import ARITY, CODE, OPS, Program

Row = tuple[str, tuple[int, ...], float]


@pytest.fixture(scope="session")
def reference() -> SimpleNamespace:
    """The functions of this module."""
    return SimpleNamespace(
        program_of=program_of, random_program=random_program, unitary=unitary, clean_columns=clean_columns
    )


_R = np.sqrt(0.5)
_ONE = {
    "x": np.array([[0, 1], [1, 0]]),
    "y": np.array([[0, -1j], [1j, 0]]),
    "z": np.diag([1, -1]),
    "h": np.array([[_R, _R], [_R, -_R]]),
    "s": np.diag([1, 1j]),
    "sdg": np.diag([1, -1j]),
    "t": np.diag([1, np.exp(0.25j * np.pi)]),
    "tdg": np.diag([1, np.exp(-0.25j * np.pi)]),
}


def program_of(
    rows: list[Row], *, width: int, registers: dict[str, tuple[int, ...]], **metadata: object
) -> Program:
    """Return the program of (name, wires, angle) rows."""
    wires = np.full((len(rows), 3), -1, dtype=np.int32)
    for i, (name, on, _) in enumerate(rows):
        assert len(on) == ARITY[CODE[name]]
        wires[i, : len(on)] = on
    return Program(
        width=width,
        registers=registers,
        codes=np.array([CODE[row[0]] for row in rows], dtype=np.uint8),
        wires=wires,
        angles=np.array([row[2] for row in rows], dtype=float),
        metadata=metadata,
    )


def random_program(seed: int, *, ands: bool = True, size: int = 8) -> Program:
    """Return a program on 5 wires in scrambled order: system (2), ancilla (1), two work wires, `size` blocks.

    Every AND is undone, and in between only acted on so that it can be.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(5).tolist()
    named, work = order[:3], order[3:]
    rows: list[Row] = []
    for _ in range(size):
        rows += _free_gates(rng, named)
        if ands and rng.random() < 0.6:
            rows += _and_block(rng, named, work)
        if rng.random() < 0.3:
            rows.append(("gphase", (), float(rng.normal())))
    return program_of(
        rows, width=5, registers={"ancilla": (named[2],), "system": (named[0], named[1])}, seed=seed
    )


def _free_gates(rng: np.random.Generator, wires: list[int]) -> list[Row]:
    rows: list[Row] = []
    for _ in range(3):
        name = str(rng.choice([op for op in OPS if op not in ("and", "and_dg", "gphase", "measure")]))
        on = rng.permutation(wires)[: ARITY[CODE[name]]]
        rows.append((name, tuple(map(int, on)), float(rng.normal()) if name in ("rz", "ry") else 0.0))
    return rows


def _and_block(rng: np.random.Generator, named: list[int], work: list[int]) -> list[Row]:
    a, b, c = (int(wire) for wire in rng.permutation(named))
    t, u = (int(wire) for wire in rng.permutation(work))
    inside: list[Row] = [
        ("rz", (t,), float(rng.normal())), ("cx", (t, c), 0.0), ("cz", (t, c), 0.0), ("t", (t,), 0.0),
        ("ry", (c,), float(rng.normal())), ("s", (a,), 0.0), ("cz", (a, t), 0.0),
    ]  # fmt: skip
    chosen = [inside[i] for i in rng.permutation(len(inside))[:3]]
    if rng.random() < 0.5:
        chosen += [("and", (t, a, u), 0.0), ("cz", (u, c), 0.0), ("and_dg", (t, a, u), 0.0)]
    return [("and", (a, b, t), 0.0), *chosen, ("and_dg", (a, b, t), 0.0)]


def unitary(program: Program) -> npt.NDArray[np.complex128]:
    """Return the 2^width matrix (index bit i = wire i), an AND being a Toffoli (targets are clean)."""
    size = 1 << program.width
    result = np.eye(size, dtype=complex)
    for code, wires, angle in zip(program.codes, program.wires, program.angles, strict=True):
        result = _matrix(OPS[code], wires.tolist(), float(angle), size) @ result
    return result


def _matrix(name: str, wires: list[int], angle: float, size: int) -> npt.NDArray[np.complex128]:
    index = np.arange(size)
    bits = [(index >> wire) & 1 for wire in wires if wire >= 0]
    if name == "gphase":
        return np.exp(1j * angle) * np.eye(size)
    if name == "cz":
        return np.diag((-1.0) ** (bits[0] * bits[1])).astype(complex)
    if name in ("cx", "swap", "and", "and_dg"):
        image = {
            "cx": lambda: index ^ (bits[0] << wires[1]),
            "swap": lambda: index ^ ((bits[0] ^ bits[1]) << wires[0]) ^ ((bits[0] ^ bits[1]) << wires[1]),
        }.get(name, lambda: index ^ ((bits[0] & bits[1]) << wires[2]))()
        return np.eye(size, dtype=complex)[:, image]
    half = angle / 2
    turns = {
        "rz": np.diag([np.exp(-1j * half), np.exp(1j * half)]),
        "ry": np.array([[np.cos(half), -np.sin(half)], [np.sin(half), np.cos(half)]]),
    }
    small = turns[name] if name in turns else _ONE[name]
    return np.kron(np.kron(np.eye(size >> (wires[0] + 1)), small), np.eye(1 << wires[0]))


def clean_columns(program: Program) -> npt.NDArray[np.int64]:
    """Return the basis states in which every wire outside the registers is 0."""
    named = sum(1 << wire for wires in program.registers.values() for wire in wires)
    index = np.arange(1 << program.width)
    return index[index & ~named == 0]
