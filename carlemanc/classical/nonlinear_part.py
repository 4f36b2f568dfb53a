r"""What a training would lose without its nonlinear terms: a proved bound along its own way.

With u the training and v the same steps without F_l, l >= 2, u(T) - v(T) = sum_t B^(T-1-t) sum_l F_l u(t)^l, so that

    ||u(T) - v(T)|| <= sum_t rho^(T-1-t) sum_l min(||F_l|| ||u(t)||^l, m_l ||u(t)||_inf^(l-1) ||u(t)||),

rho >= ||B||, m_l bounding F_l with the 2-norm in one slot and the maximum norm in the others (`lattice_run`). From a
start of many small weights the second form knows that they are small. Norms along the way are those of the run where
planning followed it, else majorants of them (proved; PAYS 0.2 is its size for a constant start).
"""

from __future__ import annotations

import math

import numpy as np

from carlemanc.carleman.lattice_run import slot_norms
from carlemanc.carleman.map_norms import symmetrized_norms
from carlemanc.carleman.trajectory import sizes_along
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Point

RUN = 2_000_000_000
"""The most flops of a training of listed entries that is run for its norms."""


def nonlinear_shift(sequence: MapSequence, start: Point, largest: float) -> float:
    """Return the bound for one map at all times, 0 where it is linear; inf where no norms are known.

    Args:
        sequence: of one map.
        start: u(0).
        largest: rho.
    """
    steps = sequence.steps
    if sequence.degree < 2:
        return 0.0
    if sequence.map.is_listed and sequence.flops > RUN:
        return math.inf
    two, sup = (sizes_along(sequence, start, kind=kind)[:steps] for kind in ("2", "inf"))
    norms, slots = symmetrized_norms(sequence.map).steps, slot_norms(sequence.map)
    with np.errstate(over="ignore", invalid="ignore"):
        moved = np.zeros(steps)
        for degree in range(2, len(norms)):
            if norms[degree]:
                alone = norms[degree] * two**degree
                moved += np.minimum(alone, slots[degree] * sup ** (degree - 1) * two)
        found = float(np.sum(moved * largest ** np.arange(steps - 1, -1, -1.0)))
    return found * (1.0 + 1e-9) if math.isfinite(found) else math.inf
