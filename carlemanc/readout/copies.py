"""Plans that count copies: runs that end on an entry that is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from carlemanc.core.formula import Formula
from carlemanc.core.rounding import whole
from carlemanc.readout.readout_plan import ReadoutPlan, Setting, refuse_impossible

Norm = Literal["l2", "linf"]
RUNS = Formula(
    text="runs = copies / (success probability * readout probability), expected, rounded up to 4 digits",
    status="derived here",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies(ReadoutPlan):
    """Copies of the state that determine its d entries; `epsilon` is relative to the norm of what is read.

    Args:
        dimension: number of entries d.
        norm: of the error.
        largest: keep only this many largest entries, whose tail stands beside the error; None: all.
        magnitudes: copies of the plain circuit; uses of it or its inverse for amplitude estimation.
        signs: copies of the sign circuit.
    """

    dimension: int
    norm: Norm
    largest: int | None
    magnitudes: float
    signs: float

    KEYS = "method dimension norm epsilon failure_probability largest magnitudes signs source copies"

    @property
    def needed(self) -> float:
        """The number of all copies as the bounds give it."""
        return self.magnitudes + self.signs

    @property
    def need(self) -> str:
        """How many copies are read."""
        return f"{self.copies} copies read it ({self.source})"

    @property
    def target(self) -> str:
        """The error that the copies come to."""
        return (
            f"for {self.copies} copies of what is read: an error of {self.epsilon:g} with probability "
            f"{1 - self.failure_probability:g}"
        )

    @property
    def origin(self) -> str:
        """How the runs follow from the copies."""
        return "= copies / probability, expected"

    @property
    def premises(self) -> tuple[str, ...]:
        """How the sign circuit is priced."""
        return ("runs of the sign circuit, which controls the solver, are priced as runs of the solver",)

    @property
    def unit(self) -> str:
        """Copies."""
        return "copies"

    @property
    def rule(self) -> Formula:
        """How the runs follow from the copies."""
        return RUNS

    @property
    def inputs(self) -> Mapping[str, float | int]:
        """What the formula was given."""
        return {"d": self.dimension, "epsilon": self.epsilon, "delta": self.failure_probability}

    @property
    def omits(self) -> str:
        """See `ReadoutPlan.omits`."""
        if self.norm == "l2" and self.largest is None:
            return ""
        what = "the largest weights alone" if self.largest else "theta(T) to an l_inf error of its 2-norm"
        return f"not compared: this readout reads {what}, gradient descent has every weight"

    @property
    def keeps(self) -> int | None:
        """Number of largest entries that are kept."""
        return self.largest

    @property
    def magnitude_share(self) -> float:
        """Share of the shots that goes to the plain circuit."""
        return self.magnitudes / self.needed

    def share(self, probability: float) -> float:
        """Return the copies that a run stands for, `probability` being that of its giving one."""
        return probability

    def error_of(self, copies: float) -> float:
        """Return the error, relative to the norm, that so many copies come with."""
        return self.epsilon * math.sqrt(self.needed / copies)

    def achieved(self, runs: float, probability: float) -> float:
        """Return the error of so many runs."""
        return self.error_of(runs * self.share(probability))

    def runs(self, probability: float, setting: Setting | None = None) -> int:
        """Return the runs that give these copies; see `ReadoutPlan.runs`."""
        share = self.share(probability)
        refuse_impossible(share)
        found = self.needed / share
        return whole(found if math.isfinite(found) else Fraction(self.needed) / Fraction(share))
