"""A ledger of logical counts: a tree of parts, how often each is called, and totals that are sums of the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

COUNTS = ("t", "toffoli", "rotations", "measurements")
"""The columns that add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
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
    children: tuple[Row, ...] = ()

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
class Ledger:
    """Rows, and their sums as exact integers."""

    rows: tuple[Row, ...]

    def total(self, column: str) -> int:
        """Return the sum of one of `COUNTS` over the rows."""
        return sum(int(getattr(row, column)) for row in self.rows)

    def unbalanced(self) -> tuple[str, ...]:
        """Return the parts whose children do not add up to them: none."""
        return tuple(
            row.part
            for row in _every(self.rows)
            if row.children
            for column in COUNTS
            if sum(int(getattr(child, column)) for child in row.children) != getattr(row, column)
        )

    def names_a(self, word: str) -> bool:
        """Return whether a part at any level has this word in its name."""
        return any(word in row.part for row in _every(self.rows))

    def to_text(self, levels: int = 2) -> str:
        """Return an aligned table with the total in its last line, `levels` deep.

        Parts that cost neither a T nor a Toffoli nor a rotation are left out below the first level, and so is what
        a part is made of where the part above it is made of the same.
        """
        shown = list(_shown(self.rows, levels))
        width = max([28, *(len(name) for name, _ in shown)]) + 1
        titles = ("calls", "T each", "T", "Toffoli each", "Toffoli", "rotations", "qubits")
        lines = [_line("part", width, titles)]
        for name, row in shown:
            each = ["-" if row.each(column) is None else row.each(column) for column in ("t", "toffoli")]
            cells = (row.calls, each[0], row.t, each[1], row.toffoli, row.rotations, row.qubits)
            lines.append(_line(name, width, cells))
        t, toffoli, rotations = (self.total(column) for column in ("t", "toffoli", "rotations"))
        lines.append(_line("total", width, ("", "", t, "", toffoli, rotations, "")))
        return "\n".join(lines)


def _line(name: str, width: int, cells: Iterable[object]) -> str:
    sizes = (10, 8, 12, 14, 14, 12, 8)
    return (
        f"{name:<{width}}"
        + "".join(f"{cell!s:>{size}}" for cell, size in zip(cells, sizes, strict=True)).rstrip()
    )


def _every(rows: tuple[Row, ...]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _every(row.children)


def _shown(rows: tuple[Row, ...], levels: int, indent: str = "") -> Iterator[tuple[str, Row]]:
    above: set[str] = set()
    for row in rows:
        if indent and not _costs(row):
            continue
        yield indent + row.part, row
        below = {child.part.removeprefix("adjoint of ") for child in row.children if _costs(child)}
        if levels > 1 and below != above:
            yield from _shown(row.children, levels - 1, f"{indent}  ")
        above = below


def _costs(row: Row) -> bool:
    return bool(row.t or row.toffoli or row.rotations)
