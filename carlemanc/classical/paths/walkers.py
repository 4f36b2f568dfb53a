"""Walkers: where each stands (a level and its slots), what it weighs, and what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Walkers on one level.

    Args:
        slots: sites, (level, m).
        weights: (m,), signed.
        labels: (m,) what each belongs to: a group of starts, or the row it was sent from.
    """

    slots: IntArray
    weights: FloatArray
    labels: IntArray

    def chosen(self, which: IntArray | Mask) -> Group:
        """Return some of them."""
        return Group(slots=self.slots[:, which], weights=self.weights[which], labels=self.labels[which])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walkers:
    """Walkers by level; those of weight 0 are left out."""

    groups: Mapping[int, Group] = field(default_factory=dict)

    @classmethod
    def gathered(cls, parts: Iterable[tuple[int, Group]]) -> Walkers:
        """Return walkers from (level, group), those that weigh nothing left out."""
        found: dict[int, list[Group]] = {}
        for level, group in parts:
            found.setdefault(level, []).append(group)
        joined = {level: _joined(groups) for level, groups in sorted(found.items())}
        return cls(groups={level: group for level, group in joined.items() if len(group.weights)})

    def merged(self) -> Walkers:
        """Return the sum of the walkers of each label in each state as one."""
        return Walkers(groups={level: _merged(group) for level, group in self.groups.items()})


def _merged(group: Group) -> Group:
    places, size = numbered(np.concatenate([group.slots, group.labels[None, :]]))
    first = np.zeros(size, dtype=np.int64)
    first[places] = np.arange(len(places))
    weights = np.bincount(places, group.weights, size).astype(np.float64)
    return Group(slots=group.slots[:, first], weights=weights, labels=group.labels[first])


def numbered(keys: IntArray) -> tuple[IntArray, int]:
    """Return the numbers of the distinct columns of keys (rows >= 1, k), (k,), and how many there are."""
    found, numbers = np.unique(keys[0], return_inverse=True)
    for more in keys[1:]:
        others, inverse = np.unique(more, return_inverse=True)
        found, numbers = np.unique(numbers * len(others) + inverse, return_inverse=True)
    return numbers.astype(np.int64), len(found)


def _joined(groups: list[Group]) -> Group:
    whole = Group(
        slots=np.concatenate([group.slots for group in groups], axis=1),
        weights=np.concatenate([group.weights for group in groups]),
        labels=np.concatenate([group.labels for group in groups]),
    )
    alive = whole.weights != 0
    return whole if alive.all() else whole.chosen(alive)
