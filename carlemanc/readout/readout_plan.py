"""How many runs read what a goal wants: what every plan of a readout says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from carlemanc.core.document import Document
from carlemanc.core.errors import CheckFailed
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_down, whole
from carlemanc.readout.fault_bias import UNION


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutPlan(Document, ABC):
    """Runs of circuits that determine what is read.

    Args:
        method: name of its way.
        epsilon: error, relative to the norm of theta(T) - center or as an error of that size would change what is read.
        failure_probability: chance that the error is larger.
        formula: how the runs follow.
    """

    method: str
    epsilon: float
    failure_probability: float
    formula: Formula

    @abstractmethod
    def runs(self, probability: float) -> int:
        """Return the expected runs, `probability` being that of one run giving a copy of theta(T).

        Successful or not, a run is paid for: the probability is that of all ancillas |0>, times that of reading t >= T
        on level 1. The number carries 4 significant digits, rounded up. Raises CheckFailed where that is 0.
        """

    @abstractmethod
    def achieved(self, runs: float, probability: float) -> float:
        """Return the error that so many runs come with, in the unit of `epsilon`."""

    @property
    @abstractmethod
    def needed(self) -> float:
        """What is needed as the bounds give it: copies, or uses where every run gives one."""

    @property
    def copies(self) -> int:
        """The same with 4 significant digits, rounded up."""
        return whole(self.needed)

    @property
    def inputs(self) -> Mapping[str, float | int]:
        """What the formula was given."""
        return {"epsilon": self.epsilon, "delta": self.failure_probability}

    @property
    def source(self) -> str:
        """Where the numbers come from, in words."""
        return self.formula.to_text()

    @property
    def omits(self) -> str:
        """Why this is not every weight, as gradient descent has it; an empty text where it is."""
        return ""

    @property
    def keeps(self) -> int | None:
        """How many largest weights are kept; None: all."""
        return None

    def failure_budget(self, runs: int, probability: float) -> tuple[float, Formula]:
        """Return what a run of a coherent readout may fail with, and how that follows; see `Goal.is_coherent`."""
        return rounded_down(self.failure_probability / 2 / runs, 3), UNION


def refuse_impossible(share: float) -> None:
    """Raise CheckFailed where no number of runs would do."""
    if not share:
        raise CheckFailed(
            "a run gives a copy of what is read with a probability below 1e-308: no number of runs would do"
        )
