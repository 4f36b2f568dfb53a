"""The tables of one slot step: selector states, permutations and routing, from the tensors it may apply.

A step applies G = sum_l G_l gamma^(l-1) to the slots from i on. Its selector holds one index per color of
every degree; PREP puts the selector in a fixed state sqrt(p_k), UNPREP projects on the row-dependent state
v_rk / (alpha sqrt(p_k)), so that the product of the two is exactly v_rk / alpha, signs included. What a row
lacks in norm is put on one extra selector index, the fail index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
import numpy as np
import numpy.typing as npt

from carlemanc.block_encoding.coloring import Color, color_tensor
from carlemanc.model.sparse_tensor import SparseTensor

_BALANCED = 1e-13
"""Rows whose squared norm is within this of 1 need no fail index."""


@attrs.frozen(cache_hash=True, kw_only=True)
class DegreeBlock:
    """The selector indices of one degree: all k with k >> shift == prefix; `colors` of them are used."""

    degree: int
    prefix: int
    shift: int
    colors: int


@attrs.frozen(cache_hash=True, kw_only=True)
class SlotTable:
    """Everything a `SlotStep` loads.

    Args:
        slot_bits: m.
        selector_bits: b.
        alpha: subnormalization of the step.
        blocks: one per degree.
        left: (2^b,) selector amplitudes sqrt(p_k).
        right: (2^m, 2^b) selector amplitudes per row.
        permutations: (2^b, 2^m) image row of each first index.
        rest: (2^(b+m),) packed other column indices, addressed by selector (low bits) and row (high bits).
    """

    slot_bits: int
    selector_bits: int
    alpha: float
    blocks: tuple[DegreeBlock, ...]
    left: tuple[float, ...]
    right: tuple[tuple[float, ...], ...]
    permutations: tuple[tuple[int, ...], ...]
    rest: tuple[int, ...]

    @property
    def largest_degree(self) -> int:
        """The largest degree the step may apply; 0 where it may apply none."""
        return max((block.degree for block in self.blocks), default=0)


def optimal_weights(
    values: npt.NDArray[np.float64], iterations: int = 4000
) -> tuple[npt.NDArray[np.float64], float]:
    """Minimize max_r sum_k values[r, k]^2 / p_k over probabilities p.

    The dual is max over row weights w of (sum_k sqrt(sum_r w_r values[r, k]^2))^2, with p_k proportional to
    the inner root; the weights are improved multiplicatively. Whatever p is reached is valid: the returned
    alpha is its own value, not the optimum's.

    Args:
        values: (rows, colors), no zero column.

    Returns:
        p (colors,), and alpha = sqrt(max_r sum_k values^2 / p). Derived here; checked numerically.
    """
    squares = values**2
    weights = np.where(squares.sum(axis=1) > 0, 1.0, 0.0)
    weights /= weights.sum()
    best, best_p = np.inf, np.full(values.shape[1], 1 / values.shape[1])
    for _ in range(iterations):
        p = np.sqrt(weights @ squares)
        p = np.maximum(p, 1e-9 * p.max())
        p /= p.sum()
        rows = (squares / p).sum(axis=1)
        if rows.max() < best:
            best, best_p = float(rows.max()), p
        active = rows[weights > 0]
        if best - active.min() < 1e-15 * best:
            break
        weights = weights * rows / rows.max()
        weights /= weights.sum()
    return best_p, float(np.sqrt(best))


def build_slot_table(
    tensors: Mapping[int, SparseTensor], degrees: Sequence[int], slot_bits: int
) -> SlotTable:
    """Build the tables of a step that may apply the given degrees (those absent from `tensors` are skipped).

    Where none is left (G_1 = 0 in the last slots) the step is zero: its selector always fails and alpha is 0.

    Args:
        tensors: degree -> G_l gamma^(l-1), degree >= 1.
        degrees: the degrees that fit in the remaining slots.
        slot_bits: m = ceil(log2 n).
    """
    by_degree = {
        degree: color_tensor(tensors[degree], slot_bits)
        for degree in degrees
        if degree in tensors and len(tensors[degree].vals)
    }
    if not by_degree:
        return _zero_table(slot_bits)
    colors = [color for degree in by_degree for color in by_degree[degree]]
    values = np.array([color.values for color in colors]).T  # (rows, colors)
    p, alpha = optimal_weights(values)
    right = values / (alpha * np.sqrt(p))
    missing = np.maximum(0.0, 1 - (right**2).sum(axis=1))
    needs_fail = bool(np.any(missing > _BALANCED))
    blocks, places, fail, bits = _place(by_degree, needs_fail)
    if np.any(right < 0):
        bits = max(bits, 1)  # a sign is an angle of UNPREP: it needs a bit to turn
    return _assemble(
        slot_bits, bits, alpha, blocks, colors, places, fail, np.sqrt(p), right, np.sqrt(missing)
    )


def _zero_table(slot_bits: int) -> SlotTable:
    rows = 1 << slot_bits
    return SlotTable(
        slot_bits=slot_bits,
        selector_bits=1,
        alpha=0.0,
        blocks=(),
        left=(1.0, 0.0),
        right=((0.0, 1.0),) * rows,
        permutations=(tuple(range(rows)),) * 2,
        rest=(0,) * (2 * rows),
    )


def _place(
    by_degree: Mapping[int, list[Color]], needs_fail: bool
) -> tuple[tuple[DegreeBlock, ...], list[int], int | None, int]:
    """Give every degree an aligned power-of-two block of selector indices, largest first, then fail."""
    sizes = {degree: 1 << (len(colors) - 1).bit_length() for degree, colors in by_degree.items()}
    start, starts = 0, {}
    for degree in sorted(sizes, key=lambda d: (-sizes[d], d)):
        starts[degree] = start
        start += sizes[degree]
    fail = start if needs_fail else None
    if needs_fail:
        spare = [starts[d] + sizes[d] - 1 for d in sizes if len(by_degree[d]) < sizes[d]]
        is_full = start & (start - 1) == 0
        if spare and is_full:  # an unused index inside a block saves a selector bit
            fail = spare[0]
    used = max([start, *([fail + 1] if fail is not None else [])])
    bits = (used - 1).bit_length()
    blocks = tuple(
        DegreeBlock(
            degree=degree,
            prefix=starts[degree] >> (sizes[degree] - 1).bit_length(),
            shift=(sizes[degree] - 1).bit_length(),
            colors=len(by_degree[degree]),
        )
        for degree in by_degree
    )
    places = [starts[degree] + i for degree in by_degree for i in range(len(by_degree[degree]))]
    return blocks, places, fail, bits


def _assemble(
    slot_bits: int,
    bits: int,
    alpha: float,
    blocks: tuple[DegreeBlock, ...],
    colors: list[Color],
    places: list[int],
    fail: int | None,
    left: npt.NDArray[np.float64],
    right: npt.NDArray[np.float64],
    missing: npt.NDArray[np.float64],
) -> SlotTable:
    size, rows = 1 << bits, 1 << slot_bits
    left_state, right_state = np.zeros(size), np.zeros((rows, size))
    left_state[places] = left
    right_state[:, places] = right
    if fail is not None:
        right_state[:, fail] = missing
    right_state /= np.linalg.norm(right_state, axis=1, keepdims=True)
    permutations = [tuple(range(rows))] * size
    rest = [0] * (size * rows)
    for place, color in zip(places, colors, strict=True):
        permutations[place] = color.permutation
        for row, packed in enumerate(color.rest):
            rest[row * size + place] = packed
    return SlotTable(
        slot_bits=slot_bits,
        selector_bits=bits,
        alpha=alpha,
        blocks=blocks,
        left=tuple(left_state.tolist()),
        right=tuple(map(tuple, right_state.tolist())),
        permutations=tuple(permutations),
        rest=tuple(rest),
    )
