"""Which leaf encodes which degree of a data-loaded map: colors, amplitudes or samples, by alpha times T gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from carlemanc.block_encoding.sample_leaf import SampleLeaf, SampleTable, sample_table
from carlemanc.block_encoding.split_step import LeafTable
from carlemanc.block_encoding.table.amplitude_leaf import AmplitudeLeaf
from carlemanc.block_encoding.table.amplitude_table import AmplitudeTable, amplitude_table
from carlemanc.block_encoding.table.coloring import color_classes
from carlemanc.block_encoding.table.slot_table import build_slot_table
from carlemanc.bloqs.amplitudes.amplitude_tree import amplitude_tree_shape
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookup_data import LookupShape
from carlemanc.bloqs.lookups.table_load import TableXor
from carlemanc.bloqs.price import price_of
from carlemanc.core.arrays import FloatArray
from carlemanc.core.rounding import coarse
from carlemanc.model.sample_sum import sample_sum
from carlemanc.model.sparse_tensor import SparseTensor

LeafKind = Literal["coloring", "amplitude", "sample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColoringPrice:
    """A coloring leaf of one degree, by its shape.

    Args:
        colors: number of colors.
        alpha: its own sum: over the colors, the largest modulus of an entry.
        t_count: T gates of one controlled call.
    """

    colors: int
    alpha: float
    t_count: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePrice:
    """A sample leaf of one degree, with the diagonal beside it in colors.

    Args:
        table: the tables.
        t_count: T gates of one controlled call.
        rest: what the sum over samples leaves, possibly without entries.
        rest_price: its coloring leaf, None without entries.
    """

    table: SampleTable
    t_count: float
    rest: SparseTensor
    rest_price: ColoringPrice | None

    @property
    def alpha(self) -> float:
        """Subnormalization of both."""
        return self.table.alpha + (self.rest_price.alpha if self.rest_price else 0.0)

    @property
    def total_t(self) -> float:
        """T gates of both."""
        return self.t_count + (self.rest_price.t_count if self.rest_price else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafChoice:
    """What one degree costs in each leaf.

    Args:
        coloring: by shape.
        amplitude: the tables of the amplitude leaf, whose alpha is sqrt(||F||_1 ||F||_inf).
        amplitude_t: T gates of one controlled call.
        sample: None where the tensor is no sum over samples.
    """

    coloring: ColoringPrice
    amplitude: AmplitudeTable
    amplitude_t: float
    sample: SamplePrice | None = None

    @property
    def kinds(self) -> tuple[LeafKind, ...]:
        """The leaves there are."""
        return ("coloring", "amplitude") if self.sample is None else ("coloring", "amplitude", "sample")

    def price(self, kind: LeafKind) -> tuple[float, float]:
        """Return alpha and T gates of a leaf."""
        if kind == "sample" and self.sample is not None:
            return self.sample.alpha, self.sample.total_t
        if kind == "amplitude":
            return self.amplitude.alpha, self.amplitude_t
        return self.coloring.alpha, self.coloring.t_count


def price_coloring(tensor: SparseTensor, slot_bits: int, loading: Loading) -> ColoringPrice:
    """Return alpha and T count of the coloring leaf of one tensor, from the number of entries and colors.

    The bloqs are those of `SlotStep` on tables known by their shape: an upper bound, since structure in the
    tables is not seen.
    """
    classes = color_classes(tensor)
    alpha = sum(float(np.abs(tensor.vals[members]).max()) for members in classes)
    colors, entries = len(classes), tensor.nnz
    bits = (colors - 1).bit_length()
    table = LookupShape(entries, max((entries - 1).bit_length(), slot_bits + bits))
    lookups: list[BitBloq] = [TableXor(table, slot_bits, loading, True)] * 2
    if tensor.degree > 1:
        lookups.append(TableXor(table, (tensor.degree - 1) * slot_bits, loading, True))
    rows = len(np.unique(tensor.rows))
    unprepare = amplitude_tree_shape(
        addresses=rows, bits=slot_bits, most=colors, total=entries, loading=loading
    )
    prepare = amplitude_tree_shape(addresses=1, bits=0, most=colors, total=colors, loading=loading)
    priced = [price_of(bloq).t_count(loading) for bloq in (*lookups, unprepare, prepare)]
    return ColoringPrice(colors=colors, alpha=alpha, t_count=sum(priced))


def price_samples(
    tensor: SparseTensor, vectors: FloatArray, slot_bits: int, loading: Loading, eps: float = 0.0
) -> SamplePrice | None:
    """Price the sample leaf of a tensor on vectors (A, n); None where it is no sum of their outer products."""
    if (tensor.degree + 1) * vectors.size > 4 * tensor.nnz:
        return None  # more amplitudes than the amplitude leaf has
    found = sample_sum(tensor, vectors)
    if found is None or not found.is_spread:
        return None
    table = sample_table(found.weights, found.vectors, tensor.degree, slot_bits, loading, eps)
    leaf = SampleLeaf(table=table, loading=loading, is_controlled=True)
    return SamplePrice(
        table=table,
        t_count=price_of(leaf).t_count(loading),
        rest=found.rest,
        rest_price=price_coloring(found.rest, slot_bits, loading) if found.rest.nnz else None,
    )


def price_leaves(
    tensor: SparseTensor,
    slot_bits: int,
    loading: Loading,
    eps: float = 0.0,
    vectors: FloatArray | None = None,
) -> LeafChoice:
    """Price the leaves of a tensor of degree >= 1 with entries; the sample leaf where vectors are given."""
    table = amplitude_table(tensor, slot_bits, loading, eps)
    leaf = AmplitudeLeaf(table=table, loading=loading, is_controlled=True)
    return LeafChoice(
        coloring=price_coloring(tensor, slot_bits, loading),
        amplitude=table,
        amplitude_t=price_of(leaf).t_count(loading),
        sample=None if vectors is None else price_samples(tensor, vectors, slot_bits, loading, eps),
    )


def choose_parts(
    tensors: Mapping[int, SparseTensor],
    choices: Mapping[int, LeafChoice],
    degrees: Sequence[int],
    slot_bits: int,
) -> tuple[LeafTable, ...]:
    """Return the parts of a step with the smallest (sum of alpha) * (sum of T): what a solver pays for it.

    The colored degrees, and what sums over samples leave, share one table, whose selector weights are then
    chosen together: its alpha is at most the sum the choice was made with.
    """
    present = [degree for degree in degrees if degree in choices]
    best = min(
        product(*(choices[degree].kinds for degree in present)),
        key=lambda picked: _total(present, picked, choices),
    )
    colored = dict(tensors)
    listed: list[int] = []
    leaves: list[LeafTable] = []
    for degree, kind in zip(present, best, strict=True):
        sample = choices[degree].sample
        if kind == "amplitude":
            leaves.append(choices[degree].amplitude)
            continue
        if kind == "sample" and sample is not None:
            leaves.append(sample.table)
            colored[degree] = sample.rest
        if colored[degree].nnz:
            listed.append(degree)
    if listed or not present:
        return (build_slot_table([colored], listed, slot_bits), *leaves)
    return tuple(leaves)


def _total(degrees: Sequence[int], picked: Sequence[LeafKind], choices: Mapping[int, LeafChoice]) -> float:
    prices = [choices[degree].price(kind) for degree, kind in zip(degrees, picked, strict=True)]
    return coarse(sum(alpha for alpha, _ in prices) * sum(t for _, t in prices))
