"""Every stage of one spec, made on demand and once: a face of `Lifted` for drivers that hold a spec."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Self

from carlemanc.core.memo import Memo
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.network.scheduled import fit_place
from carlemanc.sources.source import SpecLike as SpecLike
from carlemanc.sources.source import loaded_training, source_of
from carlemanc.sources.systems import lift_of, system_of, with_entries


class Stages:
    """The stages of one spec."""

    given_system = False

    def __init__(self, spec: SpecLike, overrides: Iterable[str] = ()) -> None:
        self.spec = loaded_training(spec, overrides)
        self.source = source_of(self.spec)
        self.memo = Memo()

    @cached_property
    def lifted(self) -> Any:
        """The system."""
        return system_of(self.memo, self.source, lift_of(self.spec))

    @property
    def corrections(self) -> int | None:
        """Highest power of eta kept, None for the exact map."""
        return lift_of(self.spec).corrections

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.lifted, name)

    def refuse_shape(self, command: str) -> Self:
        """Return the stages; refuse a map known by its shape for a command that needs its entries."""
        with_entries(self.lifted, command)
        return self

    def warn(self) -> None:
        """Issue the warnings this spec deserves."""
        warn_training(self.lifted)


def warn_training(system: Any) -> None:
    """Issue the warnings a system deserves: order below degree, Euler corrections, divergence."""
    if not isinstance(system, Lifted):
        return
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
                f"{fit_place(use)}: arguments of {use.fit.name} from {use.low:.3g} to {use.high:.3g} leave the "
                f"interval [{use.fit.interval[0]:g}, {use.fit.interval[1]:g}] of its approximation, whose "
                "remainder does not hold there",
                stacklevel=4,
            )
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
