"""A grid of estimates, a line of numbers a point."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View
from carlemanc.sweeps.driver import Sweep
from carlemanc.sweeps.table import flatten

_VERDICT = {"verdict.pays": "pays", "verdict.factor": "times", "verdict.against": "against"}
"""Columns of the verdict, and what stands above them."""


@text.register
def sweep_text(found: Sweep, view: View = FIRST) -> str:
    """Return a line a point: numbers, the T gates of each observable where some are read, and whether it pays."""
    keys = [axis.key for axis in found.axes]
    flats = [flatten(row) for row in found.rows]
    observed = _observed(flats)
    names = ["logical_qubits", "t_of_a_run", "rotation_count", "total.runs", *observed, *_VERDICT]
    runs = "uses" if observed else "runs"
    heads = ["qubits", "T of a run", "rotations", runs, *observed.values(), *_VERDICT.values()]
    lines = ["  ".join(f"{name:>14}" for name in [*keys, *heads])]
    for row, flat in zip(found.rows, flats, strict=True):
        cells = [flat.get(key) for key in keys]
        if row["status"] == 0:
            shown = [*cells, *(_shown(flat.get(name)) for name in names)]
            lines.append("  ".join(f"{cell!s:>14}" for cell in shown))
        else:
            lines.append(
                "  ".join(f"{cell!s:>14}" for cell in cells) + "  " + " ".join(str(flat["message"]).split())
            )
    failed = Counter(row["status"] for row in found.rows if row["status"])
    lines.append(f"{len(found.rows)} points, {found.computed} computed now, in {found.directory}")
    lines += [f"{count} without an estimate (exit status {status})" for status, count in failed.items()]
    return "\n".join(lines)


def _shown(value: object) -> object:
    """Return a cell: a factor has three digits."""
    return f"{value:.3g}" if isinstance(value, float) else value


def _observed(flats: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Columns of the T gates of the observables, and what stands above them."""
    found = (re.fullmatch(r"readout\.observables\.(.*)\.t_count", key) for flat in flats for key in flat)
    return {match[0]: f"T for {match[1]}" for match in found if match}
