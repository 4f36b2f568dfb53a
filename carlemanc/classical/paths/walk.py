"""T steps as a walk, forward from the start or backward to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.classical.paths.start import Start
from carlemanc.classical.paths.walked_step import WalkedStep, walked_step
from carlemanc.classical.paths.walkers import Walkers
from carlemanc.linear_system.history import HistorySystem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk:
    r"""The march $y(T) = B_T ... B_1 y(0)$, each step over its alpha.

    Args:
        start: y(0).
        steps: the distinct steps.
        alphas: their subnormalizations.
        schedule: (T,) positions in `steps`.
    """

    start: Start
    steps: tuple[WalkedStep, ...]
    alphas: tuple[float, ...]
    schedule: tuple[int, ...]

    @property
    def log_alpha(self) -> float:
        """The logarithm of the product of all alphas."""
        return math.fsum(math.log(self.alphas[index]) for index in self.schedule)

    @property
    def log_amplitude(self) -> float:
        """That of the march: success leaves y(T) times exp of it."""
        return -self.log_alpha - 0.5 * math.log(self.start.square)

    def forth(self, rng: np.random.Generator, walkers: Walkers) -> Walkers:
        """Return walkers of y(0) moved to y(T)."""
        for index in self.schedule:
            walkers = self.steps[index].forth(rng, walkers, self.alphas[index])
        return walkers

    def back(self, rng: np.random.Generator, walkers: Walkers) -> Walkers:
        """Return walkers of y(T) moved to y(0)."""
        for index in reversed(self.schedule):
            walkers = self.steps[index].back(rng, walkers, self.alphas[index])
        return walkers


def walk_of(history: HistorySystem, alphas: Sequence[float]) -> Walk:
    """Return the walk of a history whose steps are encoded with these subnormalizations.

    Raises TooLarge where a map has too many entries to be listed.
    """
    level_zero = history.is_driven
    steps = tuple(
        walked_step(system, level_zero=level_zero, steps=len(history.schedule)) for system in history.systems
    )
    start = Start(point=history.start, gamma=history.gamma, levels=steps[0].levels)
    return Walk(start=start, steps=steps, alphas=tuple(alphas), schedule=tuple(history.schedule))
