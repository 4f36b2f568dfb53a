"""Searches along one key: a grid first, then ever smaller steps around the best of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from carlemanc.evaluation.search.trial import Trial, Trials
from carlemanc.sources.configuration import Configuration

V = TypeVar("V", int, float)


def descend(
    trials: Trials,
    start: Trial,
    value: V,
    write: Callable[[V], Configuration],
    grid: Iterable[V],
    around: Callable[[V], Iterator[tuple[V, V]]],
) -> Trial:
    """Return the best trial along a key.

    Args:
        trials: what was tried.
        start: where the search begins.
        value: of the key there.
        write: the configuration with another value.
        grid: values to begin with.
        around: from a value, pairs of values at either side, in ever smaller steps; asked again where one is better.
    """
    best, at = start, value
    for tried in grid:
        best, at = _better(trials, best, at, write, (tried,))
    improved = True
    while improved:
        improved = False
        for pair in around(at):
            found, place = _better(trials, best, at, write, pair)
            if found is not best:
                best, at, improved = found, place, True
                break
    return best


def _better(
    trials: Trials, best: Trial, at: V, write: Callable[[V], Configuration], values: Iterable[V]
) -> tuple[Trial, V]:
    for value in values:
        found = trials.of(write(value))
        if found is not None and found.rank < best.rank:
            best, at = found, value
    return best, at
