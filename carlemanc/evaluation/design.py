"""A design: a configuration with its shares of epsilon, what it queries, its plan and its circuit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qualtran import Bloq

from carlemanc.access.access import Access, System
from carlemanc.access.facts import Facts
from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.core.memo import Memo
from carlemanc.estimate.error_split import ErrorSplit
from carlemanc.linear_system.lifted import Lifted
from carlemanc.readout.goal import Goal
from carlemanc.solvers.method import Method
from carlemanc.solvers.plan import SolverPlan
from carlemanc.sources.configuration import Configuration
from carlemanc.sources.systems import system_of


def state_epsilon(facts: Facts, epsilon: float) -> float:
    """Return the relative error allowed to the final state, so that theta(T) - center is within epsilon.

    ||theta~ - theta|| / ||theta - center|| <= (||x~ - x||/||x||) / sqrt(readout probability), proved.
    """
    return min(0.5, epsilon * math.sqrt(facts.readout_probability))


def opened(memo: Memo, at: Configuration, bits: int | None = None) -> Access[Any]:
    """Return what a configuration's method queries, with loaded angles of so many bits; None: a standard length."""
    return memo(at.method.traits.access, system_of(memo, at.source, at.lift), at.reading, bits)


def counter_of(access: Access[Any]) -> BloqCounter:
    """Return what remembers the counts of an access's bloqs; to be called through a memo."""
    return BloqCounter()


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """What is run.

    Args:
        at: the configuration.
        shares: of epsilon.
        access: what is queried, as fine as its share asks.
        plan: queries, success and certificate.
        counter: remembers the counts of its bloqs.
    """

    at: Configuration
    shares: ErrorSplit
    access: Access[Any]
    plan: SolverPlan
    counter: BloqCounter

    @property
    def system(self) -> System:
        """What is solved."""
        return self.access.system

    @property
    def lifted(self) -> Lifted | None:
        """The lifted training; None for a linear system as it is."""
        return self.system if isinstance(self.system, Lifted) else None

    @property
    def method(self) -> Method[Any, Any]:
        """The method."""
        return self.at.method

    @property
    def goal(self) -> Goal:
        """What is read."""
        return self.at.goal

    @property
    def epsilon(self) -> float:
        """Relative error allowed to the final state."""
        return state_epsilon(self.access.facts, self.at.epsilon)

    @property
    def readout_probability(self) -> float:
        """Share of the final state that is the answer."""
        return float(self.access.facts.readout_probability)

    @cached_property
    def circuit(self) -> Bloq:
        """The circuit of one run; without phases it can only be counted."""
        return self.method.circuit(self.plan, self.access)
