"""What an analysis says beyond its certificates: the smallest order for epsilon, and what the center costs.

From norms and, where gradient descent can be run (few weights, or a sparse start on a lattice), from the
sizes ||u(t)|| along it. Nothing here depends on n otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carlemanc.carleman.rescaling import readout_probability
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.core.document import Document
from carlemanc.linear_system.lifted import Lifted

MAX_ORDER = 21
"""The largest order that is tried for epsilon."""
_MAX_STEPS = 2_000
"""Above this many steps only the orders up to the spec's are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook(Document):
    """The order that epsilon asks for, and the readout about the spec's center."""

    epsilon: float
    smallest_order: int | None
    """Least N whose certified truncation error is at most epsilon ||u(T)||; None where none was found."""
    tried: int
    """The largest order tried."""
    drives: bool
    """Whether F_0 != 0 about this center."""
    decay: float | None
    """||u(T)|| / ||u(0)||; None where gradient descent was not run or u(0) = 0."""
    probability: float | None

    KEYS = """
        epsilon smallest_order readout.decay=decay readout.probability=probability readout.F_0=drive
        readout.note=note
    """
    """Probability to read t >= T, level 1, of the exact lift in units of gamma, where a run succeeds; None as above."""

    @property
    def drive(self) -> str:
        """Whether F_0 drives the weights, in a word."""
        return "not zero" if self.drives else "zero"

    @property
    def note(self) -> str:
        """What the center means for the readout, in a sentence."""
        if self.probability is None:
            return "not known: gradient descent has too many weights to be run to the end, or overflows"
        if self.drives:
            kind = "F_0 is not zero about this center, so that u(t) settles away from it"
        else:
            kind = "F_0 = 0 about this center, so that the readout fades as u(t) does"
        ratio = "" if self.decay is None else f"; ||u(T)|| = {self.decay:.3g} ||u(0)||"
        rounds = 1.0 / math.sqrt(self.probability) if self.probability else math.inf
        return (
            f"{kind}{ratio}; a run that succeeds is read at t = T on level 1 with probability {self.probability:.3g}, "
            f"which its success multiplies (factor {rounds:.3g} with amplitude amplification)"
        )


def outlook(lifted: Lifted, bounds: dict[int, float], epsilon: float) -> Outlook:
    """Return the outlook of a training; `bounds` are the certified truncation errors already known."""
    sizes = sizes_along(lifted.sequence, lifted.displacement)
    drives = 0 in lifted.sequence.degrees
    if not lifted.is_run_to_the_end or not np.all(np.isfinite(sizes)):
        return Outlook(
            epsilon=epsilon, smallest_order=None, tried=0, drives=drives, decay=None, probability=None
        )
    order, tried = _smallest_order(lifted, bounds, epsilon * float(sizes[-1]))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        z = sizes[:, None] / lifted.gamma
        probability = float(readout_probability(z, lifted.history.levels, lifted.padding)[0])
    return Outlook(
        epsilon=epsilon,
        smallest_order=order,
        tried=tried,
        drives=drives,
        decay=float(sizes[-1] / sizes[0]) if sizes[0] else None,
        probability=probability if math.isfinite(probability) else None,
    )


def _smallest_order(lifted: Lifted, bounds: dict[int, float], allowed: float) -> tuple[int | None, int]:
    """Return the least order whose bound is at most `allowed`, and the largest order tried."""
    for order in sorted(bounds):
        if bounds[order] <= allowed:
            return order, order
    last = max(bounds)
    if lifted.steps > _MAX_STEPS or not allowed > 0.0:
        return None, last
    for order in range(last + 1, MAX_ORDER + 1):
        if lifted.truncation_bounds([order])[order] <= allowed:
            return order, order
    return None, MAX_ORDER
