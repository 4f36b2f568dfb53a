"""How often to copy the last step: `padding = "auto"` (THEORY 5.3).

Copies of time T raise the probability of reading T, about (p + 1)/(T + p + 1), and raise ||L^-1|| once p
passes the decay time of the dynamics. `choose_padding` minimizes kappa(p) / sqrt(P(p)), the cost with
amplitude amplification, over p = 0, 1, 2 and a geometric grid up to 2T: kappa from the proved bounds of
`norm_bounds`, P from the exact lift on the classical trajectory (O(T nnz)). A choice, not a claim: measured
in the tests, against the computed kappa, to be within a few percent of the best p of the grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from carlemanc.carleman.rescaling import readout_probability
from carlemanc.carleman.system import CarlemanSystem
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.core.rounding import rounded_up
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.norm_bounds import kappa_bounds
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Point

_RATIO = 1.3


def choose_padding(systems: Sequence[CarlemanSystem], sequence: MapSequence, u_in: Point) -> int:
    """Return p for the steps of `sequence`, linearized as `systems`, from `u_in` (about the center).

    The least p among costs that are equal when rounded up to four digits, so that no last bit chooses; 0 where no
    candidate has a finite bound.
    """
    sizes = sizes_along(sequence, u_in, kind="2")[:, None] / systems[0].gamma
    paddings = candidates(sequence.steps)
    history = HistorySystem(systems=systems, schedule=sequence.schedule, u_in=u_in)
    best, least = 0, math.inf
    for padding, bound in zip(paddings, kappa_bounds(history, paddings), strict=True):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            probability = float(readout_probability(sizes, history.levels, padding)[0])
        if not probability > 0.0:
            continue
        cost = rounded_up(bound.value / math.sqrt(probability))
        if cost < least:
            best, least = padding, cost
    return best


def candidates(steps: int) -> list[int]:
    """Return the values of p that are tried, ascending.

    >>> candidates(4)
    [0, 1, 2, 3, 4, 6, 7, 8]
    """
    grid = {0, 1, 2, 2 * steps}
    value = 2.0
    while value < 2 * steps:
        grid.add(round(value))
        value *= _RATIO
    return sorted(padding for padding in grid if padding <= max(2 * steps, 0))
