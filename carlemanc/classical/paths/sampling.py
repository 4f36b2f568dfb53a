"""Which walks tell what is asked with the least deviation, and what they tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.classical.paths.collisions import Collisions
from carlemanc.classical.paths.forms import Quantity, Sampled
from carlemanc.classical.paths.leaves import Leaves
from carlemanc.classical.paths.walk import Walk
from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import DenseWeights

SPREAD = 8
"""Walks go forward, untried, where less than one weight in so many can be nonzero at T: none backward would meet it."""
_PILOT = 16
"""Where both would do, each is tried with a share of the walks, 1 / so much."""
_LEAST_PILOT = 1024
MOST_STEPS = 20_000_000_000
"""The most steps of walkers for a precision: minutes to an hour."""
_FIRST = 1 << 14
_FURTHER = 64.0
"""The number of walks grows by no more at once: the first deviations are rough."""
_MARGIN = 1.2
_ATTEMPTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What walks told.

    Args:
        values: of the quantities that were asked for, in their order.
        walks: how many.
        estimator: which.
    """

    values: tuple[Sampled, ...]
    walks: int
    estimator: str


def sample(
    lifted: Lifted, walk: Walk, asked: Sequence[Quantity], *, walks: int, seed: int, success: float
) -> Samples:
    """Return quantities from about so many walks.

    Args:
        lifted: what is walked.
        walk: its steps.
        asked: what is asked.
        walks: how many.
        seed: of the draws; the same seed gives the same result.
        success: planned probability that a run ends on level 1.

    Raises TooLarge where the weights of the start are neither drawn nor looked up.
    """
    chosen = _estimator(lifted, walk, asked, walks, seed, success)
    return Samples(values=chosen.sample(walk, asked, walks, seed), walks=walks, estimator=chosen.name)


def sample_within(
    lifted: Lifted,
    walk: Walk,
    asked: Sequence[Quantity],
    deviations: Sequence[float | None],
    *,
    seed: int,
    success: float,
) -> Samples:
    """Return quantities from as many walks as keep their deviations within limits; None: none. See `sample`.

    Raises TooLarge where that takes more than `MOST_STEPS` steps of walkers.
    """
    walks = _FIRST
    for attempt in range(_ATTEMPTS):
        most = MOST_STEPS // max(1, len(walk.schedule))
        if walks > most:
            raise TooLarge(
                "the walks for this precision",
                size=f"about {walks:.2g} walks of {len(walk.schedule)} steps",
                limit=f"{MOST_STEPS:.0e} steps",
                instead="Ask for less precision, or give the number of walks.",
            )
        found = sample(lifted, walk, asked, walks=walks, seed=seed + attempt, success=success)
        excess = max(
            one.deviation / limit
            for one, limit in zip(found.values, deviations, strict=True)
            if limit is not None
        )
        if excess <= 1:
            return found
        walks = math.ceil(walks * min(_FURTHER, _MARGIN * excess**2))
    raise InternalError("the deviation of walks does not fall with their number")


def _estimator(
    lifted: Lifted, walk: Walk, asked: Sequence[Quantity], walks: int, seed: int, success: float
) -> Collisions | Leaves:
    forward, backward = Collisions(), Leaves(success=success)
    if isinstance(walk.start.point, DenseWeights):
        return backward
    if lifted.support * SPREAD <= lifted.n:
        return forward
    pilot = max(_LEAST_PILOT, walks // _PILOT)
    tried: tuple[Collisions | Leaves, ...] = (forward, backward)
    return min(tried, key=lambda one: _log_deviation(one.sample(walk, asked, pilot, seed + 1)))


def _log_deviation(found: Sequence[Sampled]) -> float:
    """The sum of the logarithms of the deviations; those that were not resolved count as infinite."""
    return math.fsum(math.log(one.deviation) if one.deviation > 0 else math.inf for one in found)
