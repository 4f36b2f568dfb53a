"""Which sites of a lattice are marked, and how: a map of all sites, or beyond memory a list of the marked ones."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import IntArray

Marks8 = npt.NDArray[np.uint8]
MAX_SITES = 2**30
"""Largest lattice with a map of all its sites: untouched pages of it take no memory."""


class Marks(ABC):
    """A small number for each site, 0 where none was set."""

    @abstractmethod
    def __getitem__(self, sites: IntArray) -> Marks8:
        """Return the marks of sites of any shape, in that shape."""

    @abstractmethod
    def set(self, sites: IntArray, mark: int) -> None:
        """Mark sites, ascending, each once."""

    @abstractmethod
    def marked(self) -> IntArray:
        """Return the sites with a mark, ascending."""


class MapOfSites(Marks):
    """A byte a site."""

    def __init__(self, n: int) -> None:
        self._marks = np.zeros(n, dtype=np.uint8)

    def __getitem__(self, sites: IntArray) -> Marks8:
        return self._marks[sites]

    def set(self, sites: IntArray, mark: int) -> None:
        """Mark sites."""
        self._marks[sites] = mark

    def marked(self) -> IntArray:
        """Return the sites with a mark."""
        return np.flatnonzero(self._marks)


class ListOfSites(Marks):
    """The marked sites in order, found by bisection: for lattices of any size of which few sites are marked."""

    def __init__(self) -> None:
        self._sites: IntArray = np.zeros(0, dtype=np.int64)
        self._marks: Marks8 = np.zeros(0, dtype=np.uint8)

    def __getitem__(self, sites: IntArray) -> Marks8:
        if not len(self._sites):
            return np.zeros(np.shape(sites), dtype=np.uint8)
        places = np.minimum(np.searchsorted(self._sites, sites), len(self._sites) - 1)
        return np.asarray(np.where(self._sites[places] == sites, self._marks[places], 0), dtype=np.uint8)

    def set(self, sites: IntArray, mark: int) -> None:
        """Mark sites."""
        every = np.union1d(self._sites, sites)
        marks = self[every]
        marks[np.searchsorted(every, sites)] = mark
        self._sites, self._marks = every, marks

    def marked(self) -> IntArray:
        """Return the sites with a mark."""
        return self._sites[self._marks > 0]


def marks_of(n: int) -> Marks:
    """Return no marks yet on n sites."""
    return MapOfSites(n) if n <= MAX_SITES else ListOfSites()
