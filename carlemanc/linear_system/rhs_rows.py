"""Entries of b one at a time, at any size: what `verify` holds the preparation of b against.

b holds the lift of u(0) at time 0, (u/gamma)^(x)j on level j, and of the sources at times 1..T, on levels up to
`corrections`; it is 0 on states that no level or slot value uses. Nothing here uses the circuit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.linear_system.columns import RegisterState, used_state, valid_level
from carlemanc.linear_system.hard_columns import choose_columns
from carlemanc.linear_system.history import HistorySystem
from carlemanc.model.weights import Point, Weights, point_norm, values_at

_OF_A_LEVEL = 24
"""Rows of the start that are checked on each level, at least."""


@dataclass(frozen=True, eq=False)
class RhsRows:
    """Entries of `history.rhs()`, each made on its own."""

    history: HistorySystem

    @cached_property
    def _sources(self) -> tuple[Point, ...]:
        return tuple(system.constant_point() for system in self.history.systems)

    def entry(self, state: RegisterState) -> float:
        """Return b at a basis state."""
        found = self._vector(state)
        if found is None:
            return 0.0
        point, scale, slots = found
        return float(np.prod(values_at(point, np.array(slots)) * scale))

    def largest(self, state: RegisterState) -> float:
        """Return a bound of |b| over the states of that time and level, 1 where b is 0 there: the unit of an error."""
        found = self._vector(state)
        if found is None:
            return 1.0
        point, scale, slots = found
        return (point_norm(point, "inf") * scale) ** len(slots) or 1.0

    def _vector(self, state: RegisterState) -> tuple[Point, float, tuple[int, ...]] | None:
        """The vector whose power stands there, in which unit, and where; None where b is 0."""
        history = self.history
        level = valid_level(history.layout, state)
        if level is None or any(value >= history.n for value in state.slots[:level]):
            return None
        if state.time == 0:
            return history.start, 1.0 / history.gamma, state.slots[:level]
        if not 1 <= state.time <= history.steps or level > (history.corrections or history.order):
            return None
        return self._sources[history.schedule[state.time - 1]], 1.0, state.slots[:level]


def choose_rows(history: HistorySystem, count: int, seed: int) -> list[RegisterState]:
    """Return states to look at: some of every level at time 0, where b is large, and those of `choose_columns`."""
    random = np.random.default_rng(seed)
    known = _nonzeros(history.start)
    found: dict[RegisterState, None] = {}
    for level in history.levels:
        for _ in range(_OF_A_LEVEL):
            sites = (
                random.integers(history.n, size=level) if known is None else random.choice(known, size=level)
            )
            found[used_state(history.layout, 0, [int(site) for site in sites])] = None
    for column in choose_columns(history, count, seed):
        found.setdefault(column.state)
    return list(found)[: max(count, _OF_A_LEVEL * len(history.levels))]


def _nonzeros(point: Point) -> IntArray | None:
    """Return the sites of a start that is zero almost everywhere, None elsewhere."""
    listed = Weights.of(point) if isinstance(point, np.ndarray) else point
    if not isinstance(listed, Weights):
        few = listed.sparse()
        if few is None:
            return None
        listed = few
    live = listed.sites[np.flatnonzero(listed.values)]
    return live if not listed.fill and len(live) else None
