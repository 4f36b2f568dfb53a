"""The tables of one slot step: selector states, permutations and routing, from the tensors it may apply.

A step applies G = sum_l G_l gamma^(l-1) to the slots from i on. Its selector holds one index per color of
every degree; PREP puts the selector in a fixed state sqrt(p_k), UNPREP projects on the row-dependent state
v_rk / (alpha sqrt(p_k)), so that the product of the two is exactly v_rk / alpha, signs included. What a row
lacks in norm is put on one extra selector index, the fail index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import attrs
import numpy as np

from carlemanc.block_encoding.table.coloring import Color, color_tensors
from carlemanc.block_encoding.table.selector_places import DegreeBlock, Selector, place_colors
from carlemanc.block_encoding.table.selector_weights import optimal_weights
from carlemanc.bloqs.lookup_data import fill_unused
from carlemanc.bloqs.lookups.lookup_plan import plan_lookup
from carlemanc.bloqs.nearly import SAME
from carlemanc.core.arrays import FloatArray
from carlemanc.model.sparse_tensor import SparseTensor

_WEIGHT_WORK = 10**9
"""Limit on the entries that all iterations of the selector weights together go through."""


@attrs.frozen(cache_hash=True, kw_only=True)
class SlotTable:
    """Everything a `SlotStep` loads.

    Args:
        slot_bits: m.
        selector_bits: b.
        alpha: subnormalization of the step.
        blocks: one per degree.
        left: (2^b,) selector amplitudes sqrt(p_k).
        right: (2^(m+beta), 2^b) selector amplitudes per row (low bits) and batch (high bits).
        permutations: (2^(b+beta), 2^m) image row of each first index, per selector (low) and batch (high).
        rest: (2^(m+b+beta),) packed other column indices, addressed by row (low bits), selector, batch.
        batch_bits: beta; 0 where the map is the same at every step.
    """

    slot_bits: int
    selector_bits: int
    alpha: float
    blocks: tuple[DegreeBlock, ...]
    left: tuple[float, ...]
    right: tuple[tuple[float, ...], ...]
    permutations: tuple[tuple[int, ...], ...]
    rest: tuple[int, ...]
    batch_bits: int = 0

    @property
    def largest_degree(self) -> int:
        """The largest degree the step may apply; 0 where it may apply none."""
        return max((block.degree for block in self.blocks), default=0)


def build_slot_table(
    tensors: Sequence[Mapping[int, SparseTensor]], degrees: Sequence[int], slot_bits: int
) -> SlotTable:
    """Build the tables of a step that may apply the given degrees (those absent from `tensors` are skipped).

    The selector weights are chosen for the rows of all batches together. Where no tensor is left (G_1 = 0 in
    the last slots) the step is zero: its selector always fails and alpha is 0.

    Args:
        tensors: per batch (one for a map that does not change): degree -> G_l gamma^(l-1), degree >= 1.
        degrees: the degrees that fit in the remaining slots.
        slot_bits: m = ceil(log2 n).
    """
    batch_bits = (len(tensors) - 1).bit_length()
    colors = _colors(tensors, degrees, slot_bits)
    if not colors:
        return _zero_table(slot_bits, batch_bits)
    per_batch = [
        [color for found in colors.values() for color in found[batch]] for batch in range(len(tensors))
    ]
    values = np.array([np.array([color.values for color in found]).T for found in per_batch])
    stacked = values.reshape(-1, values.shape[2])  # (batches * rows, colors)
    p, alpha = optimal_weights(stacked, max(20, min(4000, _WEIGHT_WORK // stacked.size)))
    right = stacked / (alpha * np.sqrt(p))
    missing = 1 - (right**2).sum(axis=1)
    missing[missing <= SAME] = 0.0  # a full row, whose rounding is no amplitude
    needs_fail = bool(np.any(missing))
    selector = place_colors({degree: found[0] for degree, found in colors.items()}, needs_fail)
    if np.any(right < 0) and not selector.bits:
        selector = replace(selector, bits=1)  # a sign is an angle of UNPREP: it needs a bit to turn
    return _assemble(slot_bits, batch_bits, alpha, selector, per_batch, np.sqrt(p), right, np.sqrt(missing))


def _colors(
    tensors: Sequence[Mapping[int, SparseTensor]], degrees: Sequence[int], slot_bits: int
) -> dict[int, list[list[Color]]]:
    """Colors per degree and batch, for the degrees some batch has."""
    found = {}
    for degree in degrees:
        of_degree = [batch.get(degree) for batch in tensors]
        if any(tensor is not None and len(tensor.vals) for tensor in of_degree):
            found[degree] = color_tensors(of_degree, slot_bits)
    return found


def _zero_table(slot_bits: int, batch_bits: int) -> SlotTable:
    rows, batches = 1 << slot_bits, 1 << batch_bits
    return SlotTable(
        slot_bits=slot_bits,
        selector_bits=1,
        alpha=0.0,
        blocks=(),
        left=(1.0, 0.0),
        right=((0.0, 1.0),) * (rows * batches),
        permutations=(tuple(range(rows)),) * (2 * batches),
        rest=(0,) * (2 * rows * batches),
        batch_bits=batch_bits,
    )


def _assemble(
    slot_bits: int,
    batch_bits: int,
    alpha: float,
    selector: Selector,
    colors: list[list[Color]],
    left: FloatArray,
    right: FloatArray,
    missing: FloatArray,
) -> SlotTable:
    """Write the tables; batch numbers that are not used repeat the first batch."""
    size, rows, used = 1 << selector.bits, 1 << slot_bits, len(colors)
    batches = [batch if batch < used else 0 for batch in range(1 << batch_bits)]
    left_state, right_state = np.zeros(size), np.zeros((used * rows, size))
    left_state[selector.places] = left
    right_state[:, selector.places] = right
    if selector.fail is not None:
        right_state[:, selector.fail] = missing
    right_state /= np.linalg.norm(right_state, axis=1, keepdims=True)
    by_batch = right_state.reshape(used, rows, size)[batches].reshape(-1, size)
    return SlotTable(
        slot_bits=slot_bits,
        selector_bits=selector.bits,
        alpha=alpha,
        blocks=selector.blocks,
        left=tuple(left_state.tolist()),
        right=tuple(map(tuple, by_batch.tolist())),
        permutations=tuple(
            row for batch in batches for row in _permutations(colors[batch], selector.places, size, rows)
        ),
        rest=tuple(entry for batch in batches for entry in _rest(colors[batch], selector.places, size, rows)),
        batch_bits=batch_bits,
    )


def _permutations(colors: list[Color], places: list[int], size: int, rows: int) -> list[tuple[int, ...]]:
    """One permutation a place; an unused place, never reached, repeats the places beside it."""
    source, used = np.arange(size), np.zeros(size, dtype=bool)
    used[places] = True
    fill_unused(source[None, :], ~used[None, :])
    by_place = {place: color.permutation for place, color in zip(places, colors, strict=True)}
    return [by_place.get(int(place), tuple(range(rows))) for place in source]


def _rest(colors: list[Color], places: list[int], size: int, rows: int) -> list[int]:
    """Other column indices by place and row; entries without weight are free, so they take what loads cheapest."""
    entries, used = np.zeros((size, rows), dtype=object), np.zeros((size, rows), dtype=bool)
    reached = np.zeros((size, rows), dtype=bool)
    for place, color in zip(places, colors, strict=True):
        entries[place], used[place], reached[place] = color.rest, np.array(color.values) != 0, True
    plain, filled = entries.reshape(1, -1), entries.reshape(1, -1).copy()
    fill_unused(plain, ~reached.reshape(1, -1))
    fill_unused(filled, ~used.reshape(1, -1))
    return min((plain[0].tolist(), filled[0].tolist()), key=lambda table: plan_lookup(table, True).cost)
