"""What every classical program promises: its cost for a question, or why it does not apply, and its answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from carlemanc.classical.question import Question
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import ClassicalProgram


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One value as a program tells it; `error_bar` holds with the question's probability, 0: rounding alone."""

    value: float
    error_bar: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What a program found.

    Args:
        values: by name, where values are asked for.
        sites: weights that are told, ascending, where theta(T) is asked for; all others stand at the center.
        theta: theta(T) at these, (len(sites),).
    """

    values: Mapping[str, Told] = field(default_factory=dict)
    sites: IntArray | None = None
    theta: FloatArray | None = None


class Program(ABC):
    """A classical program that answers questions; one file, and one line of the registry."""

    name: ClassVar[str]
    """As in CONTRACT section 4."""

    def refused(self, reason: str, formula: Formula) -> ClassicalProgram:
        """Return the cost of a program that does not apply."""
        return ClassicalProgram(name=self.name, flops=None, reason=reason, formula=formula)

    @abstractmethod
    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops for all that is asked, or why it does not apply; nothing is run that costs as much."""

    @abstractmethod
    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Answer the question. Raises InputError where `cost` says that it does not apply, TooLarge."""
