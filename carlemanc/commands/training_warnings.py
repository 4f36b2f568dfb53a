"""What is said of a training before anything is made from it."""

from __future__ import annotations

import math
import warnings

from carlemanc.linear_system.lifted import Lifted
from carlemanc.linear_system.norm_dilemma import norm_dilemma


def warn_training(system: Lifted) -> None:
    """Issue the warnings a system deserves: order below degree, Euler corrections, a dense start, divergence."""
    order, degree = system.order, system.sequence.degree
    if order < degree:
        warnings.warn(
            f"carleman.order {order} is below the map's degree {degree}: F_{degree} never acts on theta",
            stacklevel=4,
        )
    if system.lift.corrections == 1:
        warnings.warn(
            "carleman.corrections = 1 is the continuous Carleman matrix with Euler steps: its error stays at "
            "O(learning_rate) whatever the order",
            stacklevel=4,
        )
    for use in system.approximation.fits if system.approximation is not None else ():
        if not use.inside:
            warnings.warn(
                f"{use.where}: arguments of {use.fit.name} from {use.low:.3g} to {use.high:.3g} leave the "
                f"interval [{use.fit.interval[0]:g}, {use.fit.interval[1]:g}] of its approximation, whose "
                "remainder does not hold there",
                stacklevel=4,
            )
    dilemma = norm_dilemma(system)
    if dilemma is not None:
        warnings.warn(dilemma.to_text(), stacklevel=4)
    if system.regime.name == "divergent":
        bound = system.truncation_bounds([order])[order]
        shown = (
            f"{bound:.3g}" if math.isfinite(bound) else "none: the scalar majorant overflows within T steps"
        )
        warnings.warn(
            f"the system is divergent (R = {system.regime.R:.3g}, mu = {system.regime.mu:.3g}); certified truncation "
            f"error for these {system.steps} steps: {shown}",
            stacklevel=4,
        )
