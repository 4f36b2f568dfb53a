"""The state of the sparse simulator: bits and amplitudes of every nonzero basis state.

Comes in: basis indices with amplitudes, then moves and blocks of a plan. Goes out: the same for the final state. A
branch groups the columns that agree on all wires but the branch wires, applies the multiplexed matrices to dense
arrays over the groups, and drops what vanished.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from carlemanc.core.arrays import Array, ComplexArray, IntArray
from carlemanc.programs.bit_rows import VARIES, BitRows, Bits
from carlemanc.programs.dense_block import DenseBlock
from carlemanc.programs.hash_groups import Grouper
from carlemanc.programs.multiplexer import PHASES, Amplitudes, MultiplexedRun, Op
from carlemanc.programs.permutation_stretch import Stretch, run_stretch
from carlemanc.programs.sparse_plan import PROJECT, Move


class SparseStore:
    """Amplitudes and bits of a state.

    Args:
        indices: basis indices, wire w = bit w, distinct.
        amplitudes: (K,) complex128.
        width: number of wires.
        threshold: amplitudes of smaller modulus are dropped after a branch.
    """

    def __init__(
        self, indices: Sequence[int], amplitudes: ComplexArray, width: int, threshold: float
    ) -> None:
        self.bits = BitRows(indices, width)
        self.amplitudes: Amplitudes = amplitudes if np.any(amplitudes.imag) else amplitudes.real.copy()
        self.discarded = 0.0
        self._threshold = threshold
        self._grouper = Grouper()

    def __len__(self) -> int:
        return len(self.amplitudes)

    def move(self, ops: Sequence[Move]) -> None:
        """Apply basis permutations and phases one by one. Raises InternalError as `BitRows` does."""
        for op in ops:
            if isinstance(op, Stretch):
                run_stretch(self.bits, op)
                continue
            kind = op.kind
            if kind == "cx":
                self.bits.cx(*op.wires)
            elif kind == "and":
                self.bits.compute_and(*op.wires)
            elif kind == "and_dg":
                self.bits.undo_and(*op.wires)
            elif kind == "x":
                self.bits.x(*op.wires)
            elif kind == PROJECT:
                self._project(*op.wires)
            else:
                self._phase(op)

    def _project(self, wire: int) -> None:
        """Drop the amplitudes in which `wire` is 1; what is dropped does not count as discarded."""
        bits = self.bits
        if bits.constant[wire] == VARIES:
            kept = np.flatnonzero(bits.live(wire) == 0)
        else:
            kept = np.arange(0 if bits.constant[wire] else bits.size)
        if len(kept) < bits.size:
            bits.fix(wire, 0)
            bits.pack()
            bits.replace([word.take(kept) for word in bits.words], len(kept))
            self.amplitudes = self.amplitudes.take(kept)

    def _phase(self, op: Op) -> None:
        """Multiply amplitudes by a phase that depends on one wire, or on the product of two."""
        value: Bits | int
        if op.kind == "cz":
            value = self.bits.product(*op.wires)
        else:
            constant = self.bits.constant[op.wires[0]]
            value = self.bits.live(op.wires[0]) if constant == VARIES else constant
        if op.kind == "rz":
            phases = np.exp(np.asarray([-0.5j, 0.5j]) * op.angle)
        else:
            phases = np.asarray([1.0, -1.0 if op.kind == "cz" else PHASES[op.kind]])
        if not np.any(np.imag(phases)):
            phases = np.real(phases)
        self.amplitudes = self.amplitudes * (phases[value] if isinstance(value, int) else phases.take(value))

    def branch(self, branch_wires: Sequence[int], runs: Sequence[MultiplexedRun]) -> None:
        """Apply a block of multiplexed matrices on `branch_wires`."""
        bits = self.bits
        values = self._values(branch_wires)
        for wire in branch_wires:
            bits.fix(wire, 0)
        bits.pack()
        representatives: IntArray | None = None
        if isinstance(values, int):
            block = DenseBlock.uniform(len(branch_wires), values, self.amplitudes)
        else:
            representatives, group = self._grouper.group(bits.words, bits.size)
            block = DenseBlock.scattered(
                len(branch_wires), values, group, len(representatives), self.amplitudes
            )
        rows = {wire: self._at(wire, representatives) for run in runs for wire in run.outside}
        for run in runs:
            block.apply(run, branch_wires, rows)
        kept, discarded = block.compress(self._threshold)
        self.discarded += discarded
        self._replace(branch_wires, kept, representatives)

    def _values(self, branch_wires: Sequence[int]) -> Bits | int:
        """Return the value of the branch wires (bit k = wire k): a number if they are constant, else (K,)."""
        fixed = 0
        varying: Bits | None = None
        for k, wire in enumerate(branch_wires):
            constant = self.bits.constant[wire]
            if constant != VARIES:
                fixed |= constant << k
            else:
                shifted = self.bits.live(wire) << np.uint8(k)
                varying = shifted if varying is None else varying | shifted
        return fixed if varying is None else varying | np.uint8(fixed)

    def _at(self, wire: int, columns: IntArray | None) -> Bits | int:
        constant = self.bits.constant[wire]
        if constant != VARIES:
            return constant
        row = self.bits.live(wire)
        return row if columns is None else row.take(columns)

    def _replace(
        self,
        branch_wires: Sequence[int],
        kept: list[tuple[int, Amplitudes, IntArray | None]],
        representatives: IntArray | None,
    ) -> None:
        """Make the surviving columns the state."""
        bits = self.bits
        sizes = [len(amplitudes) for _, amplitudes, _ in kept]
        words = []
        for word in bits.words:
            own = word if representatives is None else word.take(representatives)
            parts = [own if chosen is None else own.take(chosen) for _, _, chosen in kept]
            words.append(_joined(parts) if parts else word[:0])
        bits.replace(words, sum(sizes))
        self.amplitudes = _joined([amplitudes for _, amplitudes, _ in kept]) if kept else self.amplitudes[:0]
        for k, wire in enumerate(branch_wires):
            ones = [(value >> k) & 1 for value, _, _ in kept]
            if not any(ones) or all(ones):
                bits.fix(wire, int(bool(kept) and any(ones)))
            else:
                bits.put(wire, np.repeat(np.asarray(ones, dtype=np.uint8), sizes))


def _joined(parts: list[Array]) -> Array:
    """Return one fresh or sole array of all parts."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
