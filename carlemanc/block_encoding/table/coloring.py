"""Splitting a sparse tensor into partial permutations: the colors of its row / first-index multigraph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.model.magnitude import ranks
from carlemanc.model.sparse_tensor import SparseTensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Color:
    """Entries of one degree in which every row and every first index occurs at most once.

    Args:
        degree: l, number of column indices.
        permutation: (2^m,) image row of every first index; first indices without an entry are completed to a
            permutation (their coefficient is zero, so the completion is never seen in the block).
        rest: (2^m,) the other column indices of the entry in each row, packed m bits each, slot i+1 lowest;
            free where the row has no entry.
        values: (2^m,) coefficient in each row, zero where the row has no entry of this color.
    """

    degree: int
    permutation: tuple[int, ...]
    rest: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A way in which the row r and an offset o give a column c, on the numbers up to `top` = 2^m - 1."""

    offset: Callable[[IntArray, IntArray, int], IntArray]
    column: Callable[[int, int, int], int]
    row: Callable[[int, int, int], int]


XOR = Relation(lambda r, c, top: r ^ c, lambda r, o, top: r ^ o, lambda c, o, top: c ^ o)
SHIFT = Relation(lambda r, c, top: c - r & top, lambda r, o, top: r + o & top, lambda c, o, top: c - o & top)


def color_tensors(tensors: Sequence[SparseTensor | None], slot_bits: int) -> list[list[Color]]:
    """Split each tensor (rows r, columns (c_1..c_l)) of one degree into the same number of colors.

    Several tensors are those of the batches of a time-dependent map (None: zero); colors of equal index share a
    selector index. No coloring has fewer colors than the largest degree of a row or first index. Kept is the
    first of three that has no more: by offset (r XOR c_1, ..., r XOR c_l), and by shift (c_1 - r, ..., c_l - r
    modulo 2^m), whose permutations cost next to nothing; and a bipartite edge coloring of rows against first
    indices, which always exists (König's theorem; alternating paths).

    Returns:
        One list of colors per tensor, all of one length; a color without entries has only zero values.
    """
    present = [tensor for tensor in tensors if tensor is not None and len(tensor.vals)]
    degree = present[0].degree
    most = max(_largest_degree(tensor) for tensor in present)
    for relation in (XOR, SHIFT):
        by_offset = [
            _offset_classes(tensor, relation, slot_bits) if tensor is not None else {} for tensor in tensors
        ]
        offsets = sorted(set().union(*by_offset))
        if len(offsets) <= most:
            return [
                [_color(tensor, found.get(o, []), degree, slot_bits, (relation, o)) for o in offsets]
                for tensor, found in zip(tensors, by_offset, strict=True)
            ]
    classes = [_edge_classes(tensor, most) if tensor is not None else [] for tensor in tensors]
    count = max(len(found) for found in classes)
    return [
        [_color(tensor, entries, degree, slot_bits, None) for entries in found + [[]] * (count - len(found))]
        for tensor, found in zip(tensors, classes, strict=True)
    ]


def color_tensor(tensor: SparseTensor, slot_bits: int) -> list[Color]:
    """Split a single tensor into colors; see `color_tensors`."""
    return color_tensors([tensor], slot_bits)[0]


def color_classes(tensor: SparseTensor) -> list[list[int]]:
    """Return the entries of each color of an edge coloring, without the tables of `color_tensor`."""
    return _edge_classes(tensor, _largest_degree(tensor))


def _largest_degree(tensor: SparseTensor) -> int:
    rows = np.bincount(tensor.rows, minlength=tensor.n)
    firsts = np.bincount(tensor.cols[:, 0], minlength=tensor.n)
    return int(max(rows.max(initial=0), firsts.max(initial=0)))


def _offset_classes(
    tensor: SparseTensor, relation: Relation, slot_bits: int
) -> dict[tuple[int, ...], list[int]]:
    """Entries grouped by the offset of each column index from the row, in order of the offsets."""
    classes: dict[tuple[int, ...], list[int]] = {}
    offsets = relation.offset(tensor.rows[:, None], tensor.cols, (1 << slot_bits) - 1)
    for entry, offset in enumerate(map(tuple, offsets.tolist())):
        classes.setdefault(offset, []).append(entry)
    return dict(sorted(classes.items()))


def _edge_classes(tensor: SparseTensor, colors: int) -> list[list[int]]:
    """Edge coloring with `colors` >= largest degree colors; heavy entries are colored first (`ranks`).

    An entry takes the lowest color free at both ends; where none is, the alternating path of the two ends'
    free colors is flipped (König 1916). Work O(entries * longest path).
    """
    at_row: list[dict[int, int]] = [{} for _ in range(tensor.n)]  # color -> entry
    at_first: list[dict[int, int]] = [{} for _ in range(tensor.n)]
    every = (1 << colors) - 1
    free_row, free_first = [every] * tensor.n, [every] * tensor.n  # bit c: color c is free there
    rows, firsts = tensor.rows.tolist(), tensor.cols[:, 0].tolist()
    for entry in np.argsort(-ranks(tensor.vals), kind="stable").tolist():
        row, first = rows[entry], firsts[entry]
        both = free_row[row] & free_first[first]
        common = _lowest(both or free_row[row])
        if not both:
            other = _lowest(free_first[first])
            ends = _flip_path(at_row, at_first, rows, firsts, first, common, other)
            for free, end in zip((free_row, free_first), ends, strict=True):
                for node in end:
                    free[node] ^= 1 << common | 1 << other
        at_row[row][common] = entry
        at_first[first][common] = entry
        free_row[row] ^= 1 << common
        free_first[first] ^= 1 << common
    classes: list[list[int]] = [[] for _ in range(colors)]
    for table in at_row:
        for color, entry in table.items():
            classes[color].append(entry)
    return [sorted(members) for members in classes if members]


def _flip_path(
    at_row: list[dict[int, int]],
    at_first: list[dict[int, int]],
    rows: list[int],
    firsts: list[int],
    start: int,
    color: int,
    other: int,
) -> tuple[list[int], list[int]]:
    """Exchange `color` and `other` along the path from first index `start`, which frees `color` there.

    Returns:
        The ends of the path, rows and first indices: where one of the two colors has taken the other's place.
    """
    path, node, side, wanted = [], start, at_first, color
    while wanted in side[node]:
        entry = side[node][wanted]
        path.append((entry, wanted))
        node, side = (rows[entry], at_row) if side is at_first else (firsts[entry], at_first)
        wanted = other if wanted == color else color
    for entry, old in path:
        del at_row[rows[entry]][old]
        del at_first[firsts[entry]][old]
    for entry, old in path:
        new = other if old == color else color
        at_row[rows[entry]][new] = entry
        at_first[firsts[entry]][new] = entry
    return ([node], [start]) if side is at_row else ([], [start, node])


def _lowest(mask: int) -> int:
    """The position of the lowest bit set."""
    return (mask & -mask).bit_length() - 1


def _color(
    tensor: SparseTensor | None,
    entries: list[int],
    degree: int,
    slot_bits: int,
    known: tuple[Relation, tuple[int, ...]] | None,
) -> Color:
    size = 1 << slot_bits
    rest, values = [0] * size, np.zeros(size)
    permutation: list[int] | None = None
    if known is not None:  # also where there is no entry: regular tables load for next to nothing
        relation, offset = known
        rest = [
            _pack([relation.column(row, o, size - 1) for o in offset[1:]], slot_bits) for row in range(size)
        ]
        permutation = [relation.row(first, offset[0], size - 1) for first in range(size)]
    image: dict[int, int] = {}
    for entry in entries:
        assert tensor is not None
        row, columns = int(tensor.rows[entry]), tensor.cols[entry].tolist()
        image[columns[0]] = row
        rest[row] = _pack(columns[1:], slot_bits)
        values[row] = tensor.vals[entry]
    return Color(
        degree=degree,
        permutation=tuple(permutation or _complete(image, size)),
        rest=tuple(rest),
        values=tuple(values.tolist()),
    )


def _pack(columns: list[int], slot_bits: int) -> int:
    return sum(column << (slot_bits * i) for i, column in enumerate(columns))


def _complete(image: dict[int, int], size: int) -> list[int]:
    """Extend a partial permutation of 0..size-1, fixing what can stay where it is."""
    free = set(range(size)) - set(image.values())
    permutation = dict(image)
    for first in range(size):
        if first not in permutation and first in free:
            permutation[first] = first
            free.discard(first)
    remaining = iter(sorted(free))
    return [permutation[first] if first in permutation else next(remaining) for first in range(size)]
