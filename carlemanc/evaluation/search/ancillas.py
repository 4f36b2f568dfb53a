"""Extra qubits for lookups: powers of two, as long as they change anything."""

from __future__ import annotations

from dataclasses import replace

from carlemanc.evaluation.search.trial import Trial, Trials

MOST = 1 << 14
_IDLE = 3
"""Doublings in a row that help nothing, after which no more are tried."""


def search_ancillas(trials: Trials, start: Trial) -> Trial:
    """Return the best trial along the ancilla budget, the smallest of equals."""
    best, idle, budget = start, 0, 4
    while idle < _IDLE and budget <= min(MOST, trials.request.max_qubits):
        at = replace(start.at, reading=replace(start.at.reading, ancilla_budget=budget))
        found = trials.of(at)
        if found is None or found.rank >= best.rank:
            idle += 1
        else:
            best, idle = found, 0
        budget *= 2
    return best
