"""Which columns of L to check: every kind of boundary, then random ones.

In: a `HistorySystem`. Out: basis states with the name of what they try. Boundaries in time (0, T - 1, T, the
last padding row, beyond), every level, slots that are equal, neighbors, at the two ends or at the corners of a
lattice and of the ranges of its sums, and the states that no time, level or slot value uses: junk in an empty
slot, codes that are no thermometer, slot values of n and more. Derived here, from where a circuit compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from carlemanc.linear_system.columns import RegisterState, register_state, used_state
from carlemanc.linear_system.history import HistorySystem
from carlemanc.model.lattice.sites import clip
from carlemanc.model.lattice.tensor import LatticeTensor

_CODES = 16
"""Invalid level codes that are tried, at most."""
_CORNERS = 32
"""Corner sites that are tried, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardColumn:
    """A column and why it is checked."""

    kind: str
    state: RegisterState


def choose_columns(history: HistorySystem, count: int, seed: int) -> list[HardColumn]:
    """Return every boundary case and random columns, `count` or more in all; all columns where there are fewer.

    The same for the same system, count and seed.
    """
    layout = history.layout
    if layout.width < 63 and 1 << layout.width <= count:
        states = [register_state(layout, index) for index in range(1 << layout.width)]
        return [HardColumn(kind="every column", state=state) for state in states]
    picker = _Picker(history, np.random.default_rng(seed))
    found: dict[RegisterState, HardColumn] = {}
    for column in picker.boundary():
        found.setdefault(column.state, column)
    for column in picker.random():
        if len(found) >= count:
            break
        found.setdefault(column.state, column)
    return list(found.values())


class _Picker:
    def __init__(self, history: HistorySystem, random: np.random.Generator) -> None:
        self._history, self._layout, self._random = history, history.layout, random
        self._n, self._levels = history.n, history.levels

    # --- boundary cases ----------------------------------------------------------------------------------

    def boundary(self) -> Iterator[HardColumn]:
        """Yield one column or more of every kind that this system has."""
        for time, kind in self._times():
            for level in self._levels:
                yield HardColumn(kind=kind, state=used_state(self._layout, time, self._sites(level)))
        for level in self._levels:
            for kind, sites in self._tuples(level):
                yield HardColumn(kind=kind, state=used_state(self._layout, self._step(), sites))
        for time in self._busy_times():
            yield from self._junk(time)
            yield from self._codes(time)
            yield from self._beyond(time)

    def _times(self) -> Iterator[tuple[int, str]]:
        steps, padding, size = self._history.steps, self._history.padding, 1 << self._layout.time_bits
        if steps:
            yield 0, "time 0"
            yield steps - 1, "time T - 1"
        yield steps, "time T"
        if padding:
            yield steps + padding - 1, "last copy"
            yield steps + padding, "time T + p"
        if self._history.times < size:
            yield self._history.times, "unused time"
            yield size - 1, "largest time"

    def _busy_times(self) -> list[int]:
        """One time of a training step, one of a padding row."""
        steps, padding = self._history.steps, self._history.padding
        return ([self._step()] if steps else []) + ([steps + self._pick(padding)] if padding else [])

    def _tuples(self, level: int) -> Iterator[tuple[str, list[int]]]:
        n, some = self._n, self._pick(self._n)
        yield "equal slots", [some] * level
        yield "neighbors", [(some + slot) % n for slot in range(level)]
        yield "neighbors", [(some - slot) % n for slot in range(level)]
        yield "neighbors", [(some + slot % 2) % n for slot in range(level)]
        for first in (0, n - 1):
            yield "ends", [first] * level
            yield "wrap-around", [first if slot % 2 else n - 1 - first for slot in range(level)]
        for site in self._corners():
            yield "corners", [site] * level
            others = [self._neighbor(site) for _ in range(level - 1)]
            yield "corners", [site, *others][:level]

    def _corners(self) -> list[int]:
        """Ends of every axis, and of the ranges of the lattice sums and of the columns inside them."""
        lattice = self._history.systems[0].map.lattice
        if lattice is None:
            return []
        boxes = {lattice.full}
        for system in self._history.systems:
            for tensor in system.map.operators.values():
                if isinstance(tensor, LatticeTensor):
                    boxes |= {item.box for item in tensor.stencils}
                    inner = (clip(item.box, item.offsets, lattice) for item in tensor.stencils)
                    boxes |= {box for box in inner if box is not None}
        sites = {
            int(lattice.index([np.asarray(part) for part in corner]))
            for box in sorted(boxes)
            for corner in product(*box)
        }
        return [int(site) for site in self._some(sorted(sites), _CORNERS)]

    def _neighbor(self, site: int) -> int:
        lattice = self._history.systems[0].map.lattice
        assert lattice is not None
        step = tuple(int(part) for part in self._random.integers(-1, 2, size=len(lattice.dims)))
        return int(lattice.neighbors(np.asarray([site]), step)[0])

    def _junk(self, time: int) -> Iterator[HardColumn]:
        """One empty slot at a time that is not 0, in its lowest or highest bit, or n - 1."""
        last = (1 << self._layout.slot_bits) >> 1
        for level in self._levels:
            for slot in range(level, self._layout.slots):
                for junk in {1, last, self._n - 1} - {0}:
                    state = used_state(self._layout, time, self._sites(level))
                    slots = (*state.slots[:slot], junk, *state.slots[slot + 1 :])
                    yield HardColumn(kind="junk in an empty slot", state=state._replace(slots=slots))

    def _codes(self, time: int) -> Iterator[HardColumn]:
        codes = [code for code in range(1 << self._layout.level_bits) if code & (code + 1)]
        for code in self._some(codes, _CODES):
            for slots in (self._sites(self._layout.slots), [0] * self._layout.slots):
                state = RegisterState(time, int(code), tuple(slots))
                yield HardColumn(kind="invalid level code", state=state)

    def _beyond(self, time: int) -> Iterator[HardColumn]:
        size = 1 << self._layout.slot_bits
        for level in self._levels:
            for slot in range(level):
                for value in sorted({self._n, size - 1}):
                    if self._n <= value < size:
                        sites = self._sites(level)
                        sites[slot] = value
                        state = used_state(self._layout, time, sites)
                        yield HardColumn(kind="slot value beyond n", state=state)

    # --- random ------------------------------------------------------------------------------------------

    def random(self) -> Iterator[HardColumn]:
        """Yield without end: used states, with slots near each other half of the time, and any state."""
        layout = self._layout
        while True:
            level = self._levels[self._pick(len(self._levels))]
            sites = self._sites(level)
            near = [(sites[0] + int(self._random.integers(-1, 2))) % self._n for _ in range(level)]
            for kind, chosen in (("random", sites), ("random near", near)):
                time = self._pick(self._history.times)
                yield HardColumn(kind=kind, state=used_state(layout, time, chosen))
            bits = self._random.integers(0, 2, size=layout.width)
            index = sum(int(bit) << place for place, bit in enumerate(bits))
            yield HardColumn(kind="random register state", state=register_state(layout, index))

    def _step(self) -> int:
        """A time from which a training step is made (0 where there is none)."""
        return self._pick(max(1, self._history.steps))

    def _sites(self, level: int) -> list[int]:
        return [self._pick(self._n) for _ in range(level)]

    def _pick(self, size: int) -> int:
        return int(self._random.integers(size))

    def _some(self, items: Sequence[int], most: int) -> Sequence[int]:
        if len(items) <= most:
            return items
        return sorted(self._random.choice(np.array(items), size=most, replace=False).tolist())
