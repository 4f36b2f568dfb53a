"""How a table is split into loads that share ANDs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import IntArray

Entries = IntArray | npt.NDArray[np.object_]
_SEARCHED_SIZE = 64
"""Tables up to this size try every split at every bit; larger ones a linear split only where it clearly pays."""


@dataclass(frozen=True, slots=True)
class LookupPlan:
    """One node of the address tree, to be loaded under a control (or under none, at the root).

    A table in which the highest bit has no influence is planned as its lower half. Otherwise it splits on that
    bit: "halves" loads each half under its value of the bit; "low" loads the low half for either value and the
    difference (XOR) of the halves under bit 1; "high" likewise from the high half, the difference under bit 0.

    Args:
        cost: number of ANDs.
        split: None where all entries are equal to `entry`.
        bit: the address bit.
        parts: plans of (low half, high half), (low half, difference) or (high half, difference).
    """

    cost: int
    split: Literal["halves", "low", "high"] | None = None
    entry: int = 0
    bit: int = 0
    parts: tuple[LookupPlan, ...] = ()


def plan_lookup(table: Sequence[int], is_controlled: bool) -> LookupPlan:
    """Return the cheapest plan found for a table of 2^k entries; deterministic."""
    fits = max(table, default=0) < 1 << 62
    entries: Entries = np.array(table, dtype=np.int64 if fits else object)
    return _Planner().plan(entries, not is_controlled)


class _Planner:
    """Plans sub-tables, each small one once."""

    def __init__(self) -> None:
        self._small: dict[tuple[tuple[int, ...], bool], LookupPlan] = {}

    def plan(self, table: Entries, root: bool) -> LookupPlan:
        """Plan a table of any size."""
        if len(table) <= _SEARCHED_SIZE:
            return self._search(tuple(table.tolist()), root)
        half = len(table) // 2
        low, high = table[:half], table[half:]
        difference = low ^ high
        if not difference.any():
            return self.plan(low, root)
        if self._is_narrow(difference):
            return self._linear("low", self.plan(low, root), self.plan(difference, False), half, root)
        return self._halves(self.plan(low, False), self.plan(high, False), half, root)

    @staticmethod
    def _is_narrow(difference: Entries) -> bool:
        """Whether the difference of the halves depends on few enough bits: not on the upper half of them."""
        width = 1 << ((len(difference).bit_length() - 1) // 2)
        return bool((difference.reshape(-1, width) == difference[:width]).all())

    def _search(self, table: tuple[int, ...], root: bool) -> LookupPlan:
        known = self._small.get((table, root))
        if known is None:
            known = self._small[table, root] = self._cheapest(table, root)
        return known

    def _cheapest(self, table: tuple[int, ...], root: bool) -> LookupPlan:
        if all(entry == table[0] for entry in table):
            return LookupPlan(cost=0, entry=table[0])
        half = len(table) // 2
        low, high = table[:half], table[half:]
        if low == high:
            return self._search(low, root)
        difference = self._search(tuple(a ^ b for a, b in zip(low, high, strict=True)), False)
        return min(
            self._linear("low", self._search(low, root), difference, half, root),
            self._linear("high", self._search(high, root), difference, half, root),
            self._halves(self._search(low, False), self._search(high, False), half, root),
            key=lambda plan: plan.cost,
        )

    @staticmethod
    def _linear(
        split: Literal["low", "high"], base: LookupPlan, difference: LookupPlan, half: int, root: bool
    ) -> LookupPlan:
        cost = base.cost + difference.cost + (not root)
        return LookupPlan(cost, split, bit=half.bit_length() - 1, parts=(base, difference))

    @staticmethod
    def _halves(low: LookupPlan, high: LookupPlan, half: int, root: bool) -> LookupPlan:
        cost = low.cost + high.cost + (not root)
        return LookupPlan(cost, "halves", bit=half.bit_length() - 1, parts=(low, high))
