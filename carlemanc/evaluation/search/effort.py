"""How many lifts (values of gamma and padding) are tried: fewer where each takes long, by counts, not by a clock.

A lift of a map with many entries is colored and loaded anew, in seconds for a hundred thousand of them; its step, where
it is written out for its norm, has products of them; ||L^-1|| of one is computed in minutes where L has millions of
entries. Then the rules of gamma and padding hold as they are.
"""

from __future__ import annotations

from carlemanc.access.access import System
from carlemanc.linear_system.inverse_norm import REMEMBERED_WORK
from carlemanc.linear_system.lifted import Lifted
from carlemanc.linear_system.singular_values import workload

MOST, FEWEST = 400, 8
"""Lifts that are tried, at most and at least."""
SHAPED = 16
"""Lifts of a map that is known by its shape, whose tables are counted anew for each."""
ENTRIES = 1_500_000
"""Entries of the maps of all lifts together."""
STEP_ENTRIES = 30_000_000
"""Entries of their steps together, where these are written out."""
WORK = 20 * REMEMBERED_WORK
"""Operations of computing ||L^-1|| of all of them, where one takes no minutes."""


def lifts_tried(system: System) -> int:
    """Return how many lifts a search goes through."""
    if not isinstance(system, Lifted):
        return 1
    if system.is_shaped:
        return SHAPED
    entries = sum(
        operator.nnz
        for item in system.sequence.maps
        if item.is_listed
        for degree, operator in item.operators.items()
        if degree <= system.order
    )
    written = system.steps_of_march.written_entries
    ahead = workload(system.history)
    inverted = int(WORK // ahead.work) if ahead.work < REMEMBERED_WORK else MOST
    return max(FEWEST, min(MOST, ENTRIES // max(1, entries), STEP_ENTRIES // max(1, written), inverted))


def is_slow_to_invert(system: System) -> bool:
    """Whether computing ||L^-1|| of one lift takes minutes, so that methods that invert keep gamma and padding."""
    if not isinstance(system, Lifted) or system.is_shaped:
        return False
    ahead = workload(system.history)
    return ahead.fits and ahead.work >= REMEMBERED_WORK
