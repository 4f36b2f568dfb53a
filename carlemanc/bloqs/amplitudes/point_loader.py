"""The loader of weights or of F_0 in whatever form they have: sparse, uniform, a function, or a list of any length.

Of the loaders of a sparse vector, or of a function on few sites, it is the cheapest by T count. A list of more values
than rotations are worth is priced by lookup, and has no circuit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import attrs
import numpy as np

from carlemanc.bloqs.amplitudes.interval_amplitudes import IntervalAmplitudes
from carlemanc.bloqs.amplitudes.merged_amplitudes import MergedAmplitudes
from carlemanc.bloqs.amplitudes.shaped_amplitudes import ShapedAmplitudes
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.amplitudes.train_amplitudes import TrainAmplitudes
from carlemanc.bloqs.amplitudes.uniform_amplitudes import UniformAmplitudes
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.price import price_of
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.weights import DenseWeights, Point, Weights, as_array, point_norm, point_size

InPlaceLoader = SparseAmplitudes | MergedAmplitudes
FunctionLoader = TrainAmplitudes | IntervalAmplitudes
Loader = InPlaceLoader | FunctionLoader | UniformAmplitudes | ShapedAmplitudes
"""A bloq that puts a vector on its register `target`."""
MOST_AMPLITUDES = 1 << 16
"""The most different amplitudes that are loaded by rotations, one each; more are priced by lookup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A loader of v / ||v|| and ||v||; a zero vector has length 0 and the loader of some other."""

    loader: Loader
    length: float


def load_point(
    point: Point,
    size: int,
    eps: float,
    *,
    is_controlled: bool = True,
    is_shaped: bool = False,
    loading: Loading | None = None,
) -> Loaded:
    """Return the loader of a vector on `size` bits, the cheapest where it is used as `is_controlled` says.

    Args:
        point: the vector.
        size: bits.
        eps: synthesis precision of each rotation.
        is_controlled: whether it is used under a control.
        is_shaped: whether a vector that is not written out is to be counted alone, by its length.
        loading: how the lookups of a vector that is counted are read.
    """
    if isinstance(point, FunctionWeights):
        return _function(point, size, eps, is_controlled)
    if isinstance(point, Weights):
        if point.fill and not len(point.sites):
            sign = 1 if point.fill > 0 else -1
            return Loaded(loader=UniformAmplitudes(size, point.n, sign, eps), length=point.norm())
        if not point.fill and len(point.sites) <= MOST_AMPLITUDES:
            live = np.flatnonzero(point.values)
            return _sparse(point.sites[live], point.values[live], size, eps, is_controlled)
        if point.n > MOST_AMPLITUDES:
            return _counted(point, size, eps, loading)
    elif is_shaped or isinstance(point, DenseWeights):
        return _counted(point, size, eps, loading)
    dense = as_array(point)
    support = np.flatnonzero(dense)
    if len(support) > MOST_AMPLITUDES:
        return _counted(point, size, eps, loading)
    return _sparse(support, dense[support], size, eps, is_controlled)


def _counted(point: Point, size: int, eps: float, loading: Loading | None) -> Loaded:
    """One loaded rotation for each amplitude: lookups in tables of so many rows, which are counted."""
    count = point_size(point) or 1
    loader = ShapedAmplitudes(size=size, count=count, loading=loading or DEFAULT_LOADING, eps=eps)
    return Loaded(loader=loader, length=point_norm(point))


def _function(point: FunctionWeights, size: int, eps: float, is_controlled: bool) -> Loaded:
    """The staircase of its train; on few sites the loader of a list where that is cheaper."""
    loaders: list[InPlaceLoader | FunctionLoader] = [TrainAmplitudes.of(point.train, eps)]
    interval = point.interval
    if interval is not None:
        loaders.append(IntervalAmplitudes(size, *interval, eps=eps))
    few = point.sparse() if point.n > LARGEST_LISTED else Weights.of(point.as_array())
    if few is not None and not few.fill and len(few.sites) <= LARGEST_LISTED:
        loaders = [
            *_loaders(size, few.sites.tolist(), few.values.tolist(), eps),
            *loaders,
        ]  # the first of equals
    return Loaded(loader=_cheapest(loaders, DEFAULT_LOADING, is_controlled), length=point.norm())


def _sparse(support: IntArray, values: FloatArray, size: int, eps: float, is_controlled: bool) -> Loaded:
    length = float(np.linalg.norm(values))
    if not length:
        return Loaded(loader=SparseAmplitudes(size, (0,), (1.0,), eps), length=0.0)
    loader = in_place_loader(size, support.tolist(), values.tolist(), eps=eps, is_controlled=is_controlled)
    return Loaded(loader=loader, length=length)


LARGEST_LISTED: Final = 64
"""On so many sites a function may also be loaded as a list of its values."""
LARGEST_MERGED: Final = 256
"""The most entries whose merging is worked out: the search takes entries^2 bits steps, 0.3 s at 256 (measured)."""


def in_place_loader(
    size: int,
    support: Sequence[int],
    values: Sequence[float],
    *,
    eps: float = 0.0,
    loading: Loading | None = None,
    is_controlled: bool = False,
) -> InPlaceLoader:
    """Return the loader with the fewest T gates; the rotation tree where they cost the same.

    Args:
        size: target bits.
        support, values: the nonzero amplitudes, indices ascending.
        eps: synthesis precision of each rotation.
        loading: what a rotation costs.
        is_controlled: whether it is used (and priced) under a control; the loader returned is not controlled.
    """
    return _cheapest(_loaders(size, support, values, eps), loading or DEFAULT_LOADING, is_controlled)


_Any = TypeVar("_Any", bound=InPlaceLoader | FunctionLoader)


def _cheapest(loaders: Sequence[_Any], loading: Loading, is_controlled: bool) -> _Any:
    def cost(loader: _Any) -> float:
        return price_of(attrs.evolve(loader, is_controlled=is_controlled)).t_count(loading)

    return min(loaders, key=cost)


def _loaders(size: int, support: Sequence[int], values: Sequence[float], eps: float) -> list[InPlaceLoader]:
    loaders: list[InPlaceLoader] = [SparseAmplitudes(size, tuple(support), tuple(values), eps)]
    if len(support) <= LARGEST_MERGED:
        loaders.append(MergedAmplitudes(size, tuple(support), tuple(values), eps))
    return loaders
