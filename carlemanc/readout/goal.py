"""What every goal of the readout promises: a plan for a precision, and how its cost grows with it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from carlemanc.readout.readout_plan import ReadoutPlan

if TYPE_CHECKING:
    from carlemanc.observables.observable import Observable


class Readable(Protocol):
    """What is read from: a system, or what is known of one at another size."""

    @property
    def support(self) -> int:
        """Entries of the answer that can be nonzero."""


@dataclass(frozen=True, kw_only=True)
class Goal(ABC):
    """What is read; a frozen dataclass whose fields are keys of `[readout]`.

    Args:
        failure_probability: chance that the readout misses its precision.
        shots: runs of the circuits, successful or not; 0: as many as the precision takes.
    """

    name: ClassVar[str]
    failure_probability: float = 0.05
    shots: int = 0

    def check(self, origin: str) -> None:  # noqa: B027
        """Raise InputError where no bound is known, naming `origin`; asked by whoever reads, and by no one else."""

    @abstractmethod
    def plan(self, system: Readable, epsilon: float) -> ReadoutPlan:
        """Return the copies that determine what is read.

        Args:
            system: whose answer it is.
            epsilon: error relative to the norm of the answer.
        """

    @property
    @abstractmethod
    def is_coherent(self) -> bool:
        """Whether the circuit and its inverse run coherently many times, so that none of them may fail."""

    @property
    def bounds_failures(self) -> bool:
        """Whether the plan itself says what its runs may fail with, so that failures take no share of epsilon."""
        return self.is_coherent

    def epsilon(self, system: Readable, epsilon: float) -> float:
        """Return the relative error of theta(T) - center that all causes may have together.

        Args:
            system: whose answer is read.
            epsilon: `solver.epsilon`, which it is for a goal that reads theta(T) itself.
        """
        return epsilon

    def observed(self, system: Readable) -> tuple[Observable, ...]:
        """Return the observables that are read; none for a goal that reads weights."""
        return ()

    def exponent(self, system: Readable, epsilon: float) -> float:
        """Return the power of 1/epsilon that the copies grow by, at epsilon; 0 where the shots are given.

        At least 1, that of amplitude estimation: where the errors are as large as an estimator reads any, its uses
        hardly grow, but the readout must still have a share.
        """
        if self.shots:
            return 0.0
        return max(1.0, math.log2(self.plan(system, epsilon / 2).needed / self.plan(system, epsilon).needed))
