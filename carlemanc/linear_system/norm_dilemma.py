"""What a dense start does to an order above 1: either the problem is linear, or a run hardly ever tells theta(T).

A start that spreads over d = (||u|| / max |u|)^2 sites has two norms that differ by sqrt(d), and a lift sees the one,
the nonlinearity the other (derived here; measured on dense starts of lattices):

* the nonlinear part moves theta(T) by at most the share T sum_l m_l w^(l-1) of ||u(0)||, w = max |u(0)|, m_l the norm
  of F_l with the 2-norm in its first slot and the maximum norm in the others, wherever no weight grows: with ||u|| of
  order 1 that is of order 1/d, and order 1 gives the same theta(T);
* with weights of order 1, where a step multiplies few weights at a time (stencils do), level N of the lift holds u on N
  slots at once with an amplitude ||u^N|| / ||u||^N = d^(-(N-1)/2) of its norm, so that what acts on level 1 comes with
  a probability that falls as d^-(N-1), whatever gamma.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from carlemanc.carleman.lattice_run import slot_norms
from carlemanc.core.document import Document
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import point_norm

DENSE = 1_000.0
"""From so many sites on a start is called dense."""
LOCAL = 20.0
"""How much larger the norm m_l of a map that multiplies few weights at a time may be than that of F_l."""
LINEAR = 1e-3
"""Where the nonlinear part moves theta(T) by less than this share of ||u(0)||, the problem is called linear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormDilemma(Document):
    """The two sides of it."""

    order: int
    spread: float
    """d."""
    nonlinear: float
    """The share of ||u(0)|| that the nonlinear part moves theta(T) by, at most."""

    KEYS = """order spread nonlinear linear=is_linear probability_of_order=size"""

    @property
    def is_linear(self) -> bool:
        """Whether order 1 gives the same theta(T)."""
        return self.nonlinear < LINEAR

    @property
    def size(self) -> float:
        """d^-(N-1)."""
        return self.spread ** (1 - self.order)

    @property
    def reason(self) -> str:
        """Return why, in words."""
        dense = f"the start spreads over {self.spread:.3g} sites"
        if self.is_linear:
            return (
                f"{dense} with weights so small that the nonlinear part moves theta(T) by at most "
                f"{self.nonlinear:.1g} of ||theta(0)||: carleman.order = 1 gives the same, by cheaper runs"
            )
        return (
            f"{dense}, and at order N = {self.order} a run tells theta(T) with a probability that falls "
            f"as {self.spread:.3g}^-(N-1) = {self.size:.1g}, whatever the rescaling; with smaller weights the problem "
            "is linear, and carleman.order = 1 does"
        )

    def to_text(self) -> str:
        """Return it in a sentence."""
        return self.reason if self.is_linear else f"norm dilemma: {self.reason}"


def norm_dilemma(lifted: Lifted) -> NormDilemma | None:
    """Return the dilemma of a training; None for order 1, a start on few sites, or a map that is not local."""
    start = lifted.displacement
    two, largest = point_norm(start), point_norm(start, "inf")
    order = max(lifted.systems[0].levels)
    if order == 1 or not 0.0 < largest < math.inf or not two < math.inf:
        return None
    spread = (two / largest) ** 2
    if spread < DENSE or lifted.is_shaped or not all(map(_is_local, lifted.sequence.maps)):
        return None
    nonlinear = max(
        sum(
            slot * largest ** (degree - 1)
            for degree, slot in enumerate(slot_norms(item))
            if degree >= 2 and degree in item.operators
        )
        for item in lifted.sequence.maps
    )
    return NormDilemma(order=order, spread=spread, nonlinear=lifted.steps * nonlinear)


def _is_local(map: PolynomialMap) -> bool:
    """Whether the weights that multiply each other are few: F_l in slots is about as small as F_l."""
    slots, norms = slot_norms(map), map.symmetric_norms
    return all(slots[degree] <= LOCAL * norms[degree] for degree in map.operators if degree >= 2)
