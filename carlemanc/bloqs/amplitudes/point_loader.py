"""The loader of weights or of F_0 in whatever form they have: sparse, uniform, or dense on few sites.

Of the loaders of a sparse vector it is the cheapest by T count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from carlemanc.bloqs.amplitudes.merged_amplitudes import MergedAmplitudes
from carlemanc.bloqs.amplitudes.shaped_amplitudes import ShapedAmplitudes
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.amplitudes.uniform_amplitudes import UniformAmplitudes
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.price import Price, price_of
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.weights import NormalWeights, Point, Weights, as_array, point_norm, point_size

InPlaceLoader = SparseAmplitudes | MergedAmplitudes
Loader = InPlaceLoader | UniformAmplitudes | ShapedAmplitudes
"""A bloq that puts a vector on its register `target`."""
MOST_AMPLITUDES = 1 << 16
"""The most different amplitudes that are loaded: each is a rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A loader of v / ||v|| and ||v||; a zero vector has length 0 and the loader of some other."""

    loader: Loader
    length: float


def load_point(
    point: Point,
    size: int,
    eps: float,
    where: str,
    *,
    is_controlled: bool = True,
    counted: Loading | None = None,
) -> Loaded:
    """Return the loader of a vector on `size` bits, the cheapest where it is used as `is_controlled` says.

    `counted`: how tables are read where the vector is only to be counted; one of many amplitudes is then loaded
    by its shape (`ShapedAmplitudes`). Raises InputError where it has too many different amplitudes.
    """
    if counted is not None and not isinstance(point, Weights):
        loader = ShapedAmplitudes(size=size, count=point_size(point) or 1, loading=counted, eps=eps)
        return Loaded(loader=loader, length=point_norm(point))
    if isinstance(point, NormalWeights) or (
        isinstance(point, Weights) and point.fill and len(point.sites) and point.n > MOST_AMPLITUDES
    ):
        raise _refused(where, "an amplitude of its own for each weight", point.n)
    if isinstance(point, Weights) and point.fill and not len(point.sites):
        sign = 1 if point.fill > 0 else -1
        return Loaded(loader=UniformAmplitudes(size, point.n, sign, eps), length=point.norm())
    if isinstance(point, Weights) and not point.fill:
        live = np.flatnonzero(point.values)
        return _sparse(point.sites[live], point.values[live], size, eps, where, is_controlled)
    dense = as_array(point)
    support = np.flatnonzero(dense)
    return _sparse(support, dense[support], size, eps, where, is_controlled)


def _sparse(
    support: IntArray,
    values: FloatArray,
    size: int,
    eps: float,
    where: str,
    is_controlled: bool,
) -> Loaded:
    if len(support) > MOST_AMPLITUDES:
        raise _refused(where, f"{len(support):,} nonzero values", 1 << size)
    length = float(np.linalg.norm(values))
    if not length:
        return Loaded(loader=SparseAmplitudes(size, (0,), (1.0,), eps), length=0.0)
    loader = in_place_loader(size, support.tolist(), values.tolist(), eps=eps, is_controlled=is_controlled)
    return Loaded(loader=loader, length=length)


def _refused(where: str, found: str, n: int) -> InputError:
    return InputError(
        "this vector has no loader",
        [
            Problem(
                where=where,
                found=f"{found}, n = {n:,}",
                allowed=f"at most {MOST_AMPLITUDES:,} nonzero values, or one value for all weights",
                help="start from sparse weights: training.initial = { sparse = { ... } }",
            )
        ],
    )


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
    chosen = loading or Loading()
    loaders = _loaders(size, support, values, eps)

    def cost(loader: InPlaceLoader) -> float:
        return _price(loader, is_controlled).t_count(chosen)

    return min(loaders, key=cost)


def _loaders(size: int, support: Sequence[int], values: Sequence[float], eps: float) -> list[InPlaceLoader]:
    loaders: list[InPlaceLoader] = [SparseAmplitudes(size, tuple(support), tuple(values), eps)]
    if len(support) <= LARGEST_MERGED:
        loaders.append(MergedAmplitudes(size, tuple(support), tuple(values), eps))
    return loaders


def _price(loader: InPlaceLoader, is_controlled: bool) -> Price:
    bloq = type(loader)(loader.size, loader.support, loader.values, loader.eps, is_controlled)
    return price_of(bloq)
