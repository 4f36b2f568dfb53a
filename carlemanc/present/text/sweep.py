"""A grid of estimates, a line of numbers a point."""

from __future__ import annotations

from collections import Counter

from carlemanc.present.text import text
from carlemanc.sweeps.driver import Sweep
from carlemanc.sweeps.table import flatten


@text.register
def sweep_text(found: Sweep) -> str:
    """Return a line of numbers a point."""
    keys = [axis.key for axis in found.axes]
    names = ["logical_qubits", "t_of_a_run", "rotation_count", "total.runs"]
    lines = ["  ".join(f"{name:>14}" for name in [*keys, "qubits", "T of a run", "rotations", "runs"])]
    for row in found.rows:
        flat = flatten(row)
        cells = [flat.get(key) for key in keys]
        if row["status"] == 0:
            lines.append("  ".join(f"{cell!s:>14}" for cell in [*cells, *(flat.get(n) for n in names)]))
        else:
            lines.append(
                "  ".join(f"{cell!s:>14}" for cell in cells) + "  " + " ".join(str(flat["message"]).split())
            )
    failed = Counter(row["status"] for row in found.rows if row["status"])
    lines.append(f"{len(found.rows)} points, {found.computed} computed now, in {found.directory}")
    lines += [f"{count} without an estimate (exit status {status})" for status, count in failed.items()]
    return "\n".join(lines)
