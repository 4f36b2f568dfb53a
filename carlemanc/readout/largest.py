"""The goal of reading the k largest weights: whichever they are, they need not be known before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

from carlemanc.core.errors import InputError, Problem
from carlemanc.readout.copies import Copies
from carlemanc.readout.goal import Goal, Readable
from carlemanc.readout.ways.sampling import plan_sampling

SAMPLED = (None, "sampling", "auto")
"""Values of `readout.method` that read the largest: no other way has a bound for them."""


@final
@dataclass(frozen=True, kw_only=True)
class Largest(Goal):
    """The k largest weights: within epsilon of what any k entries can be (the norm of all others is added).

    The same as the goal "theta" with `readout.largest` = k.

    Args:
        largest: k; where all that can be nonzero take fewer copies, these are read.
        norm, method: of the error and of the bound; there is one for "l2" by sampling.
    """

    name: ClassVar[str] = "largest"
    largest: int = 0
    norm: Literal["l2", "linf"] = "l2"
    method: str | None = None

    def check(self, origin: str) -> None:
        """Refuse a number, a norm or a method that has no bound; see `Goal.check`."""
        if not self.largest:
            problem = Problem(
                where=f"{origin}: readout.largest",
                found='0 with target = "largest"',
                allowed="how many weights are read: an integer, at least 1",
            )
            raise InputError("which weights are the largest is not said", [problem])
        if self.norm == "l2" and self.method in SAMPLED:
            return
        problem = Problem(
            where=f"{origin}: readout.target",
            found=f'"largest" with norm = "{self.norm}", method = "{self.method}"',
            allowed='norm = "l2" and method = "sampling"',
        )
        raise InputError("no bound is known for this readout", [problem])

    def plan(self, system: Readable, epsilon: float) -> Copies:
        """Return the plan; see `Goal.plan`."""
        return plan_sampling(system.support, epsilon, self.failure_probability, largest=self.largest or None)

    @property
    def is_coherent(self) -> bool:
        """Every run is sampled."""
        return False
