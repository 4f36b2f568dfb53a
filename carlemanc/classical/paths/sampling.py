"""Which walks tell what is asked with the least deviation, and what they tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.classical.paths.collisions import Collisions
from carlemanc.classical.paths.forms import Quantity, Sampled
from carlemanc.classical.paths.leaves import Leaves
from carlemanc.classical.paths.sites import by_site
from carlemanc.classical.paths.source_factor import drive_of
from carlemanc.classical.paths.walk import Walk
from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import Point, Weights, point_norm

SPREAD = 8
"""Walks go forward, untried, where less than one weight in so many can be nonzero at T: none backward would meet it."""
_BOTH_TRIED = 4096
"""Up to so many weights forward walks meet wherever they are, and backward walks find every site."""
_PEAK = 16.0
"""Largest weight over the root mean square up to which weights count as spread over all sites."""
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
    if is_sparse(lifted) and lifted.support * SPREAD <= lifted.n:
        return forward
    if lifted.n > _BOTH_TRIED:
        if not is_spread(lifted):
            raise TooLarge(
                "walks from this start",
                size=f"n = {lifted.n:,}, with few sites that stand out of the start or F_0, and others beside them",
                limit=f"{_BOTH_TRIED:,} weights",
                instead="Forward walks would not meet again on the many, and backward walks not find the few.",
            )
        return backward
    pilot = max(_LEAST_PILOT, walks // _PILOT)
    tried: tuple[Collisions | Leaves, ...] = (forward, backward)
    return min(tried, key=lambda one: _log_deviation(one.sample(walk, asked, pilot, seed + 1)))


def is_sparse(lifted: Lifted) -> bool:
    """Whether start and F_0 are a few sites, so that walks go forward."""
    return all(
        isinstance(point, Weights) and not point.fill and SPREAD * len(point.sites) <= lifted.n
        for point in map(by_site, _sources(lifted))
    )


def _sources(lifted: Lifted) -> list[Point]:
    """Return what the iterate grows from: the start, and F_0 of the maps that have it."""
    return [lifted.displacement, *(drive_of(one) for one in lifted.systems if one.is_driven)]


def is_spread(lifted: Lifted) -> bool:
    """Whether in start and F_0 no weight is far above the root mean square of all, so that walks may go backward."""
    root = math.sqrt(lifted.n)
    return all(point_norm(point, "inf") * root <= _PEAK * point_norm(point) for point in _sources(lifted))


def _log_deviation(found: Sequence[Sampled]) -> float:
    """The sum of the logarithms of the deviations; those that were not resolved count as infinite."""
    return math.fsum(math.log(one.deviation) if one.deviation > 0 else math.inf for one in found)
