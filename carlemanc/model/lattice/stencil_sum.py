"""F_l of a lattice: stencils, and the explicit entries that stand beside them, with no list of n of anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Self

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.double_precision import as_float
from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.model.lattice.sites import Lattice, Offset
from carlemanc.model.lattice.stencil import Stencil, collect
from carlemanc.model.sparse_tensor import SparseTensor, no_entries

ENTRY_LIMIT = 5_000_000
"""The most entries that `explicit` writes out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StencilSum:
    """The sum of stencils and of explicit entries, n x n^l: what it does to weights, and its other forms.

    `LatticeTensor` is the same with norms, which are computed from what is here.

    Attributes:
        lattice: dims and boundary.
        degree: l.
        stencils: in canonical form (`stencil.collect`).
        entries: explicit entries, to be added; few where n is large.
        stencils_lost: bound of the spectral norm of what was set to zero in the stencils.
    """

    lattice: Lattice
    degree: int
    stencils: tuple[Stencil, ...]
    entries: SparseTensor
    stencils_lost: float = 0.0

    def __post_init__(self) -> None:
        if (self.entries.n, self.entries.degree) != (self.n, self.degree):
            raise InternalError(f"entries of n = {self.entries.n}, degree {self.entries.degree}")

    @classmethod
    def build(
        cls,
        lattice: Lattice,
        degree: int,
        stencils: Sequence[Stencil],
        entries: SparseTensor | None = None,
    ) -> Self:
        """Return the tensor with its stencils put in canonical form."""
        collected, lost = collect(stencils, lattice)
        return cls(
            lattice=lattice,
            degree=degree,
            stencils=collected,
            entries=no_entries(lattice.n, degree) if entries is None else entries,
            stencils_lost=lost,
        )

    @property
    def lost(self) -> float:
        """Bound of the spectral norm of what was set to zero in making it."""
        return self.stencils_lost + self.entries.lost

    @property
    def largest_entry(self) -> float:
        """The largest absolute value in the stencils and in the explicit entries."""
        return max(float(np.max(np.abs(part), initial=0.0)) for part in self._values())

    @property
    def n(self) -> int:
        """Number of weights."""
        return self.lattice.n

    @cached_property
    def nnz(self) -> int:
        """The number of entries."""
        if not (self.entries.nnz and self.stencils):
            return sum(stencil.count for stencil in self.stencils) + self.entries.nnz
        rows = np.unique(self.entries.rows)
        merged = self.entries_at(rows).nnz - self.bare().entries_at(rows).nnz
        return sum(stencil.count for stencil in self.stencils) + merged

    @property
    def is_exact(self) -> bool:
        """Whether every value is known as a rational number."""
        scalars = all(
            isinstance(item.coefficient, Fraction)
            and (item.profile is None or item.profile.denominator is not None)
            for item in self.stencils
        )
        return scalars and self.entries.exact is not None

    @property
    def is_uniform(self) -> bool:
        """Whether there is one stencil, with one coefficient, on every row (entries aside)."""
        return len(self.stencils) == 1 and (
            self.stencils[0].profile is None and self.stencils[0].box == self.lattice.full
        )

    @property
    def is_finite(self) -> bool:
        """Whether every value is a finite float."""
        return all(bool(np.all(np.isfinite(part))) for part in self._values())

    def _values(self) -> Iterator[FloatArray]:
        """Yield all values there are, those of a profile, whose stencil has the coefficient 1, included."""
        yield self.entries.vals
        for item in self.stencils:
            yield np.array([as_float(item.coefficient)]) if item.profile is None else item.profile.floats()

    # --- acting on weights -------------------------------------------------------------------------------

    def apply(self, u: FloatArray) -> FloatArray:
        """Return F u^(x)l for u of shape (n,)."""
        return self.contract([u] * self.degree)

    def contract(self, vectors: Sequence[FloatArray]) -> FloatArray:
        """Return F (v_1 (x) ... (x) v_l), shape (n,); slot s is the s-th offset of a stencil."""
        if len(vectors) != self.degree:
            raise InternalError(f"{len(vectors)} vectors for a tensor of degree {self.degree}")
        moved: dict[tuple[int, Offset], FloatArray] = {}
        axes = tuple(range(len(self.lattice.dims)))
        result = np.zeros(self.lattice.dims)
        for stencil in self.stencils:
            rows = tuple(slice(low, high + 1) for low, high in stencil.box)
            if stencil.profile is not None:
                term = stencil.profile.floats().reshape(self.lattice.dims)[rows].copy()
            else:
                term = np.full([high + 1 - low for low, high in stencil.box], float(stencil.coefficient))
            for vector, offset in zip(vectors, stencil.offsets, strict=True):
                key = (id(vector), offset)
                if key not in moved:  # row r of it is the vector at r + offset
                    grid = np.asarray(vector).reshape(self.lattice.dims)
                    moved[key] = np.roll(grid, [-step for step in offset], axes) if any(offset) else grid
                term *= moved[key][rows]
            result[rows] += term
        flat = result.reshape(-1)
        return flat + self.entries.contract(vectors) if self.entries.nnz else flat

    def reach(self, sites: IntArray) -> IntArray:
        """Return the rows in which any of the columns occurs, and those of explicit entries (may repeat)."""
        offsets = {offset for stencil in self.stencils for offset in stencil.offsets}
        steps = [tuple(-step for step in offset) for offset in offsets]
        return np.concatenate([self.entries.rows, *(self.lattice.neighbors(sites, step) for step in steps)])

    def values_at(self, rows: IntArray, read: Callable[[IntArray], FloatArray]) -> FloatArray:
        """Return (F u^(x)l) at ascending rows; `read(sites)` gives u."""
        result = np.zeros(len(rows))
        for stencil in self.stencils:
            here: slice | IntArray = slice(None)
            if stencil.box != self.lattice.full:
                here = np.flatnonzero(self.lattice.holds(stencil.box, rows))
            sites = rows[here]
            factors: dict[Offset, FloatArray] = {}
            term = np.full(len(sites), float(stencil.coefficient))
            if stencil.profile is not None:
                term = stencil.profile.take(sites).floats()
            for offset in stencil.offsets:
                if offset not in factors:
                    factors[offset] = read(self.lattice.neighbors(sites, offset))
                term = term * factors[offset]
            result[here] += term
        if len(rows) and self.entries.nnz:
            place = np.searchsorted(rows, self.entries.rows)
            known = np.flatnonzero(rows[np.minimum(place, len(rows) - 1)] == self.entries.rows)
            terms = self.entries.vals[known] * np.prod(read(self.entries.cols[known]), axis=1)
            np.add.at(result, place[known], terms)
        return result

    def bulk(self, fill: float) -> float | None:
        """Return the value of F u^(x)l far from everything where u = `fill`; None if rows differ there."""
        if self.degree and fill == 0.0:
            return 0.0
        if not all(stencil.box == self.lattice.full and stencil.profile is None for stencil in self.stencils):
            return None
        return sum(float(stencil.coefficient) for stencil in self.stencils) * fill**self.degree

    # --- other forms -------------------------------------------------------------------------------------

    def scale(self, factor: float | Fraction) -> Self:
        """Return the tensor times a number."""
        stencils = tuple(stencil.scaled(factor) for stencil in self.stencils)
        lost = self.stencils_lost * abs(float(factor))
        return replace(self, stencils=stencils, entries=self.entries.scale(factor), stencils_lost=lost)

    def plus(self, entries: SparseTensor | None) -> Self:
        """Return the tensor with more explicit entries."""
        if entries is None:
            return self
        exact = None
        if self.entries.exact is not None and entries.exact is not None:
            exact = [*self.entries.exact, *entries.exact]
        merged = SparseTensor.build(
            n=self.n,
            degree=self.degree,
            rows=np.concatenate([self.entries.rows, entries.rows]),
            cols=np.concatenate([self.entries.cols, entries.cols]),
            vals=np.concatenate([self.entries.vals, entries.vals]),
            exact=exact,
            lost=self.entries.lost + entries.lost,
        )
        return replace(self, entries=merged)

    def plus_identity(self) -> Self:
        """Return I + F for a tensor of degree 1."""
        if self.degree != 1:
            raise InternalError(f"the identity has degree 1, not {self.degree}")
        here = tuple(0 for _ in self.lattice.dims)
        identity = Stencil(offsets=(here,), box=self.lattice.full)
        whole = self.build(self.lattice, 1, [identity, *self.stencils], self.entries)
        return replace(whole, stencils_lost=whole.stencils_lost + self.stencils_lost)

    def bare(self) -> Self:
        """Return the stencils alone."""
        return replace(self, entries=no_entries(self.n, self.degree))

    def entries_at(self, rows: IntArray) -> SparseTensor:
        """Return every entry of the given rows, explicit ones included, in canonical form."""
        return self._written(rows, np.isin(self.entries.rows, rows))

    @cached_property
    def explicit(self) -> SparseTensor:
        """Every entry. Raises TooLarge above `ENTRY_LIMIT`."""
        if self.nnz > ENTRY_LIMIT:
            raise TooLarge(
                f"the list of all entries of F_{self.degree}",
                size=f"n = {self.n:,}: {self.nnz:,} entries",
                limit=f"{ENTRY_LIMIT:,}",
                instead="`derive` and `analyze` work from the stencils at any n.",
            )
        return self._written(None, np.ones(self.entries.nnz, dtype=bool))

    def _written(self, rows: IntArray | None, extra: Mask) -> SparseTensor:
        pieces = [_Piece.of(self.lattice, stencil, rows, exact=self.is_exact) for stencil in self.stencils]
        kept = np.flatnonzero(extra)
        exact: list[Fraction] | None = None
        if self.is_exact and self.entries.exact is not None:
            exact = [value for piece in pieces for value in piece.exact]
            exact += [self.entries.exact[k] for k in kept.tolist()]
        cols = [piece.cols for piece in pieces] + [self.entries.cols[kept]]
        return SparseTensor.build(
            n=self.n,
            degree=self.degree,
            rows=np.concatenate([*(piece.rows for piece in pieces), self.entries.rows[kept]]),
            cols=np.concatenate(cols),
            vals=np.concatenate([*(piece.vals for piece in pieces), self.entries.vals[kept]]),
            exact=exact,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """The entries of one stencil on some rows."""

    rows: IntArray
    cols: IntArray
    vals: FloatArray
    exact: list[Fraction]

    @classmethod
    def of(cls, lattice: Lattice, stencil: Stencil, rows: IntArray | None, *, exact: bool) -> _Piece:
        """Return the entries on the given rows, on all of them for None."""
        rows = lattice.sites(stencil.box) if rows is None else rows[lattice.holds(stencil.box, rows)]
        numbers: list[Fraction] | None = None
        if stencil.profile is None:
            vals = np.full(len(rows), float(stencil.coefficient))
            numbers = [Fraction(stencil.coefficient)] * len(rows) if exact else None
        else:
            values = stencil.profile.take(rows)
            live = values.nonzero_rows()
            rows, values = rows[live], values.take(live)
            vals, numbers = values.floats(), values.fractions()
        cols = np.empty((len(rows), len(stencil.offsets)), dtype=np.int64)
        for slot, offset in enumerate(stencil.offsets):
            cols[:, slot] = lattice.neighbors(rows, offset)
        return cls(rows=rows, cols=cols, vals=vals, exact=numbers or [])
