"""A ledger of logical counts: parts, how often each is called, and totals that are sums of the rows."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    part: str
    calls: int
    t: int
    toffoli: int
    rotations: int
    measurements: int
    qubits: int

    def to_json(self) -> dict[str, int | str]:
        """Return the row of the `breakdown`."""
        return {
            "part": self.part,
            "calls": self.calls,
            "t": self.t,
            "toffoli": self.toffoli,
            "rotations": self.rotations,
            "measurements": self.measurements,
            "qubits": self.qubits,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Rows, and their sums as exact integers."""

    rows: tuple[Row, ...]

    def total(self, column: str) -> int:
        """Return the sum of `t`, `toffoli`, `rotations` or `measurements` over the rows."""
        return sum(int(getattr(row, column)) for row in self.rows)

    def to_text(self) -> str:
        """Return an aligned table with the total in its last line."""
        header = f"{'part':<28}{'calls':>10}{'T':>12}{'Toffoli':>14}{'rotations':>14}{'qubits':>8}"
        lines = [header]
        for row in self.rows:
            lines.append(
                f"{row.part:<28}{row.calls:>10}{row.t:>12}{row.toffoli:>14}{row.rotations:>14}{row.qubits:>8}"
            )
        sums = [self.total(column) for column in ("t", "toffoli", "rotations")]
        lines.append(f"{'total':<28}{'':>10}{sums[0]:>12}{sums[1]:>14}{sums[2]:>14}")
        return "\n".join(lines)
