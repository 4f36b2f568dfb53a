"""One cause of error: what it may take of solver.epsilon, what it takes, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.document import Document
from carlemanc.core.rounding import without_noise

_SLACK = 1e-9
"""Relative slack of a comparison with a share, for double-precision arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPart(Document):
    """One cause of error.

    Args:
        share: what it may take; None where it is no share of solver.epsilon.
        achieved: what it takes, at most; None where that is not known (`source` says why).
        status: how `achieved` is known: "proved", "computed", "measured", "model", "assumed" (it rests on norms that
            are) or "unknown". What is rounding noise is 0.
        source: in words.
        measured: the error itself, where it was measured beside a bound.
    """

    share: float | None
    achieved: float | None
    status: str
    source: str
    measured: float | None = None

    KEYS = "share achieved status source measured kept=is_kept"

    def __post_init__(self) -> None:
        for name in ("achieved", "measured"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, without_noise(value))

    @property
    def is_kept(self) -> bool:
        """Whether what is achieved is within the share, or there is nothing to compare."""
        if self.share is None or self.achieved is None:
            return True
        return self.achieved <= self.share * (1 + _SLACK)
