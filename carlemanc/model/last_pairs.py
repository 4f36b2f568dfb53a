"""Remember what was computed last for pairs of a sequence and a start, which are known again by identity."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Point

Found = TypeVar("Found")
KEPT = 8
"""Pairs that are remembered, with what they keep alive."""


def last_pairs(compute: Callable[[MapSequence, Point], Found]) -> Callable[[MapSequence, Point], Found]:
    """Return the function with the last `KEPT` of its values remembered."""
    known: list[tuple[MapSequence, Point, Found]] = []

    @wraps(compute)
    def remembered(sequence: MapSequence, start: Point) -> Found:
        for known_sequence, known_start, value in known:
            if known_sequence is sequence and known_start is start:
                return value
        value = compute(sequence, start)
        known.insert(0, (sequence, start, value))
        del known[KEPT:]
        return value

    return remembered
