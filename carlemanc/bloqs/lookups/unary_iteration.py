"""Lookup of a large table by unary iteration, its counts from arrays; also of a table known by shape alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import attrs
import numpy as np
from qualtran import Bloq
from qualtran.bloqs.basic_gates import CNOT, XGate
from qualtran.bloqs.mcmt import And

from carlemanc.bloqs.bit_bloq import BitBloq, CallCounter
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.lookup_data import LookupData, LookupShape, LookupTable
from carlemanc.core.arrays import Mask
from carlemanc.core.errors import InputError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    """The address tree of a table, leaves first: level d has one node for each run of 2^d entries.

    Args:
        splits: per level 1..k, whether the halves of each node differ.
        ands: number of nodes that split and are reached.
        ones: number of ones in the entries that are written.
        depth: the most splits on a path.
    """

    splits: list[Mask]
    ands: int
    ones: int
    depth: int


@attrs.frozen(cache_hash=True)
class UnaryIteration(BitBloq):
    """XOR data[x] into the target: one Toffoli for each node of the address tree whose halves differ.

    The same action as `Lookup`, which also searches for linear structure and is meant for small tables.

    Args:
        data: a `LookupTable`, or a `LookupShape`, which is counted and cannot be emitted.
        target_size: bits of the target.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: L - 2 Toffoli for L different entries, L - 1 when controlled.

    References:
        Babbush et al., Phys. Rev. X 8, 041015 (2018), section III.A.
    """

    data: LookupData
    target_size: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.data.address_size, "target": self.target_size}

    @cached_property
    def _tree(self) -> _Tree:
        data = self.data
        if isinstance(data, LookupShape):
            depth = (data.count - 1).bit_length()
            return _Tree(splits=[], ands=data.count - 1, ones=data.count * self.target_size // 2, depth=depth)
        return _tree(data)

    @property
    def toffoli_count(self) -> int:
        """Number of AND computations."""
        tree = self._tree
        return tree.ands - (tree.ands > 0 and not self.is_controlled)

    @cached_property
    def _counted(self) -> CallCounter:
        """The counts of `build` without walking it: 10^7 entries in no time."""
        counter = CallCounter(len(self.boundary_bits()))
        tree, ands = self._tree, self.toffoli_count
        flips = 2 * ands + tree.ones
        calls: dict[Bloq, int] = {And(1, 0): ands, And(1, 0, uncompute=True): ands, CNOT(): flips}
        if not self.is_controlled:
            if tree.ands:
                calls[XGate()] = 2
            else:
                calls = {XGate(): tree.ones}
        counter.calls.update({bloq: times for bloq, times in calls.items() if times})
        counter.peak += tree.depth - (tree.depth > 0 and not self.is_controlled)
        return counter

    def build(self, circuit: BitCircuit) -> None:
        if isinstance(self.data, LookupShape):
            raise counted_only("a table known by its shape", "load the tensor itself")
        self._load(circuit, self.data, self.data.address_size, 0, self.ctrl)

    def _load(
        self, circuit: BitCircuit, table: LookupTable, level: int, node: int, control: Bit | None
    ) -> None:
        while level and not self._tree.splits[level - 1][node]:
            level, node = level - 1, 2 * node
        if not level:
            circuit.xor(int(table.entries[node]), self.bits("target"), control)
            return
        bit = ("address", level - 1)
        if control is None:
            circuit.x(bit)
            self._load(circuit, table, level - 1, 2 * node, bit)
            circuit.x(bit)
            self._load(circuit, table, level - 1, 2 * node + 1, bit)
            return
        active = circuit.and_(control, bit, (1, 0))
        self._load(circuit, table, level - 1, 2 * node, active)
        circuit.cx(control, active)
        self._load(circuit, table, level - 1, 2 * node + 1, active)
        circuit.cx(control, active)
        circuit.erase_and(control, bit, active, (1, 0))


@lru_cache(maxsize=256)
def _tree(table: LookupTable) -> _Tree:
    """Find the nodes that split by naming equal subtrees, level by level."""
    names = np.unique(table.entries, return_inverse=True)[1].reshape(-1).astype(np.int64)
    depth = np.zeros(len(names), dtype=np.int64)
    splits = []
    while len(names) > 1:
        low, high = names[::2], names[1::2]
        split = low != high
        splits.append(split)
        depth = np.where(split, 1 + np.maximum(depth[::2], depth[1::2]), depth[::2])
        names = np.unique(low * (int(names.max()) + 1) + high, return_inverse=True)[1].reshape(-1)
    reached = np.ones(1, dtype=bool)
    ands = 0
    for split in reversed(splits):
        ands += int((reached & split).sum())
        reached = np.stack([reached, reached & split], axis=1).reshape(-1)
    ones = sum(int(entry).bit_count() for entry in table.entries[reached].tolist())
    return _Tree(splits=splits, ands=ands, ones=ones, depth=int(depth[0]))


def counted_only(what: str, instead: str) -> InputError:
    """Return the error of a bloq that can be counted and has no circuit."""
    return InputError(
        "this circuit can be counted and not emitted",
        [Problem(where="circuit", found=what, allowed="estimate", help=instead)],
    )
