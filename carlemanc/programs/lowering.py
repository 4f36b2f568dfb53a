"""Expand `and`, `and_dg` and `ry` into the gate set of exported files.

Comes in: a `Program`. Goes out: a `LoweredProgram` over `LOWERED_OPS`: what a file contains, gate by gate. An AND
is undone either by measurement and feed-forward (h, measure, conditional cz, reset: no T) or by the inverse
circuit (4 T). Identities: C. Gidney, arXiv:1709.06648, figure 3; multiplied out in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.programs.program import ARITY, CODE, OPS, Program

Uncompute = Literal["measure", "unitary"]

LOWERED_OPS: Final = (*OPS, "reset", "cz_if")
"""Primitives of a lowered program. `reset` leaves |0>; `cz_if` is cz on two wires if a classical bit is 1."""

LOWERED_CODE: Final = {name: code for code, name in enumerate(LOWERED_OPS)}

_AND: Final = (
    ("h", 2), ("t", 2), ("cx", 0, 2), ("cx", 1, 2), ("cx", 2, 0), ("cx", 2, 1), ("tdg", 0), ("tdg", 1), ("t", 2),
    ("cx", 2, 0), ("cx", 2, 1), ("h", 2), ("s", 2),
)  # fmt: skip
_FLIP: Final = {"s": "sdg", "t": "tdg", "tdg": "t"}
_TEMPLATES: Final[dict[str, tuple[tuple[str | int, ...], ...]]] = {
    "and": _AND,
    "and_dg": tuple((_FLIP.get(str(name), name), *slots) for name, *slots in reversed(_AND)),
    "and_dg/measure": (("h", 2), ("measure", 2), ("cz_if", 0, 1), ("reset", 2)),
    "ry": (("sdg", 0), ("h", 0), ("rz", 0), ("h", 0), ("s", 0)),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoweredProgram:
    """A circuit in the gate set of files: op i is `LOWERED_OPS[codes[i]]` on `wires[i]`.

    Args:
        width: number of wires.
        registers: name -> wires, least significant first.
        codes: (ops,) uint8, index into `LOWERED_OPS`.
        wires: (ops, 3) int32, unused places -1.
        angles: (ops,) float64, radians.
        bits: (ops,) int32, the classical bit that `measure` writes or `cz_if` reads, else -1.
        scratch_bits: bits 0..scratch_bits-1 belong to undone ANDs (one per wire, reused); readout bits follow, one
            per `measure` of the program, in order.
        bit_count: number of classical bits.
        uncompute: how ANDs were undone.
    """

    width: int
    registers: Mapping[str, tuple[int, ...]]
    codes: npt.NDArray[np.uint8]
    wires: npt.NDArray[np.int32]
    angles: FloatArray
    bits: npt.NDArray[np.int32]
    scratch_bits: int
    bit_count: int
    uncompute: Uncompute

    def __len__(self) -> int:
        return len(self.codes)

    def depth(self, before: Mapping[int, int] | None = None) -> int:
        """Return the number of layers, classical bits counted as wires, global phases not at all.

        Args:
            before: wire -> layers that a file puts on it ahead of the program.
        """
        front = [0] * (self.width + self.bit_count + 1)
        none = len(front) - 1
        for wire, layers in (before or {}).items():
            front[wire] = layers
        bits = np.where(self.bits >= 0, self.bits + self.width, none)
        a, b = (np.where(self.wires[:, k] >= 0, self.wires[:, k], none).tolist() for k in (0, 1))
        for first, second, bit in zip(a, b, bits.tolist(), strict=True):
            layer = max(front[first], front[second], front[bit]) + 1
            front[first] = front[second] = front[bit] = layer
            front[none] = 0
        return max(front)


def lower(program: Program, uncompute: Uncompute = "measure") -> LoweredProgram:
    """Return `program` in the gate set of files.

    Args:
        program: any program.
        uncompute: "measure" undoes ANDs by measurement and feed-forward, "unitary" by the inverse circuit.
    """
    table = _Table.build(uncompute)
    lengths = table.lengths[program.codes]
    source = np.repeat(np.arange(len(program)), lengths)
    step = np.arange(len(source)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    origin = program.codes[source]
    codes = table.codes[origin, step]
    slots = table.slots[origin, step]
    padded = np.concatenate([program.wires, np.full((len(program), 1), -1, dtype=np.int32)], axis=1)
    wires = padded[source[:, None], slots]
    angles = np.where(table.keeps_angle[origin, step], program.angles[source], 0.0)
    bits, scratch, count = _classical_bits(program, codes, origin, source)
    return LoweredProgram(
        width=program.width,
        registers=program.registers,
        codes=codes,
        wires=wires.astype(np.int32),
        angles=angles,
        bits=bits,
        scratch_bits=scratch,
        bit_count=count,
        uncompute=uncompute,
    )


def _classical_bits(
    program: Program,
    codes: npt.NDArray[np.uint8],
    origin: npt.NDArray[np.uint8],
    source: npt.NDArray[np.intp],
) -> tuple[npt.NDArray[np.int32], int, int]:
    reads = (codes == CODE["measure"]) | (codes == LOWERED_CODE["cz_if"])
    undone = reads & (origin == CODE["and_dg"])
    bits = np.full(len(codes), -1, dtype=np.int32)
    targets = program.wires[source[undone], 2]
    scratch = np.unique(targets)
    bits[undone] = np.searchsorted(scratch, targets)
    readout = reads & ~undone
    count = int(readout.sum())
    bits[readout] = len(scratch) + np.arange(count)
    return bits, len(scratch), len(scratch) + count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """The expansion of every primitive, as arrays indexed by (code, step)."""

    lengths: npt.NDArray[np.intp]
    codes: npt.NDArray[np.uint8]
    slots: npt.NDArray[np.intp]
    keeps_angle: Mask

    @staticmethod
    def build(uncompute: Uncompute) -> _Table:
        templates: list[tuple[tuple[str | int, ...], ...]] = []
        for primitive, arity in zip(OPS, ARITY, strict=True):
            key = "and_dg/measure" if primitive == "and_dg" and uncompute == "measure" else primitive
            templates.append(_TEMPLATES.get(key, ((primitive, *range(arity)),)))
        longest = max(map(len, templates))
        table = _Table(
            lengths=np.asarray([len(t) for t in templates], dtype=np.intp),
            codes=np.zeros((len(OPS), longest), dtype=np.uint8),
            slots=np.full((len(OPS), longest, 3), 3, dtype=np.intp),
            keeps_angle=np.zeros((len(OPS), longest), dtype=np.bool_),
        )
        for code, template in enumerate(templates):
            for step, (name, *slots) in enumerate(template):
                table.codes[code, step] = LOWERED_CODE[str(name)]
                table.slots[code, step, : len(slots)] = slots
                table.keeps_angle[code, step] = name in ("rz", "gphase")
        return table
