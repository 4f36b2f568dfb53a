"""The goal of reading theta(T): every weight that can be nonzero, or the largest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

from carlemanc.core.errors import InputError, Problem
from carlemanc.readout.goal import Goal, Readable
from carlemanc.readout.readout_plan import ReadoutPlan
from carlemanc.readout.ways.registry import WAYS, plan_readout

AUTO = "auto"


@final
@dataclass(frozen=True, kw_only=True)
class AllWeights(Goal):
    """All weights within epsilon of ||theta(T) - center||.

    Args:
        norm: what epsilon bounds: the whole error, or that of every weight.
        largest: read only this many largest weights; 0: all.
        method: whose bound gives the copies, see `readout.ways`; "auto": the cheapest; None: sampling.
    """

    name: ClassVar[str] = "theta"
    norm: Literal["l2", "linf"] = "l2"
    largest: int = 0
    method: str | None = None

    @property
    def way(self) -> str:
        """Name of the way; of "auto" the one of fewest uses, which amplitude estimation has at any success."""
        if self.method == AUTO:
            return "sampling" if self.largest or self.norm != "l2" else "tomography"
        return self.method or "sampling"

    def check(self, origin: str) -> None:
        """Refuse to read only the largest in a norm or by a method that has no such bound; see `Goal.check`."""
        if not self.largest or (self.norm, self.way) == ("l2", "sampling"):
            return
        problem = Problem(
            where=f"{origin}: readout.largest",
            found=f'{self.largest} with norm = "{self.norm}", method = "{self.way}"',
            allowed='0, or norm = "l2" and method = "sampling"',
        )
        raise InputError("no bound is known for this readout", [problem])

    def plan(self, system: Readable, epsilon: float) -> ReadoutPlan:
        """Return the plan; see `Goal.plan`."""
        return plan_readout(
            system.support,
            epsilon,
            self.failure_probability,
            norm=self.norm,
            largest=self.largest or None,
            method=self.way,
        )

    @property
    def is_coherent(self) -> bool:
        """Whether its way is."""
        return self.way in WAYS and WAYS[self.way].is_coherent
