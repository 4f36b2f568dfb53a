"""Norms and sparsity of F_l from its stencils, at a cost that does not grow with n.

Row sums: the ends of all boxes cut the lattice into cells in which every row looks the same; rows with
explicit entries are written out. Column sums: the columns r + (o_1, ..., o_l) of two stencils are the same
multisets of sites exactly if the offsets are translates of each other; what boxes cut away is ignored (an
endless lattice), so that the result is an upper bound, attained unless every column misses an edge term.
Spectral norm: exact for n up to 1024; beyond, the least of

- Schur's bound sqrt(||F||_1 ||F||_inf), which holds always, and
- where every stencil acts on all rows it can (translation invariance; an open lattice is a compression of
  the endless one, which only lowers norms), max over wave vectors of sqrt(sum over classes of columns of
  |sum_s c_s exp(i phi . o_s)|^2), o_s the offset of the column's first site: F F^T is a convolution with
  that symbol (`fourier_symbol`). Explicit entries add their own norm (triangle inequality).

Proved; derived here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.lattice.fourier_symbol import Convolution, largest_symbol
from carlemanc.model.lattice.sites import Lattice, Offset, cell_count, cells, size_of
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.stencil_sum import StencilSum
from carlemanc.model.polynomials.grouping import group_rows, multiplicities
from carlemanc.model.sparse_tensor import EXACT_NORM_LIMIT, SparseTensor

CELL_LIMIT = 2_000_000
"""Above this many pairs of a cell and a box row sums are bounded by the sum of the largest coefficients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpectralNorm:
    """A spectral norm, or an upper bound of it, and where it comes from."""

    value: float
    formula: str
    is_exact: bool


def spectral(tensor: StencilSum, *, symmetric: bool) -> SpectralNorm:
    """Return ||F||_2, or ||F Pi_sym||_2 for `symmetric`, as the module docstring says."""
    if not tensor.degree:
        return SpectralNorm(value=math.sqrt(_total(tensor, 2)), formula="exact", is_exact=True)
    if tensor.n <= EXACT_NORM_LIMIT:
        value = tensor.explicit.symmetric_norm2 if symmetric else tensor.explicit.norm2
        return SpectralNorm(value=value, formula="exact", is_exact=True)
    rows, columns = largest_row(tensor, 1, symmetric=symmetric), largest_column(tensor, symmetric=symmetric)
    schur = SpectralNorm(value=math.sqrt(rows * columns), formula="Schur's bound", is_exact=False)
    classes = _invariant_classes(tensor, symmetric=symmetric)
    if classes is None:
        return schur
    beside = _compact(tensor.entries, symmetric=symmetric)
    symbol = largest_symbol(classes, at_most=max(schur.value - beside, 0.0)) + beside
    where = "" if tensor.lattice.periodic else ", endless lattice"
    added = " plus the norm of the explicit entries" if tensor.entries.nnz else ""
    found = SpectralNorm(value=symbol, formula=f"Fourier symbol{where}{added}", is_exact=False)
    return min(found, schur, key=lambda item: item.value)


def largest_row(tensor: StencilSum, power: int, *, symmetric: bool = False) -> float:
    """Return the largest sum over a row of |value|^power (0: the number of entries)."""
    special = np.unique(tensor.entries.rows)
    largest = 0.0
    if len(special):
        written = tensor.entries_at(special)
        weights = _sizes(written.vals, power) * _entry_weights(written, symmetric) ** power
        place = np.searchsorted(special, written.rows)
        largest = float(np.bincount(place, weights, minlength=1).max())
    if not tensor.stencils:
        return largest
    if any(stencil.profile is not None for stencil in tensor.stencils):
        return max(largest, _largest_profile_row(tensor, power, special, symmetric))
    return max(largest, _largest_cell_row(tensor, power, special, symmetric))


def largest_column(tensor: StencilSum, *, symmetric: bool = False) -> float:
    """Return the largest column sum of absolute values, an upper bound as the module docstring says."""
    if not tensor.degree:
        return _total(tensor, 1)
    largest = _largest_written_column(tensor, symmetric)
    classes: dict[tuple[Offset, ...], list[tuple[Offset, FloatArray | float]]] = {}
    weights = {}
    for offsets, group in _groups(tensor.stencils).items():
        shape, anchor, repeats = column_class(offsets, tensor.lattice)
        weights[shape] = repeats * _weight(offsets, symmetric)
        sizes = _dense_or_largest(tensor.lattice, group, 1, dense=_has_profile(tensor))
        classes.setdefault(shape, []).append((anchor, sizes))
    for shape, members in classes.items():
        largest = max(largest, weights[shape] * _largest_sum(members))
    return largest


def first_site_sum(tensor: StencilSum) -> float:
    """Bound the largest sum of absolute values over the entries of one first site: a stencil has one row for each."""
    stencils = sum(
        float(np.max(_sizes(item.profile.floats(), 1)))
        if item.profile is not None
        else float(_sizes(float(item.coefficient), 1))
        for item in tensor.stencils
    )
    return stencils + tensor.entries.first_slot_sum


def column_class(offsets: tuple[Offset, ...], lattice: Lattice) -> tuple[tuple[Offset, ...], Offset, int]:
    """Return what all translates of a multiset of offsets share, its first site, and how often it repeats.

    The last number is how many translations leave the multiset as it is: more than one only where a
    periodic lattice is a few offsets long.
    """
    forms = {
        first: tuple(
            sorted(
                lattice.wrap(tuple(a - b for a, b in zip(offset, first, strict=True))) for offset in offsets
            )
        )
        for first in set(offsets)
    }
    shape = min(forms.values())
    anchors = sorted(first for first, form in forms.items() if form == shape)
    return shape, anchors[0], len(anchors)


def _invariant_classes(tensor: StencilSum, *, symmetric: bool) -> list[Convolution] | None:
    """Return the classes of columns where F is (a compression of) a convolution, None where it is not."""
    if _has_profile(tensor):
        return None
    found: dict[tuple[Offset, ...], list[tuple[float, Offset]]] = {}
    weights = {}
    for offsets, group in _groups(tensor.stencils).items():
        shape, anchor, repeats = column_class(offsets, tensor.lattice)
        if len(group) > 1 or repeats > 1 or group[0].box != tensor.lattice.inside(offsets):
            return None
        weights[shape] = _weight(offsets, symmetric)
        found.setdefault(shape, []).append((float(group[0].coefficient), anchor))
    return [
        Convolution(
            coefficients=np.array([value for value, _ in members]) * weights[shape],
            offsets=np.array([anchor for _, anchor in members], dtype=np.int64),
        )
        for shape, members in found.items()
    ]


def _groups(stencils: Sequence[Stencil]) -> dict[tuple[Offset, ...], list[Stencil]]:
    groups: dict[tuple[Offset, ...], list[Stencil]] = {}
    for stencil in stencils:
        groups.setdefault(stencil.offsets, []).append(stencil)
    return groups


def _has_profile(tensor: StencilSum) -> bool:
    return any(stencil.profile is not None for stencil in tensor.stencils)


def _weight(offsets: tuple[Offset, ...], symmetric: bool) -> float:
    """Return 1, or for F Pi_sym 1/sqrt(number of orders of the index tuple)."""
    if not symmetric:
        return 1.0
    same = math.prod(math.factorial(count) for count in Counter(offsets).values())
    return 1.0 / math.sqrt(math.factorial(len(offsets)) // same)


def _entry_weights(written: SparseTensor, symmetric: bool) -> FloatArray:
    return 1.0 / np.sqrt(multiplicities(written.cols)) if symmetric else np.ones(written.nnz)


def _sizes(values: npt.ArrayLike, power: int) -> FloatArray:
    array = np.abs(np.asarray(values, dtype=np.float64))
    return (array > 0).astype(np.float64) if power == 0 else array**power


def _largest_cell_row(tensor: StencilSum, power: int, special: IntArray, symmetric: bool) -> float:
    stencils = tensor.stencils
    sizes = [
        float(_sizes(float(item.coefficient), power)) * _weight(item.offsets, symmetric) ** power
        for item in stencils
    ]
    boxes = [stencil.box for stencil in stencils]
    if cell_count(boxes) * len(boxes) > CELL_LIMIT:
        return sum(max(sizes[stencils.index(item)] for item in group) for group in _groups(stencils).values())
    largest = 0.0
    for cell, holders in cells(boxes):
        total = math.fsum(sizes[k] for k in holders)
        if total > largest and np.count_nonzero(tensor.lattice.holds(cell, special)) < size_of(cell):
            largest = total
    return largest


def _largest_profile_row(tensor: StencilSum, power: int, special: IntArray, symmetric: bool) -> float:
    total = np.zeros(tensor.lattice.dims)
    for offsets, group in _groups(tensor.stencils).items():
        dense = _dense_or_largest(tensor.lattice, group, power, dense=True)
        total += np.asarray(dense) * _weight(offsets, symmetric) ** power
    flat = total.reshape(-1)
    flat[special] = 0.0
    return float(flat.max())


def _dense_or_largest(
    lattice: Lattice, group: Sequence[Stencil], power: int, *, dense: bool
) -> FloatArray | float:
    """Return |value|^power of one offset tuple for every row (shape dims), or the largest of them."""
    if not dense:
        return max(float(_sizes(float(item.coefficient), power)) for item in group)
    values = np.zeros(lattice.dims)
    for item in group:
        if item.profile is not None:
            values += item.profile.floats().reshape(lattice.dims)
        else:
            values[tuple(slice(low, high + 1) for low, high in item.box)] += float(item.coefficient)
    return _sizes(values, power)


def _largest_sum(members: Sequence[tuple[Offset, FloatArray | float]]) -> float:
    """Return the largest column sum of a class: row r meets the column whose first site is r + anchor."""
    total: FloatArray | float = 0.0
    for anchor, sizes in members:
        if isinstance(sizes, float):
            total = total + sizes
        else:
            total = total + np.roll(sizes, anchor, axis=tuple(range(sizes.ndim)))
    return float(np.max(total))


def _largest_written_column(tensor: StencilSum, symmetric: bool) -> float:
    """Return the largest sum over the columns that explicit entries touch, all their rows written out."""
    if not tensor.entries.nnz:
        return 0.0
    first = np.unique(tensor.entries.cols[:, 0])
    offsets = {offset for stencil in tensor.stencils for offset in stencil.offsets}
    rows = [tensor.lattice.neighbors(first, tuple(-step for step in offset)) for offset in offsets]
    written = tensor.entries_at(np.unique(np.concatenate([tensor.entries.rows, *rows])))
    touched = {tuple(cols) for cols in np.sort(tensor.entries.cols, axis=1).tolist()}
    groups = group_rows(list(written.cols.T), [tensor.n] * tensor.degree)
    weights = _sizes(written.vals, 1) * _entry_weights(written, symmetric)
    sums = np.add.reduceat(weights[groups.order], groups.starts)
    names = written.cols[groups.first].tolist()
    return max(
        (float(total) for total, name in zip(sums, names, strict=True) if tuple(name) in touched), default=0.0
    )


def _total(tensor: StencilSum, power: int) -> float:
    """Return the sum of |value|^power over all entries of F_0, merged where an explicit one is."""
    total = 0.0
    if _has_profile(tensor):
        dense = _dense_or_largest(tensor.lattice, tensor.stencils, power, dense=True)
        total = float(np.sum(dense))
    else:
        for item in tensor.stencils:
            total += size_of(item.box) * float(_sizes(float(item.coefficient), power))
    special = np.unique(tensor.entries.rows)
    if len(special):
        before, after = (item.values_at(special, np.ones_like) for item in (tensor.bare(), tensor))
        total += float(np.sum(_sizes(after, power)) - np.sum(_sizes(before, power)))
    return max(total, 0.0)


def _compact(entries: SparseTensor, *, symmetric: bool) -> float:
    """Return the spectral norm of explicit entries, on the sites that occur."""
    if not entries.nnz:
        return 0.0
    sites = np.unique(np.concatenate([entries.rows, entries.cols.reshape(-1)]))
    small = SparseTensor(
        n=len(sites),
        degree=entries.degree,
        rows=np.searchsorted(sites, entries.rows),
        cols=np.searchsorted(sites, entries.cols),
        vals=entries.vals,
    )
    return small.symmetric_norm2 if symmetric else small.norm2
