"""Runs of gates on one target wire as one multiplexed 2x2 matrix: a table over the values of the controls.

Comes in: gates that all act on the same target, with controls elsewhere (ry, h, x, z, s, t, rz, cx, cz). Goes out:
`MultiplexedRun`, the product for every control pattern, so that a simulator branches once a run and not once a gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from carlemanc.core.arrays import Array, ComplexArray

MAX_CONTROLS: Final = 10
"""A run over more controls is cut in two: tables have at most 2^MAX_CONTROLS entries."""

PHASES: Final = {
    "z": -1.0 + 0j,
    "s": 1j,
    "sdg": -1j,
    "t": np.exp(0.25j * np.pi),
    "tdg": np.exp(-0.25j * np.pi),
}
_HALF: Final = 0.5**0.5
_PLANAR: Final = frozenset(("ry", "cx", "x", "cz", "z"))
_LONG: Final = 32
"""Runs from this length on are multiplied by angles where they can be."""
_TINY: Final = 2e-16
"""Entries below are cosines of right angles."""


class Op(NamedTuple):
    """One scheduled primitive: bit masks say what it changes and what it touches.

    `kind` is the primitive's name, `wires` its wires, `targets` the mask of wires whose basis value it changes and
    `touches` the mask of all its wires.
    """

    kind: str
    wires: tuple[int, ...]
    angle: float
    targets: int
    touches: int


Amplitudes = Array
"""float64 or complex128."""
Entry = Amplitudes | None
"""Over the outside patterns; None where zero for all."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultiplexedRun:
    """A multiplexed matrix on `target`.

    Args:
        target: the wire.
        inside: control wires that are branch wires of the same block.
        outside: the other control wires.
        entries: `entries[i][out][source]` over the inside pattern i: the matrix element for every outside
            pattern, (2^len(outside),), real where all are; None where all are zero. Bit k of a pattern is
            control k.
    """

    target: int
    inside: tuple[int, ...]
    outside: tuple[int, ...]
    entries: tuple[tuple[tuple[Entry, Entry], tuple[Entry, Entry]], ...]


class RunBuilder:
    """Collects the gates of one run."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.ops: list[Op] = []
        self.targets = 1 << target
        self.touches = 0
        self.controls: list[int] = []

    def accepts(self, op: Op) -> bool:
        """Return whether the gate fits into this run."""
        if not (op.touches >> self.target) & 1 or op.targets & ~self.targets:
            return False
        if op.kind == "cx" and op.wires[1] != self.target:
            return False
        extra = sum(wire != self.target and wire not in self.controls for wire in op.wires)
        return len(self.controls) + extra <= MAX_CONTROLS

    def commutes(self, op: Op) -> bool:
        """Return whether the gate may be moved before this run."""
        return not (op.targets & self.touches or op.touches & self.targets)

    def append(self, op: Op) -> None:
        """Add a gate that `accepts` allowed."""
        self.ops.append(op)
        self.touches |= op.touches
        for wire in op.wires:
            if wire != self.target and wire not in self.controls:
                self.controls.append(wire)

    def build(self, branch_wires: Sequence[int]) -> MultiplexedRun:
        """Multiply the gates out for every control pattern."""
        inside = tuple(wire for wire in self.controls if wire in branch_wires)
        outside = tuple(wire for wire in self.controls if wire not in branch_wires)
        table = product_table(self.ops, self.target, outside + inside)
        parts = table.reshape(1 << len(inside), 1 << len(outside), 2, 2)
        entries = tuple(
            (
                (_entry(part[:, 0, 0]), _entry(part[:, 0, 1])),
                (_entry(part[:, 1, 0]), _entry(part[:, 1, 1])),
            )
            for part in parts
        )
        return MultiplexedRun(target=self.target, inside=inside, outside=outside, entries=entries)


def _entry(values: ComplexArray) -> Entry:
    if not np.any(values):
        return None
    return np.ascontiguousarray(values if np.any(values.imag) else values.real)


def product_table(ops: Sequence[Op], target: int, controls: Sequence[int]) -> ComplexArray:
    """Return (2^controls, 2, 2): the product of `ops` on `target` for each value of the controls (bit k = wire k)."""
    if len(ops) >= _LONG and all(op.kind in _PLANAR for op in ops):
        return _planar_table(ops, target, controls)
    patterns = np.arange(1 << len(controls))
    on = {wire: ((patterns >> k) & 1).astype(bool) for k, wire in enumerate(controls)}
    table = np.zeros((len(patterns), 2, 2), dtype=np.complex128)
    table[:, 0, 0] = table[:, 1, 1] = 1.0
    for op in ops:
        if op.kind == "cx":
            where = on[op.wires[0]]
            table[where] = table[where][:, ::-1]
        elif op.kind == "cz":
            (control,) = (wire for wire in op.wires if wire != target)
            table[on[control], 1] *= -1.0
        else:
            table = _matrix(op.kind, op.angle) @ table
    return table


def _planar_table(ops: Sequence[Op], target: int, controls: Sequence[int]) -> ComplexArray:
    """`product_table` of rotations and flips alone, by angles: every product is sign R(angle) Z^r X^p.

    X R(a) = R(-a) X, Z R(a) = R(-a) Z and X Z = -Z X; some twenty times faster than products of matrices.
    """
    patterns = np.arange(1 << len(controls))
    bits = {wire: ((patterns >> k) & 1).astype(np.uint8) for k, wire in enumerate(controls)}
    always = np.ones(len(patterns), dtype=np.uint8)
    mirror = {wire: 1.0 - 2.0 * bit for wire, bit in bits.items()}
    angle, sign = np.zeros(len(patterns)), np.ones(len(patterns))
    r, p = np.zeros_like(always), np.zeros_like(always)
    for op in ops:
        if op.kind == "ry":
            angle += op.angle
            continue
        control = next((wire for wire in op.wires if wire != target), None)
        on = always if control is None else bits[control]
        angle *= -1.0 if control is None else mirror[control]
        if op.kind in ("cx", "x"):
            if r.any():
                sign *= 1.0 - 2.0 * (r & on)
            p ^= on
        else:
            r ^= on
    c, s = sign * np.cos(angle / 2), sign * np.sin(angle / 2)
    flip = 1.0 - 2.0 * r
    columns = np.stack([np.stack([c, s], axis=1), np.stack([-s * flip, c * flip], axis=1)], axis=2)
    columns[np.abs(columns) < _TINY] = 0.0
    swapped = p.astype(bool)
    columns[swapped] = columns[swapped][:, :, ::-1]
    return columns.astype(np.complex128)


def _matrix(kind: str, angle: float) -> ComplexArray:
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    if kind == "x":
        return np.asarray([[0, 1], [1, 0]], dtype=np.complex128)
    if kind == "h":
        return np.asarray([[_HALF, _HALF], [_HALF, -_HALF]], dtype=np.complex128)
    if kind == "ry":
        return np.asarray([[c, -s], [s, c]], dtype=np.complex128)
    if kind == "rz":
        return np.diag([c - 1j * s, c + 1j * s])
    return np.diag([1.0, PHASES[kind]])
