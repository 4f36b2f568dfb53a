"""Copies of the last step: none, the rule's own, a geometric grid up to 2 T, then one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from carlemanc.evaluation.search.line import descend
from carlemanc.evaluation.search.trial import Trial, Trials
from carlemanc.linear_system.padding import candidates
from carlemanc.sources.configuration import Configuration


def search_padding(trials: Trials, start: Trial) -> Trial:
    """Return the best trial along the padding; a method that inverts nothing copies nothing."""

    def write(value: int) -> Configuration:
        return replace(start.at, lift=replace(start.at.lift, padding=value))

    if start.cost.kappa is None:
        return trials.of(write(0)) or start
    steps = start.at.source.steps
    return descend(trials, start, int(start.at.lift.padding), write, candidates(steps), _around)


def _around(padding: int) -> Iterator[tuple[int, int]]:
    for step in (padding // 8, padding // 32, 1):
        if step:
            yield max(0, padding - step), padding + step
