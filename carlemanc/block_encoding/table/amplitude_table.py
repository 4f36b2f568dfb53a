"""The tables of an amplitude leaf: from a sparse tensor, or from its shape alone."""

from __future__ import annotations

import attrs
import numpy as np

from carlemanc.block_encoding.table.tuple_index import TupleIndex, tuple_index, tuple_index_shape
from carlemanc.bloqs.amplitudes.amplitude_tree import AmplitudeTree, amplitude_tree, amplitude_tree_shape
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookup_data import LookupData, LookupShape, LookupTable
from carlemanc.model.polynomials.grouping import group_rows
from carlemanc.model.sparse_tensor import SparseTensor


@attrs.frozen(cache_hash=True, kw_only=True)
class AmplitudeTable:
    """Everything an `AmplitudeLeaf` loads.

    Args:
        degree: l >= 1.
        slot_bits: m.
        entry_bits: e, enough to number the entries.
        alpha: sqrt(||F||_1 ||F||_inf) of the tensor as it is flattened.
        index: numbering of the column tuples.
        column, row: the trees of amplitudes, addressed by the tuple's number and by the row.
        column_start, row_start: number of the first entry of each column (by tuple number) and row.
        forward: by j: j XOR j' (low e bits, 0 beyond the entries) and (c_1..c_l) XOR (r, 0, ..).
        backward: by j': j XOR j'.
    """

    degree: int
    slot_bits: int
    entry_bits: int
    alpha: float
    index: TupleIndex
    column: AmplitudeTree
    row: AmplitudeTree
    column_start: LookupData
    row_start: LookupData
    forward: LookupData
    backward: LookupData


def amplitude_table(
    tensor: SparseTensor, slot_bits: int, loading: Loading, eps: float = 0.0
) -> AmplitudeTable:
    """Build the tables of a tensor of degree >= 1 with at least one entry.

    Args:
        tensor: F_l, values not zero.
        slot_bits: m = ceil(log2 n).
        loading: prices loads against rotations.
        eps: synthesis precision of each rotation.
    """
    count, degree = len(tensor.vals), tensor.degree
    groups = group_rows(list(tensor.cols.T), [tensor.n] * degree)
    tuples = tensor.cols[groups.first]
    index = tuple_index(tuples, slot_bits)
    by_column = groups.order  # entry of the tensor, by j
    column_of = np.repeat(index.of(tuples), groups.sizes)
    by_row = np.argsort(tensor.rows[by_column], kind="stable")  # j, by j'
    rank = np.empty(count, dtype=np.int64)
    rank[by_row] = np.arange(count)
    rows, values = tensor.rows[by_column], tensor.vals[by_column]
    bits = (count - 1).bit_length()
    size = np.abs(values)
    column_sums = np.bincount(column_of, size)
    row_sums = np.bincount(rows, size)
    columns = _local(column_of, np.arange(count), 1 << index.size)
    row_places = _local(rows[by_row], np.arange(count), 1 << slot_bits)
    amplitudes = np.sqrt(size / column_sums.max())
    signed = (np.sign(values) * np.sqrt(size / row_sums.max()))[by_row]
    moved = _padded(np.arange(count) ^ rank, bits)
    change = _packed(tensor.cols[by_column], rows, slot_bits)
    forward = moved.astype(object)
    forward[:count] += change << bits
    return AmplitudeTable(
        degree=degree,
        slot_bits=slot_bits,
        entry_bits=bits,
        alpha=float(np.sqrt(column_sums.max() * row_sums.max())),
        index=index,
        column=amplitude_tree(_dense(column_of, columns.place, amplitudes, 1 << index.size), loading, eps),
        row=amplitude_tree(_dense(rows[by_row], row_places.place, signed, 1 << slot_bits), loading, eps),
        column_start=columns.start,
        row_start=row_places.start,
        forward=LookupTable(forward),
        backward=LookupTable(_padded(np.arange(count) ^ by_row, bits)),
    )


@attrs.frozen(eq=False)
class _Local:
    """Position of each entry in its group, and the table of first entries."""

    place: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    start: LookupTable


def _local(group: np.ndarray, order: np.ndarray, size: int) -> _Local:
    """Positions of entries that stand group by group; groups that are not there are unused."""
    present, first = np.unique(group, return_index=True)
    first = order[first]
    start, unused = np.zeros(size, dtype=np.int64), np.ones(size, dtype=bool)
    start[present], unused[present] = first, False
    return _Local(place=order - start[group], start=LookupTable(start, unused))


def _dense(group: np.ndarray, place: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    result = np.zeros((size, 1 << (int(place.max())).bit_length()))
    result[group, place] = values
    return result


def _padded(values: np.ndarray, bits: int) -> np.ndarray:
    result = np.zeros(1 << bits, dtype=np.int64)
    result[: len(values)] = values
    return result


def _packed(columns: np.ndarray, rows: np.ndarray, slot_bits: int) -> np.ndarray:
    """(c_1 XOR r, c_2, ..) of each entry, m bits each, as Python integers."""
    packed: np.ndarray = (columns[:, 0] ^ rows).astype(object)
    for slot in range(1, columns.shape[1]):
        packed += columns[:, slot].astype(object) << (slot * slot_bits)
    return packed


def amplitude_table_shape(
    *,
    entries: int,
    tuples: int,
    rows: int,
    most_in_column: int,
    most_in_row: int,
    degree: int,
    slot_bits: int,
    alpha: float,
    loading: Loading,
    eps: float = 0.0,
) -> AmplitudeTable:
    """Return the tables of a tensor known by its shape: a leaf of them is counted and cannot be emitted.

    Args:
        entries: nnz; tuples: distinct column tuples; rows: rows with an entry.
        most_in_column, most_in_row: entries of the fullest column tuple and row.
    """
    bits = (entries - 1).bit_length()
    index = tuple_index_shape(tuples, degree, slot_bits)
    numbered = entries + ((1 << bits) - entries).bit_count()  # beyond the entries all are 0, block by block
    return AmplitudeTable(
        degree=degree,
        slot_bits=slot_bits,
        entry_bits=bits,
        alpha=alpha,
        index=index,
        column=amplitude_tree_shape(
            addresses=tuples, bits=index.size, most=most_in_column, total=entries, loading=loading, eps=eps
        ),
        row=amplitude_tree_shape(
            addresses=rows, bits=slot_bits, most=most_in_row, total=entries, loading=loading, eps=eps
        ),
        column_start=LookupShape(tuples, index.size),
        row_start=LookupShape(rows, slot_bits),
        forward=LookupShape(numbered, bits),
        backward=LookupShape(numbered, bits),
    )
