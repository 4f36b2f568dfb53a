"""How many runs read what a goal wants: the type of every plan of a readout.

A plan counts copies: runs that end on an entry that is read. How they follow is the affair of a way (`readout.ways`);
what a run is worth, and what error so many runs come with, its plan says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from carlemanc.core.document import Document
from carlemanc.core.errors import CheckFailed
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import whole

Norm = Literal["l2", "linf"]
RUNS = Formula(
    text="runs = copies / (success probability * readout probability), expected, rounded up to 4 digits",
    status="derived here",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutPlan(Document):
    """Copies of the state that determine its d entries.

    Args:
        method: name of its way.
        dimension: number of entries d.
        norm: of the error.
        epsilon: error relative to the norm of the vector read; beside it the tail, where `largest` is given.
        failure_probability: chance that the error is larger.
        largest: keep only this many largest entries; None: all.
        magnitudes: copies of the plain circuit; uses of it or its inverse for amplitude estimation.
        signs: copies of the sign circuit.
        formula: how they follow.
    """

    method: str
    dimension: int
    norm: Norm
    epsilon: float
    failure_probability: float
    largest: int | None
    magnitudes: float
    signs: float
    formula: Formula

    KEYS = "method dimension norm epsilon failure_probability largest magnitudes signs source copies"

    @property
    def source(self) -> str:
        """Where the numbers come from, in words."""
        return self.formula.to_text()

    @property
    def needed(self) -> float:
        """The number of all copies as the bounds give it."""
        return self.magnitudes + self.signs

    @property
    def copies(self) -> int:
        """All copies; uses of the circuit for amplitude estimation; 4 significant digits, rounded up."""
        return whole(self.needed)

    @property
    def omits(self) -> str:
        """Why this is not every weight, as gradient descent has it; an empty text where it is."""
        if self.norm == "l2" and self.largest is None:
            return ""
        what = "the largest weights alone" if self.largest else "theta(T) to an l_inf error of its 2-norm"
        return f"not compared: this readout reads {what}, gradient descent has every weight"

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

    def runs(self, probability: float) -> int:
        """Return the expected runs that give these copies, `probability` being that of one run giving a copy.

        Successful or not, a run is paid for: the probability is that of all ancillas |0>, times that of reading t >= T
        on level 1. The number carries 4 significant digits, rounded up. Raises CheckFailed where that is 0.
        """
        share = self.share(probability)
        if not share:
            raise CheckFailed(
                "a run gives a copy of what is read with a probability below 1e-308: no number of runs would do"
            )
        found = self.needed / share
        return whole(found if math.isfinite(found) else Fraction(self.needed) / Fraction(share))
