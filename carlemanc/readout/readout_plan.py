"""How many runs read theta(T), and how they divide between magnitudes and signs.

Comes in: the number of entries, the l2 or l_inf precision relative to the norm of what is read, a failure probability.
Goes out: a `ReadoutPlan`, in copies (runs that end on an entry that is read). The bounds are those of `readout.bounds`.
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
from carlemanc.readout.bounds import (
    amplitude_estimation_queries,
    interior_point_copies,
    kerenidis_prakash_copies,
    largest_magnitude_copies,
    largest_sign_copies,
    magnitude_copies,
    magnitude_error,
    sign_copies,
    sign_error,
)

Norm = Literal["l2", "linf"]
RUNS = Formula(
    text="runs = copies / (success probability * readout probability), expected, rounded up to 4 digits",
    status="derived here",
)
_SAMPLING = Formula(
    text="N = y d/(s epsilon)^2 copies for magnitudes with d (y - 1 - ln y) = ln(2/delta), and 4 m/((1 - s) epsilon)^2 "
    "for signs, m from a joint Chernoff bound; s the best split",
    status="proved",
    sources=("agrawal2020",),
    where="multinomial concentration in relative entropy, Theorem 1.2, from memory",
)
_LARGEST = Formula(
    text="N = ln(4 d/delta)/t^2 copies for magnitudes within t, and ln(2 min(d, 1/m^2)/delta)/m^2 for the signs of "
    "entries of at least m = (epsilon - t)/2, t at its best",
    status="proved",
)
_THRESHOLDED = Formula(
    text=f"every entry within epsilon/(3 sqrt(k)), all but the k largest set to zero: {_LARGEST.text}",
    status="proved",
)
_PUBLISHED = {
    "interior-point": Formula(
        text="N = 57.5 d ln(6 d/delta)/(epsilon^2 (1 - epsilon^2/4)) copies, and again as many for signs",
        status="second-hand",
        sources=("dalzell2023",),
        where="Proposition 4",
    ),
    "kerenidis-prakash": Formula(
        text="N = 36 d ln d/e^2 copies for an error of epsilon = sqrt(7) e, and again as many for signs",
        status="second-hand",
        sources=("kerenidis_prakash2020",),
    ),
    "amplitude-estimation": Formula(
        text="d ln(2 d/delta)/epsilon uses of the circuit (l2): O~ of the literature with constant 1, none is "
        "published; the other half of delta is left to failed operations",
        status="second-hand",
        sources=("apeldoorn2022",),
        where="Theorem and Proposition 22",
    ),
}
METHODS = ("sampling", "interior-point", "kerenidis-prakash", "amplitude-estimation")
SHARES = 64
"""Splits of an l_inf precision between magnitudes and signs that are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutPlan(Document):
    """Copies of the state that determine its d entries.

    Args:
        method: one of `METHODS`.
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
        """Return the copies that a run stands for, `probability` being that of its giving one.

        Amplitude estimation pays 1/sqrt(probability) a copy (amplification is part of it), sampling 1/probability.
        """
        return math.sqrt(probability) if self.method == "amplitude-estimation" else probability

    def error_of(self, copies: float) -> float:
        """Return the error, relative to the norm, that so many copies come with."""
        if self.method == "sampling":
            first = copies * self.magnitude_share
            return claimed_error(self, first, copies - first)
        if self.method == "amplitude-estimation":
            return self.epsilon * self.needed / copies
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


def plan_readout(
    dimension: int,
    epsilon: float,
    failure_probability: float,
    *,
    norm: Norm = "l2",
    largest: int | None = None,
    method: str = "sampling",
) -> ReadoutPlan:
    """Return the plan.

    Args:
        dimension: entries d of the vector, at least 1.
        epsilon: relative error, in (0, 1).
        failure_probability: in (0, 1).
        norm: `l2` or `linf`.
        largest: k: the k largest entries only, where that takes fewer copies than all. The l2 error is then at most
            epsilon plus the norm of the entries outside the k largest (hard thresholding of estimates within
            epsilon/(3 sqrt k) each; proved here).
        method: `sampling` (proved here), the constants of the literature, or `amplitude-estimation` (O~ only).
    """
    magnitudes, signs, formula = _copies(dimension, epsilon, failure_probability, norm, method)
    kept = None
    if largest is not None and largest < dimension and norm == "l2" and method == "sampling":
        each = _largest_copies(dimension, epsilon / (3 * math.sqrt(largest)), failure_probability)
        if sum(each) < magnitudes + signs:
            (magnitudes, signs), kept = each, largest
            formula = _THRESHOLDED
    return ReadoutPlan(
        method=method,
        dimension=dimension,
        norm=norm,
        epsilon=epsilon,
        failure_probability=failure_probability,
        largest=kept,
        magnitudes=magnitudes,
        signs=signs,
        formula=formula,
    )


def claimed_error(plan: ReadoutPlan, magnitude_copies: float, sign_copies: float) -> float:
    """Return the error, relative to the norm, that so many copies guarantee with the plan's probability.

    The inverse of `plan_readout`; only for `sampling`.
    """
    half = plan.failure_probability / 2
    if plan.largest is None and plan.norm == "l2":
        return magnitude_error(plan.dimension, magnitude_copies, half) + sign_error(
            plan.dimension, sign_copies, half
        )
    if min(magnitude_copies, sign_copies) <= 0:
        return math.inf
    each = math.sqrt(largest_magnitude_copies(plan.dimension, 1.0, half) / magnitude_copies)
    least = math.sqrt(math.log(plan.dimension / half) / sign_copies)
    error = each + 2 * least
    return error if plan.largest is None else 3 * math.sqrt(plan.largest) * error


def _copies(
    dimension: int, epsilon: float, failure: float, norm: Norm, method: str
) -> tuple[float, float, Formula]:
    if method == "sampling" and norm == "l2":
        a, b = (copies(dimension, 1.0, failure / 2) for copies in (magnitude_copies, sign_copies))
        share = a ** (1 / 3) / (a ** (1 / 3) + b ** (1 / 3))
        return a / (share * epsilon) ** 2, b / ((1 - share) * epsilon) ** 2, _SAMPLING
    if method == "sampling":
        return *_largest_copies(dimension, epsilon, failure), _LARGEST
    if method == "interior-point":
        copies = interior_point_copies(dimension, epsilon, failure)
        return copies, copies, _PUBLISHED[method]
    if method == "kerenidis-prakash":
        copies = kerenidis_prakash_copies(dimension, epsilon / math.sqrt(7), norm=norm)
        return copies, copies, _PUBLISHED[method]
    queries = amplitude_estimation_queries(dimension, epsilon, failure / 2, norm=norm)
    return queries, 0.0, _PUBLISHED[method]


def _largest_copies(dimension: int, epsilon: float, failure: float) -> tuple[float, float]:
    """Copies for magnitudes within t and for signs of all entries of at least (epsilon - t)/2, t at its best."""
    splits = []
    for step in range(1, SHARES):
        each = epsilon * step / SHARES
        splits.append(
            (
                largest_magnitude_copies(dimension, each, failure / 2),
                largest_sign_copies(dimension, (epsilon - each) / 2, failure / 2),
            )
        )
    return min(splits, key=sum)
