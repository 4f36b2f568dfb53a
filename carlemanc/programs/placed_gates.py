"""Gates of a synthesized rotation on numbered wires, before they are written into the arrays of a `Program`."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray
from carlemanc.programs.angles import Word
from carlemanc.programs.program import CODE, INVERSE, OPS

TARGET: Final = -2
"""Stands for the rotated wire in the gates of a rotation."""
PlacedGate = tuple[str, tuple[int, ...], float]
"""Name, wires, angle."""
GateArrays = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], FloatArray]
"""Codes, wires (unused places -1) and angles."""


def on_wire(word: Word, wire: int = TARGET) -> list[PlacedGate]:
    """Return the gates of a word on one wire."""
    return [(name, () if name == "gphase" else (wire,), turn) for name, turn in word]


def inverse_gates(gates: list[PlacedGate]) -> list[PlacedGate]:
    """Return the inverse of gates without rotations."""
    return [(OPS[INVERSE[CODE[name]]], wires, -angle) for name, wires, angle in reversed(gates)]


def gate_arrays(gates: list[PlacedGate]) -> GateArrays:
    """Return the gates as arrays."""
    wires: npt.NDArray[np.int32] = np.full((len(gates), 3), -1, dtype=np.int32)
    for place, (_, on, _) in enumerate(gates):
        wires[place, : len(on)] = on
    codes = np.asarray([CODE[name] for name, _, _ in gates], dtype=np.uint8)
    return codes, wires, np.asarray([angle for _, _, angle in gates], dtype=np.float64)
