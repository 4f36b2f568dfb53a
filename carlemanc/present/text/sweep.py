"""A grid of estimates: whether any point pays, then a line of numbers a point."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from carlemanc.evaluation.verdict import NO
from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount, duration, size
from carlemanc.present.text.layout import FIRST, View, limited, table, wrapped
from carlemanc.sweeps.driver import Sweep
from carlemanc.sweeps.table import flatten

_ROWS = 16
"""Points of the first screen."""
_SECONDS = "verdict.quantum_seconds"


@text.register
def sweep_text(found: Sweep, view: View = FIRST) -> str:
    """Return a line a point: numbers, the T gates of each observable where some are read, and whether it pays."""
    width, keys = view.width, [axis.key for axis in found.axes]
    flats = [flatten(row) for row in found.rows]
    pairs = list(zip(found.rows, flats, strict=True))
    done = [flat for row, flat in pairs if row["status"] == 0]
    observed = _observed(done)
    names = ["logical_qubits", "t_of_a_run", "total.t_in_all", _SECONDS, "total.runs", *observed]
    unit = "uses" if observed else "runs"
    heads = ["qubits", "T of a run", "T of all", "seconds of all", unit, *observed.values()]
    heads = [*keys, *heads, "pays", "times", "against"]
    rows = [[*(_key(flat.get(key)) for key in keys), *(_cell(flat, name) for name in names)] for flat in done]
    rows = [[*row, *_verdict_cells(flat)] for row, flat in zip(rows, done, strict=True)]
    words = (*range(len(keys)), len(keys) + names.index(_SECONDS), len(heads) - 3, len(heads) - 1)
    shown = rows if view.whole else rows[:_ROWS]
    lines = [*wrapped(_verdict(done), width), "", *table(heads, shown, width, words=words)]
    if len(shown) < len(rows):
        left = f"... {len(rows) - len(shown)} more points (all with --all, and in sweep.csv)"
        lines += wrapped(left, width)
    failed = [
        line
        for row, flat in pairs
        if row["status"]
        for line in wrapped(f"{_point(keys, flat)}: {flat['message']}", width, after="  ", most=2)
    ]
    lines += failed if view.whole else limited(failed, 4, "lines of reasons")
    counts = Counter(row["status"] for row in found.rows if row["status"])
    lines += [f"{count} without an estimate (exit status {status})" for status, count in counts.items()]
    told = f"{len(found.rows)} points, {found.computed} computed now, in {found.directory}"
    return "\n".join([*lines, *wrapped(told, width)])


def _verdict(flats: Sequence[Mapping[str, object]]) -> str:
    """Return at how many points it pays, and between which factors."""
    judged = [flat for flat in flats if flat.get("verdict.pays") is not None]
    found: list[Any] = [flat.get("verdict.factor") for flat in judged]
    factors: list[float] = [factor for factor in found if factor is not None]
    if not judged:
        return "No point has an estimate."
    pays = sum(flat["verdict.pays"] != NO for flat in judged)
    title = (
        f"It pays, or may, at {pays} of {len(judged)} points"
        if pays
        else f"No, at none of {len(judged)} points"
    )
    if not factors:
        return f"{title}: no way to run the circuits is known."
    least, most = amount(min(factors)), amount(max(factors))
    return (
        f"{title}: all quantum runs take {least} to {most} times as long as the best classical program known."
    )


def _verdict_cells(flat: Mapping[str, object]) -> tuple[str, str, str]:
    """Return whether a point pays, its factor and the program; blanks where it is not judged."""
    factor: Any = flat.get("verdict.factor")
    told = [flat.get(f"verdict.{name}") for name in ("pays", "against")]
    pays, against = ("-" if one is None else str(one) for one in told)
    return pays, amount(factor), against


def _cell(flat: Mapping[str, object], name: str) -> str:
    value: Any = flat.get(name)
    return duration(value) if name == _SECONDS else amount(value)


def _key(value: object) -> str:
    """Return the value of a key as it was asked for."""
    return size(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _point(keys: Sequence[str], flat: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {_key(flat.get(key))}" for key in keys)


def _observed(flats: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Columns of the T gates of the observables, and what stands above them."""
    found = (re.fullmatch(r"readout\.observables\.(.*)\.t_count", key) for flat in flats for key in flat)
    return {match[0]: f"T for {match[1]}" for match in found if match}
