"""A toy goal: whether theta(T) is the center, read from a number of copies that is given by the failure probability."""

import math
from dataclasses import dataclass
from typing import ClassVar

from carlemanc.core.formula import Formula
from carlemanc.readout.copies import Copies
from carlemanc.readout.goal import Goal, Readable

TOLD = Formula(text="ln(1/delta) copies, of which one is enough", status="derived here")


@dataclass(frozen=True, kw_only=True)
class Toy(Goal):
    """One copy in ln(1/delta) is enough."""

    name: ClassVar[str] = "toy"

    def plan(self, system: Readable, epsilon: float) -> Copies:
        return Copies(
            method="toy",
            dimension=system.support,
            norm="l2",
            epsilon=epsilon,
            failure_probability=self.failure_probability,
            largest=None,
            magnitudes=math.log(1 / self.failure_probability) / epsilon,
            signs=0.0,
            formula=TOLD,
        )

    @property
    def is_coherent(self) -> bool:
        return False
