"""Sampling: two circuits, magnitudes from frequencies, signs from the interference with them; proved here.

The bounds are those of `readout.bounds`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from carlemanc.core.formula import Formula
from carlemanc.readout.bounds import (
    kept_magnitude_copies,
    kept_magnitude_error,
    largest_magnitude_copies,
    largest_sign_copies,
    magnitude_copies,
    magnitude_error,
    sign_copies,
    sign_error,
)
from carlemanc.readout.copies import Copies, Norm

_EVERY = Formula(
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
_KEPT = Formula(
    text="all but the k most frequent entries are set to zero: N = (3 + sqrt(5))/2 2k y/(s epsilon)^2 copies for "
    "magnitudes with 2k (y - 1 - ln y) = k ln(e d/k) + ln(2/delta), and 4 m/((1 - s) epsilon)^2 for k signs, m from a "
    "joint Chernoff bound; s the best split",
    status="proved",
    sources=("agrawal2020",),
    where="multinomial concentration in relative entropy, Theorem 1.2, from memory",
)
SHARES = 64
"""Splits of an l_inf precision between magnitudes and signs that are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledPlan(Copies):
    """Copies whose error is proved, at any number of them."""

    def error_of(self, copies: float) -> float:
        """Return the error that so many copies guarantee, divided as the plan divides them."""
        first = copies * self.magnitude_share
        return claimed_error(self, first, copies - first)


def plan_sampling(
    dimension: int,
    epsilon: float,
    failure_probability: float,
    *,
    norm: Norm = "l2",
    largest: int | None = None,
) -> SampledPlan:
    """Return the plan; see `readout.ways.registry.plan_readout`."""
    (magnitudes, signs), formula = _copies(dimension, epsilon, failure_probability, norm)
    kept = None
    if largest is not None and largest < dimension and norm == "l2":
        half = failure_probability / 2
        each = _split(
            kept_magnitude_copies(dimension, largest, 1.0, half), sign_copies(largest, 1.0, half), epsilon
        )
        if sum(each) < magnitudes + signs:
            (magnitudes, signs), kept, formula = each, largest, _KEPT
    return SampledPlan(
        method="sampling",
        dimension=dimension,
        norm=norm,
        epsilon=epsilon,
        failure_probability=failure_probability,
        largest=kept,
        magnitudes=magnitudes,
        signs=signs,
        formula=formula,
    )


def as_sampled(plan: Copies) -> SampledPlan:
    """Return a plan of as many copies, which are bounded as those of sampling: what is drawn for it."""
    given = {field.name: getattr(plan, field.name) for field in fields(Copies)}
    return SampledPlan(**given | {"method": "sampling"})


def claimed_error(plan: Copies, magnitude_copies: float, sign_copies: float) -> float:
    """Return the error, relative to the norm, that so many copies guarantee with the plan's probability.

    The inverse of `plan_sampling`.
    """
    half = plan.failure_probability / 2
    if plan.largest is not None:
        return kept_magnitude_error(plan.dimension, plan.largest, magnitude_copies, half) + sign_error(
            plan.largest, sign_copies, half
        )
    if plan.norm == "l2":
        return magnitude_error(plan.dimension, magnitude_copies, half) + sign_error(
            plan.dimension, sign_copies, half
        )
    if min(magnitude_copies, sign_copies) <= 0:
        return math.inf
    each = math.sqrt(largest_magnitude_copies(plan.dimension, 1.0, half) / magnitude_copies)
    return each + 2 * math.sqrt(math.log(plan.dimension / half) / sign_copies)


def _copies(
    dimension: int, epsilon: float, failure: float, norm: Norm
) -> tuple[tuple[float, float], Formula]:
    if norm == "linf":
        return _largest_copies(dimension, epsilon, failure), _LARGEST
    a, b = (copies(dimension, 1.0, failure / 2) for copies in (magnitude_copies, sign_copies))
    return _split(a, b, epsilon), _EVERY


def _split(magnitudes: float, signs: float, epsilon: float) -> tuple[float, float]:
    """Return both at their best shares of epsilon, from what each takes for an error of 1."""
    share = magnitudes ** (1 / 3) / (magnitudes ** (1 / 3) + signs ** (1 / 3))
    return magnitudes / (share * epsilon) ** 2, signs / ((1 - share) * epsilon) ** 2


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
