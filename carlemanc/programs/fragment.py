"""Relocatable sub-programs: primitives on local wires, and how a parent composes its children.

Comes in: primitives, or fragments with the wires they act on. Goes out: a `Fragment`, which an emitter places
anywhere by one array look-up, so a block encoding that a QSVT calls a thousand times is compiled once.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray
from carlemanc.programs.program import ARITY, CODE, INVERSE

_INVERSE: Final = np.asarray(INVERSE, dtype=np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fragment:
    """A circuit on local wires 0..width-1.

    Wires 0..inputs-1 hold the left registers (in signature order, most significant bit first); the others are
    taken clean from the parent. Wires not in `outputs` are returned to the parent clean.

    Args:
        inputs: number of left wires.
        outputs: local wires of the right registers, in signature order, most significant bit first.
        width: number of local wires.
        codes: (ops,) uint8.
        wires: (ops, 3) int32 local wires, unused places -1.
        angles: (ops,) float64.
    """

    inputs: int
    outputs: npt.NDArray[np.int32]
    width: int
    codes: npt.NDArray[np.uint8]
    wires: npt.NDArray[np.int32]
    angles: FloatArray

    def __len__(self) -> int:
        return len(self.codes)

    def adjoint(self) -> Fragment:
        """Return the inverse: reversed primitives, inputs and outputs exchanged, wires renumbered to match."""
        if np.any(self.codes == CODE["measure"]):
            raise ValueError("a fragment with measurements has no adjoint")
        renumber = np.full(self.width + 1, -1, dtype=np.int32)
        renumber[self.outputs] = np.arange(len(self.outputs), dtype=np.int32)
        others = np.flatnonzero(renumber[:-1] < 0)
        renumber[others] = np.arange(len(self.outputs), self.width, dtype=np.int32)
        return Fragment(
            inputs=len(self.outputs),
            outputs=renumber[: self.inputs].copy(),
            width=self.width,
            codes=_INVERSE[self.codes[::-1]],
            wires=renumber[self.wires[::-1]],
            angles=-self.angles[::-1],
        )


class FragmentBuilder:
    """Collects primitives and placed fragments, and hands out the lowest free wire (so width is the peak)."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.width = inputs
        self._free: list[int] = []
        self._pieces: list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32], FloatArray]] = []
        self._codes: list[int] = []
        self._wires: list[tuple[int, int, int]] = []
        self._angles: list[float] = []

    def take(self) -> int:
        """Return the lowest free wire, in |0>."""
        if self._free:
            return heapq.heappop(self._free)
        self.width += 1
        return self.width - 1

    def release(self, wire: int) -> None:
        """Return a wire that is |0>."""
        heapq.heappush(self._free, wire)

    def add(self, name: str, *wires: int, angle: float = 0.0) -> None:
        """Append one primitive."""
        code = CODE[name]
        if len(wires) != ARITY[code]:
            raise ValueError(f"{name} takes {ARITY[code]} wires, got {len(wires)}")
        padded = (*wires, -1, -1, -1)
        self._codes.append(code)
        self._wires.append((padded[0], padded[1], padded[2]))
        self._angles.append(angle)

    def place(self, child: Fragment, wires: Sequence[int]) -> list[int]:
        """Append `child` with its left wires on `wires`; return the wires of its right registers."""
        fresh = [self.take() for _ in range(child.width - child.inputs)]
        local = [*wires, *fresh]
        self.placed_on(child, local)
        outputs = [local[w] for w in child.outputs.tolist()]
        if len(child):
            self._flush()
            place = np.asarray([*local, -1], dtype=np.int32)
            self._pieces.append((child.codes, place[child.wires], child.angles))
        if fresh or len(outputs) != child.inputs:
            for wire in set(local).difference(outputs):
                self.release(wire)
        return outputs

    def placed_on(self, child: Fragment, local: Sequence[int]) -> None:
        """Called for every fragment with the wires it is placed on; nothing here."""

    def _flush(self) -> None:
        if self._codes:
            self._pieces.append(
                (
                    np.asarray(self._codes, dtype=np.uint8),
                    np.asarray(self._wires, dtype=np.int32),
                    np.asarray(self._angles, dtype=np.float64),
                )
            )
            self._codes, self._wires, self._angles = [], [], []

    def finish(self, outputs: Sequence[int]) -> Fragment:
        """Return the fragment whose right registers are on `outputs`."""
        self._flush()
        codes = [piece[0] for piece in self._pieces]
        wires = [piece[1] for piece in self._pieces]
        angles = [piece[2] for piece in self._pieces]
        return Fragment(
            inputs=self.inputs,
            outputs=np.asarray(outputs, dtype=np.int32),
            width=self.width,
            codes=np.concatenate(codes) if codes else np.zeros(0, dtype=np.uint8),
            wires=np.concatenate(wires) if wires else np.zeros((0, 3), dtype=np.int32),
            angles=np.concatenate(angles) if angles else np.zeros(0),
        )
