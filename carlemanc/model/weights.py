"""One number for each weight without n numbers in memory: a constant, and the few sites that differ.

The center and the initial weights of a lattice of 2^27 sites are of this form, and so is every iterate of
gradient descent from a sparse start. `as_array` expands where n is small. `DenseWeights` are starts of every site
that are known by a rule and written out nowhere else: random numbers, whose norms are computed from their stream,
exactly as drawn, and functions of the site (`carlemanc.model.starts`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InternalError, TooLarge

ARRAY_LIMIT = 2**24
"""Largest n for which one number per weight is held in memory (128 MB)."""
_CHUNK = 2**20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """`values[k]` at `sites[k]`, `fill` everywhere else.

    Attributes:
        n: number of weights.
        fill: the value of every site that is not listed.
        sites: (k,) int64, ascending and distinct.
        values: (k,) float64.
    """

    n: int
    fill: float
    sites: IntArray
    values: FloatArray

    def __post_init__(self) -> None:
        sites, values = np.asarray(self.sites, dtype=np.int64), np.asarray(self.values, dtype=np.float64)
        if sites.shape != values.shape or sites.ndim != 1:
            raise InternalError(f"{sites.shape} sites with values of shape {values.shape}")
        if len(sites) and not (sites[0] >= 0 and sites[-1] < self.n and np.all(sites[1:] > sites[:-1])):
            raise InternalError(f"sites are not ascending within 0..{self.n - 1}")
        for name, array in (("sites", sites), ("values", values)):
            array = array.view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def constant(cls, n: int, fill: float = 0.0) -> Weights:
        """Return the same value everywhere."""
        return cls(n=n, fill=fill, sites=np.zeros(0, dtype=np.int64), values=np.zeros(0))

    @classmethod
    def sparse(cls, n: int, entries: Mapping[int, float], fill: float = 0.0) -> Weights:
        """Return the given values at the given sites, `fill` elsewhere."""
        sites = sorted(entries)
        return cls(
            n=n,
            fill=fill,
            sites=np.array(sites, dtype=np.int64),
            values=np.array([entries[site] for site in sites], dtype=np.float64),
        )

    @classmethod
    def of(cls, array: npt.ArrayLike | Weights) -> Weights:
        """Return an array in this form, its most frequent value as `fill`."""
        if isinstance(array, Weights):
            return array
        dense = np.asarray(array, dtype=np.float64)
        if dense.ndim != 1:
            raise InternalError(f"weights of shape {dense.shape}")
        fill = 0.0
        if dense.size and np.count_nonzero(dense) > dense.size // 2:
            found, counts = np.unique(dense, return_counts=True)
            fill = float(found[np.argmax(counts)])
        sites = np.flatnonzero(dense != fill)
        return cls(n=len(dense), fill=fill, sites=sites, values=dense[sites])

    @property
    def is_zero(self) -> bool:
        """Whether every value is zero."""
        return self.fill == 0.0 and not self.values.any()

    @property
    def is_constant(self) -> bool:
        """Whether no site differs from `fill`."""
        return not len(self.sites)

    def at(self, sites: IntArray) -> FloatArray:
        """Return the values at sites of any shape."""
        if not len(self.sites):
            return np.full(np.shape(sites), self.fill)
        place = np.minimum(self.sites.searchsorted(sites), len(self.sites) - 1)
        return np.where(self.sites[place] == sites, self.values[place], self.fill)

    def minus(self, other: Weights) -> Weights:
        """Return the difference, listed at the sites that either lists."""
        sites = np.union1d(self.sites, other.sites)
        return Weights(
            n=self.n, fill=self.fill - other.fill, sites=sites, values=self.at(sites) - other.at(sites)
        )

    def norm(self, kind: str = "2") -> float:
        """Return the 2-norm, or the maximum norm for `kind` = "inf"; it may overflow to inf."""
        rest = self.n - len(self.sites)
        largest = max(float(np.max(np.abs(self.values), initial=0.0)), abs(self.fill) if rest else 0.0)
        if kind == "inf" or not 0.0 < largest < math.inf:
            return largest
        squares = float(np.sum(np.square(self.values / largest))) + rest * (self.fill / largest) ** 2
        return largest * math.sqrt(squares)

    def as_array(self) -> FloatArray:
        """Return all n values, shape (n,), read-only. Raises TooLarge above `ARRAY_LIMIT`."""
        check_array_size(self.n)
        dense = np.full(self.n, self.fill)
        dense[self.sites] = self.values
        dense.flags.writeable = False
        return dense

    def fractions_at(self, sites: IntArray) -> list[Fraction]:
        """Return the values at sites as the rationals they are printed as: 0.1 is 1/10."""
        return [as_exact(value) for value in self.at(sites).tolist()]

    def to_json(self) -> dict[str, Any]:
        """Return `{"constant": fill, "sparse": {"site": value}}`."""
        listed = zip(self.sites.tolist(), self.values.tolist(), strict=True)
        return {"constant": self.fill, "sparse": {str(site): value for site, value in listed}}


@dataclass(frozen=True, kw_only=True, eq=False)
class DenseWeights(ABC):
    """Weights of every site, known by a rule."""

    n: int

    @abstractmethod
    def norm(self, kind: str = "2") -> float:
        """Return the 2-norm, or the maximum norm for `kind` = "inf"; an upper bound where the rule gives no more."""

    @abstractmethod
    def as_array(self) -> FloatArray:
        """Return all n values. Raises TooLarge above `ARRAY_LIMIT`."""

    def at(self, sites: IntArray) -> FloatArray:
        """Return the weights at sites. Raises TooLarge above `ARRAY_LIMIT` where the rule gives all or none."""
        return np.asarray(self.as_array()[sites])

    def sparse(self) -> Weights | None:
        """Return the weights by site where few are not zero; None elsewhere."""
        return None

    def prominent(self) -> tuple[int, float]:
        """Return a site where the weights are large, and its value: the largest, where no rule says another."""
        values = self.as_array()
        site = int(np.argmax(np.abs(values)))
        return site, float(values[site])

    def minus_constant(self, value: float) -> DenseWeights | None:
        """Return the weights less a number, None where the rule has no such form."""
        return None if value else self


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalWeights(DenseWeights):
    """`default_rng(seed).normal(0, deviation, n)`, never held in memory as a whole."""

    deviation: float
    seed: int

    def norm(self, kind: str = "2") -> float:
        """Return the exact norm of the very numbers drawn: about 1 s for 10^8 weights."""
        return self._norms[kind]

    @cached_property
    def _norms(self) -> dict[str, float]:
        square, largest = 0.0, 0.0
        for block in self._blocks():
            square += float(np.dot(block, block))
            largest = max(largest, float(np.abs(block).max()))
        return {"2": math.sqrt(square), "inf": largest}

    def as_array(self) -> FloatArray:
        """Return all n values. Raises TooLarge above `ARRAY_LIMIT`."""
        check_array_size(self.n)
        return np.random.default_rng(self.seed).normal(0.0, self.deviation, self.n)

    def at(self, sites: IntArray) -> FloatArray:
        """Return the weights at sites of any shape: the stream is drawn up to the last of them, 1 s for 10^8."""
        wanted = np.asarray(sites, dtype=np.int64)
        flat, found, first = wanted.reshape(-1), np.empty(wanted.size), 0
        last = int(flat.max(initial=-1))
        for block in self._blocks():
            if first > last:
                break
            here = np.flatnonzero((flat >= first) & (flat < first + len(block)))
            found[here] = block[flat[here] - first]
            first += len(block)
        return found.reshape(wanted.shape)

    def _blocks(self) -> Iterator[FloatArray]:
        rng = np.random.default_rng(self.seed)
        for start in range(0, self.n, _CHUNK):
            yield rng.normal(0.0, self.deviation, min(_CHUNK, self.n - start))


Point = FloatArray | Weights | DenseWeights
"""One number for each weight, in whichever form."""


def check_array_size(n: int) -> None:
    """Raise TooLarge where n numbers are not held in memory."""
    if n > ARRAY_LIMIT:
        raise TooLarge(
            "the list of all weights",
            size=f"n = {n:,} weights",
            limit=f"{ARRAY_LIMIT:,}",
            instead="`derive` and `analyze` work for a lattice of any size.",
        )


def point_norm(point: npt.ArrayLike | Point, kind: str = "2") -> float:
    """Return the 2-norm of weights, or their maximum norm for `kind` = "inf"."""
    if isinstance(point, Weights | DenseWeights):
        return point.norm(kind)
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.linalg.norm(np.asarray(point, dtype=np.float64), 2 if kind == "2" else np.inf))


def values_at(point: Point, sites: IntArray) -> FloatArray:
    """Return the weights at sites. Raises TooLarge for a rule that gives them all or none, above `ARRAY_LIMIT`."""
    if isinstance(point, Weights | DenseWeights):
        return point.at(sites)
    return np.asarray(point, dtype=np.float64)[sites]


def point_size(point: Point) -> int | None:
    """Return the number of weights, None for an array that is no list of numbers."""
    if isinstance(point, Weights | DenseWeights):
        return point.n
    return len(point) if point.ndim == 1 else None


def difference(point: Point, center: Weights) -> Point:
    """Return a point less a center; a point that fits no memory needs a center that is the same everywhere."""
    if isinstance(point, Weights):
        return point.minus(center)
    if center.is_zero:
        return point
    if isinstance(point, DenseWeights) and center.is_constant:
        moved = point.minus_constant(center.fill)
        if moved is not None:
            return moved
    return np.asarray(as_array(point) - center.as_array())


def as_array(point: Point) -> FloatArray:
    """Return weights as an array of n numbers. Raises TooLarge above `ARRAY_LIMIT`."""
    if isinstance(point, Weights | DenseWeights):
        return point.as_array()
    return np.asarray(point, dtype=np.float64)


def as_exact(value: float | int | Fraction) -> Fraction:
    """Return the rational that a number is printed as: 0.1 becomes 1/10."""
    return value if isinstance(value, Fraction) else Fraction(repr(float(value)))
