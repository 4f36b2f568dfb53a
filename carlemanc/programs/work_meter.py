"""How much a sparse-state simulation will take, told from its beginning: amplitudes times gates, counted.

In: the gates done and the amplitudes after each step. Out: the work done and a forecast of all of it. From the second
half of what was done, the mean number of amplitudes goes on over the gates that are left; since a state that has
spread stays spread, this is rarely above what comes, and it is far below it only while the state still spreads. It
is judged after a `_TRIAL`-th of the gates, or once a `_SHARE`-th of the limit is spent. No clock is read, so a forecast
is the same on every machine.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from carlemanc.core.errors import TooLarge

GATE: Final = 5_000
"""What a gate costs however few amplitudes there are, in updates of an amplitude (10 to 20 ns each)."""
_TRIAL: Final = 50
_SHARE: Final = 20


@dataclass(slots=True)
class WorkMeter:
    """The work of one simulation of `total` gates, and the most it may take."""

    total: int
    limit: float
    _done: list[int] = field(default_factory=lambda: [0])
    _work: list[float] = field(default_factory=lambda: [0.0])
    is_news: bool = False
    """Whether the last step was the first after which the forecast is judged."""
    _is_known: bool = False

    @property
    def done(self) -> int:
        """Gates so far."""
        return self._done[-1]

    @property
    def work(self) -> float:
        """Updates of amplitudes so far, `GATE` added for each gate."""
        return self._work[-1]

    @property
    def forecast(self) -> float:
        """Updates of the whole simulation, at least."""
        left = max(self.total - self.done, 0)
        place = bisect_right(self._done, self.done // 2) - 1
        gates = self.done - self._done[place]
        rate = (self.work - self._work[place]) / gates if gates else float(GATE)
        return self.work + left * rate

    def advance(self, gates: int, amplitudes: int) -> None:
        """Record a step of some gates on so many amplitudes. Raises TooLarge where the forecast passes the limit."""
        if not gates:
            return
        self._done.append(self.done + gates)
        self._work.append(self.work + gates * (float(amplitudes) + GATE))
        is_known = self.done * _TRIAL >= self.total or self.work * _SHARE > self.limit
        self.is_news, self._is_known = is_known and not self._is_known, self._is_known or is_known
        if is_known and self.forecast > self.limit:
            raise TooLarge(
                "the sparse simulation",
                size=f"{amplitudes:,} amplitudes after {self.done:,} of {self.total:,} gates, {self.forecast:.1e} "
                "updates of amplitudes at least",
                limit=f"{self.limit:.0e} updates",
                instead="`--backend matrix` needs no gates; a smaller T, N or n would do too.",
            )
