"""A grid of estimates, a line of numbers a point."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from carlemanc.present.text import text
from carlemanc.sweeps.driver import Sweep
from carlemanc.sweeps.table import flatten


@text.register
def sweep_text(found: Sweep) -> str:
    """Return a line of numbers a point; where observables are read, the T gates that each takes stand beside."""
    keys = [axis.key for axis in found.axes]
    flats = [flatten(row) for row in found.rows]
    observed = _observed(flats)
    names = ["logical_qubits", "t_of_a_run", "rotation_count", "total.runs", *observed]
    heads = ["qubits", "T of a run", "rotations", "uses" if observed else "runs", *observed.values()]
    lines = ["  ".join(f"{name:>14}" for name in [*keys, *heads])]
    for row, flat in zip(found.rows, flats, strict=True):
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


def _observed(flats: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Columns of the T gates of the observables, and what stands above them."""
    found = (re.fullmatch(r"readout\.observables\.(.*)\.t_count", key) for flat in flats for key in flat)
    return {match[0]: f"T for {match[1]}" for match in found if match}
