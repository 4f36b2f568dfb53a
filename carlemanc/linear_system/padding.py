"""How often to copy the last step: `padding = "auto"` (THEORY 5.3).

Copies of time T raise the probability of reading T, about (p + 1)/(T + p + 1), and raise ||L^-1|| once p
passes the decay time of the dynamics. `choose_padding` minimizes kappa(p) / sqrt(P(p)), the cost with
amplitude amplification, over p = 0, 1, 2 and a geometric grid up to 2T: kappa from the majorant history
bound (or the sum over diagonals where that is too long), P from the exact lift on the classical trajectory
(O(T nnz)). A choice, not a claim: measured.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.rescaling import readout_probability
from carlemanc.carleman.system import CarlemanSystem
from carlemanc.carleman.trajectory import trajectory_sizes
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.norm_bounds import kappa_bound

_RATIO = 1.3


def choose_padding(carleman: CarlemanSystem, u_in: npt.ArrayLike, steps: int) -> int:
    """Return p for `steps` steps of `carleman` from `u_in`; 0 where no candidate has a finite bound."""
    start = np.asarray(u_in, dtype=np.float64)
    sizes = trajectory_sizes(carleman.map, start, steps)
    best, least = 0, math.inf
    for padding in candidates(steps):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            probability = float(
                readout_probability(sizes[:, None] / carleman.gamma, carleman.levels, padding)[0]
            )
        if not probability > 0.0:
            continue
        system = HistorySystem(carleman=carleman, steps=steps, padding=padding, u_in=start)
        cost = kappa_bound(system).value / math.sqrt(probability)
        if cost < least * (1.0 - 1e-9):
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
