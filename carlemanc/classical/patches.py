"""Gradient descent on boxes about many sites at once, each as wide as T steps reach; one array for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Point, values_at

NUMBERS = 2**21
"""The most numbers of one array."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patches:
    """u on boxes of one shape.

    Args:
        lattice: what they are cut from; beyond open ends they hold numbers that nothing reads.
        low: for each axis the first coordinate of each box, (k,).
        values: (k, *extents).
    """

    lattice: Lattice
    low: tuple[IntArray, ...]
    values: FloatArray

    def moved(self, offset: Sequence[int], margin: Sequence[int]) -> FloatArray:
        """Return, for each place at least `margin` from the sides, the number at an offset from it."""
        cuts = [slice(None)]
        for step, edge, extent in zip(offset, margin, self.values.shape[1:], strict=True):
            cuts.append(slice(edge + step, extent - edge + step))
        return self.values[tuple(cuts)]

    def holds(self, stencil: Stencil, margin: Sequence[int]) -> np.ndarray | None:
        """Return which of the places at least `margin` from the sides are rows of a stencil; None: all of them."""
        if stencil.box == self.lattice.full and self.lattice.periodic:
            return None
        inside: np.ndarray = np.ones((1,) * self.values.ndim, dtype=bool)
        for axis, ((first, last), size) in enumerate(zip(stencil.box, self.lattice.dims, strict=True)):
            extent, edge = self.values.shape[axis + 1], margin[axis]
            places = self.low[axis][:, None] + np.arange(edge, extent - edge)
            places = places % size if self.lattice.periodic else places
            shape = [1] * self.values.ndim
            shape[0], shape[axis + 1] = places.shape
            inside = inside & ((places >= first) & (places <= last)).reshape(shape)
        return inside


def cut(
    lattice: Lattice, start: Point, sites: IntArray, reach: Sequence[int], shift: FloatArray | float
) -> Patches:
    """Return u(0) on the boxes of some half widths about sites: the start less a center that is the same everywhere."""
    low = tuple(part - edge for part, edge in zip(lattice.coordinates(sites), reach, strict=True))
    axes = []
    for axis, (first, edge, size) in enumerate(zip(low, reach, lattice.dims, strict=True)):
        places = (first[:, None] + np.arange(2 * edge + 1)) % size
        shape = [1] * (len(reach) + 1)
        shape[0], shape[axis + 1] = places.shape
        axes.append(places.reshape(shape))
    index = lattice.index(np.broadcast_arrays(*axes))
    return Patches(lattice=lattice, low=low, values=values_at(start, index) - shift)


def step(found: PolynomialMap, patches: Patches, margin: Sequence[int]) -> Patches:
    """Return G(u) on the boxes less `margin` places on every side."""
    after = patches.moved([0] * len(margin), margin)
    with np.errstate(over="ignore", invalid="ignore"):
        for operator in found.operators.values():
            assert isinstance(operator, LatticeTensor)
            for stencil in operator.stencils:
                after = after + products(patches, stencil, margin)
    low = tuple(first + edge for first, edge in zip(patches.low, margin, strict=True))
    return Patches(lattice=patches.lattice, low=low, values=after)


def products(patches: Patches, stencil: Stencil, margin: Sequence[int]) -> FloatArray:
    """Return what a stencil without a profile adds at each place at least `margin` from the sides."""
    term: FloatArray = np.asarray(float(stencil.coefficient))
    for offset in stencil.offsets:
        term = term * patches.moved(offset, margin)
    held = patches.holds(stencil, margin)
    return term if held is None else np.where(held, term, 0.0)
