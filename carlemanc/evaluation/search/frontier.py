"""Which of many configurations none other beats: less of every quantity, or of some and no more of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from carlemanc.core.rounding import rounded_up

P = TypeVar("P")


def pareto(points: Iterable[P], quantities: Callable[[P], Sequence[float]]) -> list[P]:
    """Return the points that no other is at most as large as in every quantity, least first; the first of equals."""
    kept: list[tuple[Sequence[float], P]] = []
    for values, point in sorted(((tuple(quantities(p)), p) for p in points), key=lambda pair: pair[0]):
        if not any(all(a <= b for a, b in zip(other, values, strict=True)) for other, _ in kept):
            kept.append((values, point))
    return [point for _, point in kept]


def thinned(points: Sequence[P], quantities: Callable[[P], Sequence[float]]) -> list[P]:
    """Return the points without those that are as good as one before them to about a digit."""
    found: dict[tuple[float, ...], P] = {}
    for point in points:
        found.setdefault(tuple(rounded_up(value, 1) for value in quantities(point)), point)
    return list(found.values())
