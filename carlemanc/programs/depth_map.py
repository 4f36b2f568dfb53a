"""The depth of long circuits from their parts: exact, without emitting the whole.

The layers at which the wires of a circuit are free again depend on those at which they were free before it by maxima
and sums alone: t'_j = max_i (t_i + M_ij), M_ij being the longest chain of gates from wire i to wire j (max-plus
algebra; Baccelli, Cohen, Olsder and Quadrat, Synchronization and Linearity, 1992, chapter 3). So one matrix stands for
a fragment, wherever it is placed, and a part that is repeated soon adds the same number of layers every time: once the
layers of every set of wires that touch each other have all grown by one number over a period, they do so for ever
(adding a constant to all of them commutes with maxima; exact).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.programs.emitter import Placement
from carlemanc.programs.fragment import Fragment
from carlemanc.programs.lowering import Uncompute, lower
from carlemanc.programs.program import CODE, Program

Layers = IntArray
_NEVER = -(1 << 40)
"""No chain of gates leads there."""
_LARGEST = 1 << 60
"""Layers beyond it are counted in Python integers."""
LONGEST_CYCLE = 4
"""Periods after which the growth is compared."""
MOST_PERIODS = 400
"""Periods that are followed before giving up."""


class DepthMap:
    """What a fragment without readout does to the layers of its wires, and of the classical bit of each."""

    def __init__(self, fragment: Fragment, uncompute: Uncompute) -> None:
        self._width = fragment.width
        program = Program(
            width=fragment.width,
            registers={},
            codes=fragment.codes.copy(),
            wires=np.ascontiguousarray(fragment.wires),
            angles=fragment.angles.copy(),
        )
        lowered = lower(program, uncompute)
        owners = np.unique(program.wires[program.codes == CODE["and_dg"], 2]).astype(
            np.int64
        )  # of bits, in order
        bits = np.full(len(lowered), -1, dtype=np.int64)
        used = lowered.bits >= 0
        bits[used] = owners[lowered.bits[used]] + self._width
        self._gates = (lowered.wires[:, 0].tolist(), lowered.wires[:, 1].tolist(), bits.tolist())

    @cached_property
    def touched(self) -> IntArray:
        """Local wires, then bits (offset by the width), that a gate acts on."""
        return np.unique([place for column in self._gates for place in column if place >= 0]).astype(np.int64)

    @cached_property
    def longest(self) -> Layers:
        """M transposed on the touched wires: [j, i], the longest chain from i to j."""
        size = len(self.touched)
        where = {place: k for k, place in enumerate(self.touched.tolist())}
        start = np.full((size, size), _NEVER, dtype=np.int64)
        np.fill_diagonal(start, 0)
        rows = list(start)
        for first, second, bit in zip(*self._gates, strict=True):
            if first < 0:
                continue  # a global phase
            on = [where[place] for place in (first, second, bit) if place >= 0]
            row = rows[on[0]]
            for other in on[1:]:
                row = np.maximum(row, rows[other])
            row = row + 1
            for place in on:
                rows[place] = row
        return np.array(rows) if size else start

    def global_places(self, wires: Sequence[int], width: int) -> IntArray:
        """Return where the touched wires and bits stand in a circuit of `width` wires."""
        local = np.asarray(wires, dtype=np.int64)
        is_bit = self.touched >= self._width
        return np.where(is_bit, local[self.touched % self._width] + width, local[self.touched % self._width])


class DepthFront:
    """The layers at which the wires of a circuit are free, while parts are added to it.

    Args:
        width: wires of the circuit.
        uncompute: how ANDs are undone.
    """

    def __init__(self, width: int, uncompute: Uncompute) -> None:
        self.layers: Layers = np.zeros(2 * width, dtype=np.int64)
        self._width = width
        self._uncompute = uncompute
        self._maps: dict[int, tuple[Fragment, DepthMap]] = {}

    @property
    def depth(self) -> int:
        """Layers so far."""
        return max(map(int, self.layers))

    def add(self, part: Placement) -> None:
        """Append a part."""
        places, longest = self._placed(part)
        self.layers[places] = (longest + self.layers[places][None, :]).max(axis=1)

    def repeat(self, parts: Sequence[Placement], times: int) -> bool:
        """Append a sequence of parts `times` times; return False where no steady growth was found in time."""
        groups = self._groups(parts)
        history: list[Layers] = [self.layers.copy()]
        for done in range(1, min(times, MOST_PERIODS) + 1):
            for part in parts:
                self.add(part)
            for cycle in range(1, min(LONGEST_CYCLE, len(history)) + 1):
                growth = self.layers - history[-cycle]
                if all(np.ptp(growth[group]) == 0 for group in groups):
                    jumps, rest = divmod(times - done, cycle)
                    if int(growth.max(initial=0)) * jumps > _LARGEST:
                        self.layers, growth = self.layers.astype(object), growth.astype(object)
                    self.layers = self.layers + growth * jumps
                    for _ in range(rest):
                        for part in parts:
                            self.add(part)
                    return True
            history.append(self.layers.copy())
        return times <= MOST_PERIODS

    def _placed(self, part: Placement) -> tuple[IntArray, Layers]:
        known = self._maps.get(id(part.fragment))
        if known is None:
            known = self._maps[id(part.fragment)] = (part.fragment, DepthMap(part.fragment, self._uncompute))
        return known[1].global_places(part.wires, self._width), known[1].longest

    def _groups(self, parts: Sequence[Placement]) -> list[IntArray]:
        """Return the sets of wires and bits between which the parts have chains of gates."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        rows, columns = [], []
        for part in parts:
            places, longest = self._placed(part)
            to, source = np.nonzero(longest > _NEVER // 2)
            rows.append(places[to])
            columns.append(places[source])
        size = len(self.layers)
        row, column = np.concatenate(rows), np.concatenate(columns)
        _, labels = connected_components(
            coo_array((np.ones(len(row)), (row, column)), shape=(size, size)), directed=False
        )
        touched = np.unique(row)
        return [touched[labels[touched] == label] for label in np.unique(labels[touched])]
