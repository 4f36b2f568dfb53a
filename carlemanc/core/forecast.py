"""A forecast before long work: seconds from what was counted, told to whoever shows progress.

In: operations of a kind, counted before they begin. Out: a sentence on the reporter of `core.progress`, where they take
over `LONG` seconds. Rates are those of one core of a workstation, measured once and rounded: no clock is read, so the
same work has the same forecast on every machine, and a faster or slower one is off by its speed.
"""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.progress import foresee

LONG = 10.0
"""Seconds from which on work is announced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a kind of operation is done.

    Args:
        unit: what is counted, in words.
        per_second: how many in a second, measured on one core and rounded.
    """

    unit: str
    per_second: float

    def seconds(self, operations: float) -> float:
        """Return the seconds of so many."""
        return operations / self.per_second


NORMS = Pace(unit="operations", per_second=2e9)
"""Products of a sparse matrix and a vector: 1.8e9 to 2.7e9 were measured; Lanczos may end before its expected steps."""
AMPLITUDES = Pace(unit="updates of amplitudes", per_second=1e8)
"""Updates of the sparse simulator, 10 ns each (`programs.work_meter`)."""
PRODUCTS = Pace(unit="products of entries", per_second=3e8)
"""Products of the exact block arithmetic."""


def announce(what: str, operations: float, pace: Pace) -> None:
    """Tell the reporter of work that is long, before it begins; nothing of what takes less than `LONG`.

    Args:
        what: is done, in words.
        operations: of all of it, as counted.
        pace: of such operations.
    """
    seconds = pace.seconds(operations)
    if seconds >= LONG:
        foresee(f"{what}, {operations:.1e} {pace.unit}", seconds)
