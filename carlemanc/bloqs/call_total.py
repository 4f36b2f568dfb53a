"""Sums over the call graphs of bit bloqs, remembered: rounding errors, memory queries, rotations."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from qualtran import Adjoint, Bloq

from carlemanc.bloqs.bit_bloq import BitBloq


class CallTotal:
    """The total of a number over everything a bloq calls; an adjoint has that of its bloq, another bloq 0.

    Args:
        own: the number of a bloq that is not looked into, None of the others.
    """

    def __init__(self, own: Callable[[Bloq], float | None]) -> None:
        self._own = own
        self._of_calls = lru_cache(maxsize=1024)(self._add_up)

    def of(self, bloq: Bloq) -> float:
        """Return the total."""
        if isinstance(bloq, Adjoint):
            return self.of(bloq.subbloq)
        known = self._own(bloq)
        if known is not None:
            return known
        return self._of_calls(bloq) if isinstance(bloq, BitBloq) else 0

    def _add_up(self, bloq: BitBloq) -> float:
        return sum(self.of(callee) * times for callee, times in bloq.build_call_graph(None).items())
