"""The goal of reading theta(T): every weight that can be nonzero, or the largest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

from carlemanc.core.errors import InputError, Problem
from carlemanc.readout.copies import Copies
from carlemanc.readout.goal import Goal, Readable
from carlemanc.readout.ways.registry import WAYS, plan_readout


@final
@dataclass(frozen=True, kw_only=True)
class AllWeights(Goal):
    """All weights within epsilon of ||theta(T) - center||.

    Args:
        norm: what epsilon bounds: the whole error, or that of every weight.
        largest: read only this many largest weights; 0: all.
        method: whose bound gives the copies, see `readout.ways`.
    """

    name: ClassVar[str] = "theta"
    norm: Literal["l2", "linf"] = "l2"
    largest: int = 0
    method: str = "sampling"

    def check(self, origin: str) -> None:
        """Refuse to read only the largest in a norm or by a method that has no such bound; see `Goal.check`."""
        if not self.largest or (self.norm, self.method) == ("l2", "sampling"):
            return
        problem = Problem(
            where=f"{origin}: readout.largest",
            found=f'{self.largest} with norm = "{self.norm}", method = "{self.method}"',
            allowed='0, or norm = "l2" and method = "sampling"',
        )
        raise InputError("no bound is known for this readout", [problem])

    def plan(self, system: Readable, epsilon: float) -> Copies:
        """Return the plan; see `Goal.plan`."""
        return plan_readout(
            system.support,
            epsilon,
            self.failure_probability,
            norm=self.norm,
            largest=self.largest or None,
            method=self.method,
        )

    @property
    def is_coherent(self) -> bool:
        """Whether its way is."""
        return WAYS[self.method].is_coherent
