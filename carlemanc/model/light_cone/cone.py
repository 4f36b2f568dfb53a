r"""The light cone of a training: the weights of u = theta - center that can differ from zero, known before the run.

$S_0$ holds the nonzeros of u(0), and $S_{t+1}$ is $S_t$ with every row that an entry of the maps writes to from
columns all in $S_t$; the rows of F_0 have no columns and always belong. Outside $S_T$ three things vanish (derived
here by induction over the steps, tested):

* u(T) of gradient descent: each product of an entry is zero unless all its weights can be nonzero;
* level 1 of the truncated Carleman iterate: level j at time t vanishes outside $S_t \times \dots \times S_t$, because
  a block $G_{l_1} \otimes \dots \otimes G_{l_j}$ of the step writes index $i_s$ from the columns of one entry of
  $G_{l_s}$, all in $S_t$, whatever the order, the corrections and the rescaling;
* hence the solution of L x = b at time T on level 1. What a circuit leaves outside is error: leaving it out, which
  is what reading $S_T$ alone does, brings theta(T) closer to the solution.

A program that computes the products of entries whose columns are all in $S_t$, and no others, makes the same T steps:
`flops` counts these, l products and an addition each, as `MapSequence.flops` does for all entries.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.core.formula import Formula
from carlemanc.model.last_pairs import last_pairs
from carlemanc.model.light_cone.axes import axis_growth
from carlemanc.model.light_cone.growth import LightCone, bounded_growth, rules_of
from carlemanc.model.light_cone.listed import listed_growth
from carlemanc.model.light_cone.walk import walked_growth, walked_sites
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import DenseWeights, Point, Weights

FLOPS = Formula(
    text="sum over t < T and over the entries of F_l whose columns can all be nonzero at time t of l + 1 flops",
    status="derived here",
)


@last_pairs
def light_cone(sequence: MapSequence, start: Point) -> LightCone:
    """Return the light cone of a sequence of maps from u(0) = `start`; the last few are remembered."""
    if sequence.maps[0].is_shaped:
        return _everything(sequence, "the entries of a map known by its shape are not known")
    sites = nonzeros(start)
    if sites is None or len(sites) == sequence.n:
        return _everything(sequence, "every weight can be nonzero from the start")
    if not any(item.operators for item in sequence.maps):
        return LightCone(
            support=len(sites), flops=0, is_exact=True, sites=sites, source="no map writes anything"
        )
    if all(item.is_listed for item in sequence.maps) or all(item.lattice is None for item in sequence.maps):
        return _bounded(sequence, listed_growth(sequence, sites))
    if not sequence.is_constant:  # noise: a lattice loss has no batches
        return _everything(sequence, "noise moves every weight in every step")
    rules = rules_of(sequence.map)
    if rules is None:
        return _everything(sequence, "F_0 moves every site")
    steps = sequence.steps
    growth = axis_growth(rules, sites, steps) or walked_growth(rules, sites, steps)
    return _bounded(sequence, growth or bounded_growth(rules, sites, steps))


def reached_list(sequence: MapSequence, start: Point) -> IntArray:
    """Return the weights that can be nonzero at time T, ascending.

    Raises TooLarge where a lattice has too many entries to be written out, and its sites too many to be walked.
    """
    cone = light_cone(sequence, start)
    if cone.sites is not None:
        return cone.sites
    sites = nonzeros(start)
    if cone.support == sequence.n or sites is None:
        return np.arange(sequence.n, dtype=np.int64)
    if sequence.is_constant and not sequence.maps[0].is_listed:
        rules = rules_of(sequence.map)
        walked = None if rules is None else walked_sites(rules, sites, sequence.steps)
        if walked is not None:
            return walked
    found = listed_growth(sequence, sites).sites
    assert found is not None, "entries are followed with their list"
    return found


def _bounded(sequence: MapSequence, cone: LightCone) -> LightCone:
    """Return the cone with no more weights and flops than there are."""
    return replace(cone, support=min(cone.support, sequence.n), flops=min(cone.flops, sequence.flops))


def _everything(sequence: MapSequence, source: str) -> LightCone:
    return LightCone(support=sequence.n, flops=sequence.flops, is_exact=True, sites=None, source=source)


def nonzeros(start: Point) -> IntArray | None:
    """Return the nonzeros of u(0), ascending; None where there are as many as weights, but for a few."""
    if isinstance(start, DenseWeights):
        few = start.sparse()
        return None if few is None else nonzeros(few)
    if isinstance(start, Weights) and start.fill != 0.0:
        return None
    if isinstance(start, Weights):
        return start.sites[np.flatnonzero(start.values)]
    return np.flatnonzero(start)
