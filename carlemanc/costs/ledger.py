"""A ledger of logical counts: a tree of parts, how often each is called, and totals that are sums of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carlemanc.core.shown import Shown

COUNTS = ("t", "toffoli", "rotations", "measurements")
"""The columns that add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One part of a circuit; the counts are of all its calls together.

    Args:
        part: name.
        calls: how often it is called.
        t: T gates outside ANDs.
        toffoli: AND computations (and unitary uncomputations).
        rotations: rotations that are no Clifford+T gates.
        measurements: measurements that undo ANDs.
        qubits: width of one call alone.
        children: what it calls, its counts being their sums; empty where it is not taken apart.
    """

    part: str
    calls: int
    t: int
    toffoli: int
    rotations: int
    measurements: int
    qubits: int
    children: tuple[LedgerRow, ...] = ()

    def each(self, column: str) -> int | None:
        """Return one of `COUNTS` of one call, None where the calls differ."""
        share, rest = divmod(int(getattr(self, column)), self.calls)
        return None if rest else share

    def to_json(self) -> dict[str, Any]:
        """Return the row of the `breakdown`."""
        return {
            "part": self.part,
            "calls": self.calls,
            "t_each": self.each("t"),
            "t": self.t,
            "toffoli_each": self.each("toffoli"),
            "toffoli": self.toffoli,
            "rotations_each": self.each("rotations"),
            "rotations": self.rotations,
            "measurements": self.measurements,
            "qubits": self.qubits,
            "children": [child.to_json() for child in self.children],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger(Shown):
    """Rows, and their sums as exact integers."""

    rows: tuple[LedgerRow, ...]

    BRIEF = "rows"

    def total(self, column: str) -> int:
        """Return the sum of one of `COUNTS` over the rows."""
        return sum(int(getattr(row, column)) for row in self.rows)

    def names_a(self, word: str) -> bool:
        """Return whether a part at any level has this word in its name."""
        return any(word in row.part for row in _every(self.rows))


def _every(rows: tuple[LedgerRow, ...]) -> Iterator[LedgerRow]:
    for row in rows:
        yield row
        yield from _every(row.children)
