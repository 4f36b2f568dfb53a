"""The cheapest in-place loader of a sparse vector by T count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from carlemanc.bloqs.amplitudes.merged_amplitudes import MergedAmplitudes
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.price import Price, price_of

LARGEST_MERGED: Final = 256
"""The most entries whose merging is worked out: the search takes entries^2 bits steps, 0.3 s at 256 (measured)."""

InPlaceLoader = SparseAmplitudes | MergedAmplitudes


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
