"""Which leaf encodes which degree of a data-loaded map: colors or amplitudes, by alpha times T gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from carlemanc.block_encoding.split_step import Part
from carlemanc.block_encoding.table.amplitude_leaf import AmplitudeLeaf
from carlemanc.block_encoding.table.amplitude_table import AmplitudeTable, amplitude_table
from carlemanc.block_encoding.table.coloring import color_classes
from carlemanc.block_encoding.table.slot_table import build_slot_table
from carlemanc.bloqs.amplitudes.amplitude_tree import amplitude_tree_shape
from carlemanc.bloqs.bit_circuit import BitBloq
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookups.table_load import TableXor
from carlemanc.bloqs.price import price_of
from carlemanc.bloqs.table_data import TableShape
from carlemanc.model.sparse_tensor import SparseTensor


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
class LeafChoice:
    """What one degree costs in either leaf.

    Args:
        coloring: by shape.
        amplitude: the tables of the amplitude leaf, whose alpha is sqrt(||F||_1 ||F||_inf).
        amplitude_t: T gates of one controlled call.
    """

    coloring: ColoringPrice
    amplitude: AmplitudeTable
    amplitude_t: float


def price_coloring(tensor: SparseTensor, slot_bits: int, loading: Loading) -> ColoringPrice:
    """Return alpha and T count of the coloring leaf of one tensor, from the number of entries and colors.

    The bloqs are those of `SlotStep` on tables known by their shape: an upper bound, since structure in the
    tables is not seen.
    """
    classes = color_classes(tensor)
    alpha = sum(float(np.abs(tensor.vals[members]).max()) for members in classes)
    colors, entries = len(classes), tensor.nnz
    bits = (colors - 1).bit_length()
    table = TableShape(entries, max((entries - 1).bit_length(), slot_bits + bits))
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


def price_leaves(tensor: SparseTensor, slot_bits: int, loading: Loading, eps: float = 0.0) -> LeafChoice:
    """Price both leaves of a tensor of degree >= 1 with entries."""
    table = amplitude_table(tensor, slot_bits, loading, eps)
    leaf = AmplitudeLeaf(table=table, loading=loading, is_controlled=True)
    return LeafChoice(
        coloring=price_coloring(tensor, slot_bits, loading),
        amplitude=table,
        amplitude_t=price_of(leaf).t_count(loading),
    )


def choose_parts(
    tensors: Mapping[int, SparseTensor],
    choices: Mapping[int, LeafChoice],
    degrees: Sequence[int],
    slot_bits: int,
) -> tuple[Part, ...]:
    """Return the parts of a step with the smallest (sum of alpha) * (sum of T): what a solver pays for it.

    The colored degrees share one table, whose selector weights are then chosen together: its alpha is at most
    the sum the choice was made with.
    """
    present = [degree for degree in degrees if degree in choices]
    best = min(
        product((False, True), repeat=len(present)), key=lambda picked: _total(present, picked, choices)
    )
    colored = [degree for degree, amplitude in zip(present, best, strict=True) if not amplitude]
    parts: list[Part] = []
    if colored or not present:
        parts.append(build_slot_table([tensors], colored, slot_bits))
    parts += [choices[degree].amplitude for degree in present if degree not in colored]
    return tuple(parts)


def _total(degrees: Sequence[int], picked: Sequence[bool], choices: Mapping[int, LeafChoice]) -> float:
    alpha = t = 0.0
    for degree, is_amplitude in zip(degrees, picked, strict=True):
        choice = choices[degree]
        alpha += choice.amplitude.alpha if is_amplitude else choice.coloring.alpha
        t += choice.amplitude_t if is_amplitude else choice.coloring.t_count
    return alpha * t
