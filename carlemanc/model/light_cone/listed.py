"""The light cone of maps given entry by entry: an entry writes once all its columns can be nonzero.

Every entry keeps the number of its columns that are still zero; a site that is reached lowers it in the entries that
read it. Each pair of an entry and a column is met once, so all steps together take O(l nnz) work and a few array
operations a step, until nothing grows any more.
"""

from __future__ import annotations

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.model.light_cone.growth import LightCone
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import written_out
from carlemanc.model.polynomials.grouping import concatenated_ranges
from carlemanc.model.sparse_tensor import SparseTensor


def listed_growth(sequence: MapSequence, start: IntArray) -> LightCone:
    """Return the sites reached from those at time 0, with their list."""
    entries: dict[int, _Writers] = {}  # maps of a sequence share most of their operators
    per_map = []
    for item in sequence.maps:
        own = [written_out(operator) for operator in item.operators.values()]
        for tensor in own:
            if id(tensor) not in entries:
                entries[id(tensor)] = _Writers(tensor)
        per_map.append([entries[id(tensor)] for tensor in own])
    is_reached = np.zeros(sequence.n, dtype=bool)
    is_reached[start] = True
    reached, number, flops, idle = [start], len(start), 0, set[int]()
    for time, index in enumerate(sequence.schedule):
        if number == sequence.n:  # every entry writes
            flops += _rest([item.flops_per_step for item in sequence.maps], sequence.schedule[time:])
            break
        if len(idle) == len(per_map):  # no map writes to a new site: every later step costs what it did
            flops += _rest([sum(item.flops for item in own) for own in per_map], sequence.schedule[time:])
            break
        rows = np.unique(np.concatenate([_NONE, *(item.written(reached) for item in per_map[index])]))
        flops += sum(item.flops for item in per_map[index])
        new = rows[~is_reached[rows]]
        if len(new):
            is_reached[new] = True
            reached.append(new)
            number += len(new)
            idle.clear()
        else:
            idle.add(index)
    sites = np.flatnonzero(is_reached)
    return LightCone(
        support=len(sites), flops=flops, is_exact=True, sites=sites, source="followed entry by entry"
    )


_NONE: IntArray = np.zeros(0, dtype=np.int64)


def _rest(flops: list[int], schedule: tuple[int, ...]) -> int:
    """Return the flops of steps in which each map always costs the same."""
    times = np.bincount(np.array(schedule, dtype=np.int64), minlength=len(flops)).tolist()
    return sum(count * each for count, each in zip(times, flops, strict=True))


class _Writers:
    """The entries of one F_l: how many of their columns are still zero, and which of them have written."""

    def __init__(self, tensor: SparseTensor) -> None:
        self._tensor = tensor
        self._missing = self._readers = self._starts = _NONE
        self._seen = self._active = 0

    def _sort_by_column(self) -> None:
        """Find the distinct columns of every entry, and the entries that read each site."""
        columns = np.sort(self._tensor.cols, axis=1)
        is_first = np.ones(columns.shape, dtype=bool)  # a column that occurs twice in an entry counts once
        is_first[:, 1:] = columns[:, 1:] != columns[:, :-1]
        self._missing = is_first.sum(axis=1)
        entry, slot = np.nonzero(is_first)
        order = np.argsort(columns[entry, slot], kind="stable")
        self._readers, column = entry[order], columns[entry, slot][order]
        self._starts = np.searchsorted(column, np.arange(self._tensor.n + 1))

    @property
    def flops(self) -> int:
        """Flops of the entries that write."""
        return self._active * (self._tensor.degree + 1)

    def written(self, reached: list[IntArray]) -> IntArray:
        """Return the rows of the entries that begin to write with the sites reached so far."""
        if not self._tensor.degree:
            begins = not self._active
            self._active = self._tensor.nnz
            return self._tensor.rows if begins else _NONE
        sites = np.concatenate(reached[self._seen :] or [_NONE])
        self._seen = len(reached)
        if not len(sites):
            return _NONE
        if not len(self._starts):
            self._sort_by_column()
        first = self._starts[sites]
        touched = self._readers[concatenated_ranges(first, self._starts[sites + 1] - first)]
        np.subtract.at(self._missing, touched, 1)
        complete = np.unique(touched[self._missing[touched] == 0])
        self._active += len(complete)
        rows: IntArray = self._tensor.rows[complete]
        return rows
