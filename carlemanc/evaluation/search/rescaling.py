"""gamma for the method at hand: three digits, on a grid around the one that its own rule gives, then finer.

What a march pays for gamma (the subnormalization of its step) is not what an inversion pays (||L^-1||), so that no rule
serves both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from carlemanc.evaluation.search.line import descend
from carlemanc.evaluation.search.trial import Trial, Trials
from carlemanc.sources.configuration import Configuration

GRID = (1 / 8, 1 / 4, 1 / 2, 2 / 3, 3 / 2, 2, 4, 8)
"""Multiples of the rule's gamma."""
SCANNED = 1.1
"""How far to either side every gamma is tried at the end, where lifts are cheap."""
STEPS = (1.25, 1.1, 1.03, 1.01)
"""Factors up and down, at last one unit of the third digit."""


def search_rescaling(trials: Trials, start: Trial) -> Trial:
    """Return the best trial along gamma from a trial on."""
    gamma = float(start.at.lift.rescaling)

    def write(value: float) -> Configuration:
        return replace(start.at, lift=replace(start.at.lift, rescaling=value))

    return descend(trials, start, gamma, write, [_digits(gamma * factor) for factor in GRID], _around)


def scan_rescaling(trials: Trials, start: Trial) -> Trial:
    """Return the best of every gamma of three digits within `SCANNED` of a trial's: minima lie beside each other."""
    gamma, best = float(start.at.lift.rescaling), start
    low, high = gamma / SCANNED, gamma * SCANNED
    value = low
    while value < high:
        value = _digits(value + _unit(value))
        found = trials.of(replace(start.at, lift=replace(start.at.lift, rescaling=value)))
        if found is not None and found.rank < best.rank:
            best = found
    return best


def _unit(gamma: float) -> float:
    """Return one unit of the third digit."""
    return float(10.0 ** (math.floor(math.log10(gamma)) - 2))


def _around(gamma: float) -> Iterator[tuple[float, float]]:
    for step in STEPS:
        yield _digits(gamma / step), _digits(gamma * step)
    yield _digits(gamma - _unit(gamma)), _digits(gamma + _unit(gamma))


def _digits(value: float) -> float:
    """Return three significant digits, so that the same value is tried on every processor."""
    return float(f"{value:.2e}")
