r"""Values as sums over sites of local terms, and how far a sample of these tells them.

A value is O(c) + sum_i f_i, f_i = -u_i (F u^l)_i / (l + 1) a polynomial of the weights about site i; the norm of a
gradient is the root of sum_i f_i, f_i its square at site i. The mean of f over n' sites drawn uniformly tells the sum
to z N sqrt(V / n'), z the two-sided normal quantile, V the variance of f over sites; a spike that so few sites may all
miss is guarded against by 3 R N ln(3 / delta) / n', R the range of f (proved bounds: Audibert, Munos and Szepesvari
2009, whose first term is larger than the normal one here). A root is told to |a - b| / sqrt(a), or sqrt(|a - b|).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

from carlemanc.classical import patches
from carlemanc.classical.largest_weight import largest_coefficient, largest_weight
from carlemanc.classical.program import Told
from carlemanc.classical.question import Question, Value
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.rounding import whole
from carlemanc.model.lattice.sites import Box, Lattice, size_of
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import point_norm


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
        if value.is_root:
            for stencil in stencils_of(value):
                total = total + patches.products(held, stencil, self.reading)
            return total**2
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
        error = value.error * max(value.scale, value.error) if value.is_root else value.error
        error, root = error / self.sites, self.z * math.sqrt(variance)
        guard = 0.0 if self.independent else 3.0 * self.spread(value) * self.log
        return max(2, whole(((root + math.sqrt(root**2 + 4.0 * guard * error)) / (2.0 * error)) ** 2))

    def told(self, value: Value, mean: float, variance: float, count: int) -> Told:
        """Return a value and its error bar from the mean and the variance of f over so many sites."""
        guard = 0.0 if self.independent else 3.0 * self.spread(value) * self.log / count
        off = self.sites * (self.z * math.sqrt(variance / count) + guard)
        if not value.is_root:
            return Told(value=value.polynomial.constant + self.sites * mean, error_bar=off)
        root = math.sqrt(max(0.0, self.sites * mean))
        return Told(value=root, error_bar=min(off / root, math.sqrt(off)) if root else math.sqrt(off))


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
