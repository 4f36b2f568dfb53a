"""What the compiler certifies about the training of a spec, and for how many steps.

The regimes are carlemanc's definitions (THEORY section 4), from the norms of the map alone: within them the
majorant of the Carleman system grows by at most e over the steps, which is where the condition number, so the
cost of a circuit, stays a polynomial in T.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from carlemanc.carleman.map_norms import largest_norms, norms_of_each, symmetrized_norms
from carlemanc.carleman.regime import classify_norms
from carlemanc.core.document import Document
from carlemanc.core.search import first_where
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.weights import point_norm
from carlemanc.sources.source import MAX_STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class CompilerOutlook(Document):
    """What the compiler certifies about a spec.

    Attributes:
        regime: by carlemanc's definitions (THEORY section 4).
        ratio: R, below 1 where the majorant contracts; None where it does not exist.
        certified_steps: the most steps for which the regime is not divergent; None for any number.
        truncation_bound: certified truncation error at the spec's order and steps; None where it overflows.
    """

    regime: str
    ratio: float | None
    certified_steps: int | None
    truncation_bound: float | None

    KEYS = "regime R=ratio certified_steps truncation_bound"


def compiler_outlook(lifted: Lifted, order: int) -> CompilerOutlook:
    """Return what is certified of a spec at a Carleman order."""
    bound = lifted.truncation_bounds([order])[order]
    return CompilerOutlook(
        regime=lifted.regime.name,
        ratio=lifted.regime.R if math.isfinite(lifted.regime.R) else None,
        certified_steps=_certified_steps(lifted),
        truncation_bound=bound if math.isfinite(bound) else None,
    )


def _certified_steps(lifted: Lifted) -> int | None:
    """Return the most steps T for which the regime is fully or almost dissipative; None for any T."""
    norms = largest_norms(norms_of_each(lifted.sequence.maps, symmetrized_norms)).steps
    size = point_norm(lifted.displacement)

    def is_divergent(steps: int) -> bool:
        return classify_norms(norms, size, steps).name == "divergent"

    if classify_norms(norms, size, 1).name == "fully dissipative":
        return None
    return (first_where(is_divergent, 1, MAX_STEPS + 1) or MAX_STEPS + 1) - 1
