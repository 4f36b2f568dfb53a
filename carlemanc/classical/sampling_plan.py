r"""How many sites have to be looked at for sums of local terms, each site by its cone or all in one window.

A value is O(c) + sum_i f_i, f_i = -u_i (F u^l)_i / (l + 1) a polynomial of the weights about site i. The mean of f over
n' sites drawn uniformly tells the sum to z N sqrt(V / n'), z the two-sided normal quantile, V the variance of f over
sites; a spike that so few sites may all miss is guarded against by 3 R N ln(3 / delta) / n', R the range of f (proved
bounds: Audibert, Munos and Szepesvari 2009, whose first term is larger than the normal one here).
V is measured on a few sites, where that is cheap; elsewhere it is at most R^2 / 4 (proved).

Where every u_i(0) is drawn independently alike, on a lattice that looks the same from every site, n' sites in a row do
as well as n' anywhere, up to their correlation: V is then the variance of means over blocks, times the length of these.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np

from carlemanc.classical import patches
from carlemanc.classical.largest_weight import largest_coefficient, largest_weight
from carlemanc.classical.question import Question, Value
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.rounding import rounded_up, whole
from carlemanc.model.lattice.sites import Box, Lattice, size_of
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import point_norm

PILOT_SITES = 64
PILOT_WORK = 30_000_000
"""The most products of a pilot: some tenths of a second."""
_SEED = 20240617


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalTerms:
    """Values as sums over sites of one lattice.

    Args:
        question: what is asked.
        box: the sites that have terms.
        independent: whether every u_i(0) is drawn independently alike, on a lattice without places.
    """

    question: Question
    box: Box
    independent: bool

    @property
    def lattice(self) -> Lattice:
        """The lattice."""
        found = self.map.lattice
        assert found is not None
        return found

    @property
    def map(self) -> PolynomialMap:
        """The map of every step."""
        return self.question.lifted.map

    @property
    def steps(self) -> int:
        """T."""
        return self.question.lifted.steps

    @property
    def sites(self) -> int:
        """How many sites have terms."""
        return size_of(self.box)

    @property
    def z(self) -> float:
        """The two-sided normal quantile of the question's failure probability, each value having its share."""
        share = self.question.failure_probability / len(self.question.values)
        return NormalDist().inv_cdf(1.0 - share / 2.0)

    @property
    def log(self) -> float:
        """ln(3 / delta) of one value."""
        return math.log(3.0 * len(self.question.values) / self.question.failure_probability)

    @cached_property
    def margin(self) -> tuple[int, ...]:
        """The longest offset of the map along each axis."""
        return _longest(self.map, len(self.lattice.dims))

    @cached_property
    def reading(self) -> tuple[int, ...]:
        """The longest offset of any value along each axis."""
        each = [_longest(value.polynomial.map, len(self.lattice.dims)) for value in self.question.values]
        return tuple(max(along) for along in zip(*each, strict=True))

    @property
    def reach(self) -> tuple[int, ...]:
        """How far a term at time T depends on the start."""
        return tuple(read + self.steps * edge for read, edge in zip(self.reading, self.margin, strict=True))

    @cached_property
    def largest(self) -> float:
        """A bound of all |u_i(T)|."""
        return largest_weight(self.map, point_norm(self.question.lifted.displacement, "inf"), self.steps)

    def spread(self, value: Value) -> float:
        """Return R, the range of the terms of a value."""
        if not math.isfinite(self.largest):
            return math.inf
        sizes = [
            largest_coefficient(stencil)
            * self.largest ** (len(stencil.offsets) + 1)
            / (len(stencil.offsets) + 1)
            for stencil in stencils_of(value)
        ]
        return 2.0 * math.fsum(sizes)

    def drawn(self, count: int, random: np.random.Generator) -> IntArray:
        """Return sites drawn uniformly from those that have terms."""
        parts = [random.integers(low, high + 1, count) for low, high in self.box]
        return self.lattice.index(parts)

    def terms(self, sites: IntArray) -> FloatArray:
        """Return f of every value at time T at some sites, (values, k)."""
        width = math.prod(2 * edge + 1 for edge in self.reach)
        chunk = max(1, patches.NUMBERS // width)
        found = [self._terms(sites[first : first + chunk]) for first in range(0, len(sites), chunk)]
        return np.concatenate(found, axis=1)

    def _terms(self, sites: IntArray) -> FloatArray:
        lifted = self.question.lifted
        held = patches.cut(self.lattice, lifted.training.start, sites, self.reach, self.map.point.fill)
        for _ in range(self.steps):
            held = patches.step(self.map, held, self.margin)
        return np.stack([self._read(value, held).reshape(len(sites)) for value in self.question.values])

    def _read(self, value: Value, held: patches.Patches) -> FloatArray:
        """Return f of a value at every place of the patches that its offsets leave."""
        here = held.moved([0] * len(self.reading), self.reading)
        total = np.zeros(here.shape)
        for stencil in stencils_of(value):
            total = total - here * patches.products(held, stencil, self.reading) / (len(stencil.offsets) + 1)
        return total

    def window(self, length: int) -> FloatArray:
        """Return f of every value on the first sites of a chain, (values, length)."""
        (edge,) = self.margin
        lifted = self.question.lifted
        half = (length + 1) // 2
        (reach,) = self.reach
        center = np.array([reach + half])
        held = patches.cut(self.lattice, lifted.training.start, center, (reach + half,), self.map.point.fill)
        for _ in range(self.steps):
            held = patches.step(self.map, held, (edge,))
        return np.stack([self._read(value, held).reshape(-1)[:length] for value in self.question.values])

    def wanted(self, value: Value, variance: float) -> int:
        """Return the sites that tell a value to its error, four digits rounded up; range and variance of f given."""
        error, root = value.error / self.sites, self.z * math.sqrt(variance)
        guard = 0.0 if self.independent else 3.0 * self.spread(value) * self.log
        return max(2, whole(((root + math.sqrt(root**2 + 4.0 * guard * error)) / (2.0 * error)) ** 2))

    def error_bar(self, value: Value, variance: float, count: int) -> float:
        """Return the error of a value from so many sites."""
        guard = 0.0 if self.independent else 3.0 * self.spread(value) * self.log / count
        return self.sites * (self.z * math.sqrt(variance / count) + guard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """What is known of the variance of each value's terms.

    Args:
        variances: V of each value, over sites or for a window.
        source: how it is known.
    """

    variances: tuple[float, ...]
    source: str


@lru_cache(maxsize=32)
def cone_pilot(terms: LocalTerms) -> Pilot:
    """Return the variance over sites: measured on a few of them, else the largest that their range allows."""
    work = patch_work(terms, terms.reach)
    count = min(PILOT_SITES, PILOT_WORK // max(work, 1))
    values = terms.question.values
    if count < PILOT_SITES // 4:
        bounds = tuple(rounded_up(terms.spread(value) ** 2 / 4.0) for value in values)
        return Pilot(
            variances=bounds, source="at most what the largest weight allows; a pilot would take too long"
        )
    found = terms.terms(_pilot_sites(terms, count))
    if not np.isfinite(found).all():
        return Pilot(variances=(math.inf,) * len(values), source="not finite")
    measured = tuple(rounded_up(float(row.var(ddof=1)), 3) for row in found)
    return Pilot(variances=measured, source=f"measured on {count} sites, seed {_SEED}")


def _pilot_sites(terms: LocalTerms, count: int) -> IntArray:
    """Return sites at random; where all are drawn alike, those whose patches a stream of random numbers begins with."""
    apart = [2 * edge + 1 for edge in terms.reach]
    low = [edge + first for edge, (first, _) in zip(terms.reach, terms.box, strict=True)]
    if not terms.independent or low[-1] + count * apart[-1] > terms.lattice.dims[-1]:
        return terms.drawn(count, np.random.default_rng(_SEED))
    parts = [np.full(count, place, dtype=np.int64) for place in low[:-1]]
    return terms.lattice.index([*parts, low[-1] + apart[-1] * np.arange(count, dtype=np.int64)])


@lru_cache(maxsize=32)
def window_pilot(terms: LocalTerms) -> Pilot | None:
    """Return the variance of sites in a row, block by block; None where no window tells anything cheaply."""
    if not terms.independent or len(terms.lattice.dims) > 1:
        return None
    block = 2 * terms.reach[0] + 1
    length = PILOT_SITES * block
    work = length * terms.steps * terms.map.flops_per_step // terms.lattice.n
    if work > PILOT_WORK or length + block > terms.lattice.n:
        return None
    found = terms.window(length)
    if not np.isfinite(found).all():
        return None
    measured = block_variances(found, block)
    return Pilot(
        variances=tuple(rounded_up(variance, 3) for variance in measured),
        source=f"measured on {PILOT_SITES} blocks of {block} sites",
    )


def block_variances(found: FloatArray, block: int) -> tuple[float, ...]:
    """Return, for each row, the variance of means over whole blocks, times their length."""
    count = found.shape[1] // block
    means = found[:, : count * block].reshape(len(found), count, block).mean(axis=2)
    return tuple((block * means.var(axis=1, ddof=1)).tolist())


def patch_work(terms: LocalTerms, reach: tuple[int, ...]) -> int:
    """Return the products of one patch in all steps, for a pilot's budget."""
    each = sum(
        len(stencil.offsets) + 1
        for item in terms.map.operators.values()
        if isinstance(item, LatticeTensor)
        for stencil in item.stencils
    )
    total = 0
    for _ in range(terms.steps):
        reach = tuple(edge - step for edge, step in zip(reach, terms.margin, strict=True))
        total += each * math.prod(2 * edge + 1 for edge in reach)
    return total


def stencils_of(value: Value) -> list[Stencil]:
    """Return the stencils of a value's slopes."""
    return [
        stencil
        for item in value.polynomial.map.operators.values()
        if isinstance(item, LatticeTensor)
        for stencil in item.stencils
    ]


def _longest(found: PolynomialMap, axes: int) -> tuple[int, ...]:
    offsets = [
        offset
        for item in found.operators.values()
        if isinstance(item, LatticeTensor)
        for stencil in item.stencils
        for offset in stencil.offsets
    ]
    return tuple(max((abs(offset[axis]) for offset in offsets), default=0) for axis in range(axes))
