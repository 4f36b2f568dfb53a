"""A sparse n x n^l array F_l: one value for each (row; index tuple), the coefficients of a polynomial map.

Only `F_l Pi_sym` acts on u^(x)l, so a tensor is built in canonical form: one entry for each monomial, its
index tuple ascending. Other flattenings with the same symmetrization (carleman.flattening) are made with the
plain constructor, which checks shapes and ranges and keeps the order it is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.grouping import group_rows, multiplicities
from carlemanc.model.spectral_norm import spectral_norm

Scalar = TypeVar("Scalar", bound=np.generic)

EXACT_NORM_LIMIT = 1024
"""Up to this smaller dimension `norm2` is computed, beyond it is the bound sqrt(norm1 norm_inf)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SparseTensor:
    """F_l with nnz entries; its norms are computed when they are first asked for.

    Attributes:
        n: number of weights; rows and indices run over 0..n-1.
        degree: l, the number of indices (0 allowed: a vector).
        rows: (nnz,) int64.
        cols: (nnz, degree) int64, slot 1 first.
        vals: (nnz,) float64.
        exact: the same values as rationals, or None where floats entered.
        lost: bound of the spectral norm of what was set to zero in making it (`coefficients.NEGLIGIBLE`).
    """

    n: int
    degree: int
    rows: IntArray
    cols: IntArray
    vals: FloatArray
    exact: tuple[Fraction, ...] | None = None
    lost: float = 0.0

    def __post_init__(self) -> None:
        rows = _frozen(self.rows, np.int64)
        cols = _frozen(self.cols, np.int64).reshape(len(rows), self.degree)
        vals = _frozen(self.vals, np.float64)
        if vals.shape != rows.shape or rows.ndim != 1:
            raise InternalError(f"tensor of {len(rows)} rows with values of shape {vals.shape}")
        if self.exact is not None and len(self.exact) != len(rows):
            raise InternalError(f"{len(self.exact)} exact values for {len(rows)} entries")
        for array in (rows, cols):
            if array.size and not (array.min() >= 0 and array.max() < self.n):
                raise InternalError(f"tensor index outside 0..{self.n - 1}")
        for name, value in (("rows", rows), ("cols", cols), ("vals", vals)):
            object.__setattr__(self, name, value)

    @classmethod
    def build(
        cls,
        *,
        n: int,
        degree: int,
        rows: npt.ArrayLike,
        cols: npt.ArrayLike,
        vals: npt.ArrayLike,
        exact: Sequence[Fraction] | None = None,
        errors: npt.ArrayLike | None = None,
        lost: float = 0.0,
    ) -> SparseTensor:
        """Return the canonical form: ascending tuples, entries of one monomial added, no zeros, sorted.

        A sum of floats that is negligible against its terms is zero; with the `errors` of the entries (bounds of
        what each lacks) and what is `lost` already, that makes the `lost` of the result.
        """
        rows = np.asarray(rows, dtype=np.int64)
        cols = np.sort(np.asarray(cols, dtype=np.int64).reshape(len(rows), degree), axis=1)
        vals = np.asarray(vals, dtype=np.float64)
        if not len(rows):
            return no_entries(n, degree) if exact is not None else replace(no_entries(n, degree), exact=None)
        groups = group_rows([rows, *cols.T], [n] * (degree + 1))
        summed = None if exact is None else _sum_exact(exact, groups.order, groups.starts)
        if summed is None:
            given = Coefficients(values=vals, errors=None if errors is None else np.asarray(errors))
            total = given.sum_groups(groups)
            values, kept = total.values, np.flatnonzero(total.values)
            lost += 0.0 if total.errors is None else frobenius(total.errors)
        else:
            values = np.array([float(value) for value in summed])
            kept = np.array([k for k, v in enumerate(summed) if v], dtype=int)
        first = groups.first[kept]
        return cls(
            n=n,
            degree=degree,
            rows=rows[first],
            cols=cols[first],
            vals=values[kept],
            exact=None if summed is None else tuple(summed[k] for k in kept),
            lost=lost,
        )

    @property
    def nnz(self) -> int:
        """The number of entries."""
        return len(self.rows)

    @property
    def content(self) -> bytes:
        """The entries as bytes, by which equal tensors are known."""
        return b"".join(array.tobytes() for array in (self.rows, self.cols, self.vals))

    def apply(self, u: FloatArray) -> FloatArray:
        """Return F u^(x)l, shape (n,), for u of shape (n,)."""
        return self.contract([u] * self.degree)

    def contract(self, vectors: Sequence[FloatArray]) -> FloatArray:
        """Return F (v_1 (x) ... (x) v_l), shape (n,): slot s meets `vectors[s]`."""
        if len(vectors) != self.degree:
            raise InternalError(f"{len(vectors)} vectors for a tensor of degree {self.degree}")
        terms = np.array(self.vals)
        for slot, vector in enumerate(vectors):
            terms *= np.asarray(vector)[self.cols[:, slot]]
        return np.asarray(np.bincount(self.rows, weights=terms, minlength=self.n), dtype=np.float64)

    def scale(self, factor: float | Fraction) -> SparseTensor:
        """Return the tensor times a number; it stays exact if the number is a Fraction or an int."""
        if self.exact is None or isinstance(factor, float):
            return self.with_values(self.vals * float(factor), lost=self.lost * abs(float(factor)))
        exact = tuple(value * factor for value in self.exact)
        return self.with_values(np.array([float(value) for value in exact]), exact)

    def with_values(
        self, vals: FloatArray, exact: tuple[Fraction, ...] | None = None, lost: float = 0.0
    ) -> SparseTensor:
        """Return the same pattern with other values (zeros are kept)."""
        return replace(self, vals=vals, exact=exact, lost=lost)

    def chosen(self, places: IntArray) -> SparseTensor:
        """Return the entries at some places of the list, in that order."""
        return replace(
            self,
            rows=self.rows[places],
            cols=self.cols[places],
            vals=self.vals[places],
            exact=None if self.exact is None else tuple(self.exact[place] for place in places.tolist()),
        )

    def above(self, least: float) -> SparseTensor:
        """Return the tensor without its entries of at most `least`, their norm in `lost`; exact entries stay."""
        small = np.abs(self.vals) <= least
        if self.exact is not None or not small.any():
            return self
        return replace(self.chosen(np.flatnonzero(~small)), lost=self.lost + frobenius(self.vals[small]))

    def plus_identity(self) -> SparseTensor:
        """Return I + F for a tensor of degree 1, in canonical form."""
        if self.degree != 1:
            raise InternalError(f"the identity has degree 1, not {self.degree}")
        diagonal = np.arange(self.n)
        exact = None if self.exact is None else (*self.exact, *[Fraction(1)] * self.n)
        return SparseTensor.build(
            n=self.n,
            degree=1,
            rows=np.concatenate((self.rows, diagonal)),
            cols=np.concatenate((self.cols[:, 0], diagonal)),
            vals=np.concatenate((self.vals, np.ones(self.n))),
            exact=exact,
            lost=self.lost,
        )

    @cached_property
    def norm_inf(self) -> float:
        """The largest row sum of absolute values."""
        return _largest(np.bincount(self.rows, np.abs(self.vals), minlength=1))

    @cached_property
    def norm1(self) -> float:
        """The largest column sum of absolute values."""
        return _largest(np.abs(self._compressed(symmetric=False)).sum(axis=0))

    @cached_property
    def first_slot_sum(self) -> float:
        """The largest sum of absolute values over the entries of one first index."""
        return _largest(np.bincount(self.cols[:, 0], np.abs(self.vals), minlength=1))

    @property
    def slot_norm(self) -> float:
        """A bound of ||F (v (x) w ... w)||_2 over ||v||_2 ||w||_inf^(l-1), v in slot 1 (Schur's test)."""
        return math.sqrt(self.first_slot_sum * self.norm_inf)

    @property
    def norm2_bound(self) -> float:
        """sqrt(norm1 norm_inf), which is at least the spectral norm (Schur's test; proved)."""
        return math.sqrt(self.norm1 * self.norm_inf)

    @cached_property
    def norm2(self) -> float:
        """The spectral norm of this flattening, `norm2_bound` where the smaller side exceeds 1024."""
        return self._norm2(symmetric=False)

    @property
    def encoded_norm2(self) -> float:
        """`norm2`: an explicit tensor is encoded in the flattening it has."""
        return self.norm2

    @cached_property
    def symmetric_norm2(self) -> float:
        """The spectral norm of F Pi_sym, at most `norm2`: what acts on u^(x)l.

        In canonical form, the monomial with multiplicity p is a column of F Pi_sym of length 1/sqrt(p)
        (THEORY section 1; derived here). Beyond 1024 it is Schur's bound for that matrix.
        """
        return self.norm2 if self.degree < 2 else self._norm2(symmetric=True)

    @property
    def norm2_is_exact(self) -> bool:
        """Whether `norm2` is the spectral norm itself (to rounding) rather than a bound."""
        return bool(min(self._compressed(symmetric=False).shape) <= EXACT_NORM_LIMIT)

    def to_sparse(self) -> sparse.csr_matrix:
        """Return the (n, n^l) scipy CSR matrix; column i_1 n^(l-1) + ... + i_l, slot 1 most significant."""
        if self.n**self.degree >= 2**62:
            size = f"{self.n}^{self.degree} columns"
            raise TooLarge("the matrix of a tensor", size=size, limit="2^62", instead="Use the index tuples.")
        column = np.zeros(self.nnz, dtype=np.int64)
        for slot in range(self.degree):
            column = column * self.n + self.cols[:, slot]
        return sparse.csr_matrix((self.vals, (self.rows, column)), shape=(self.n, self.n**self.degree))

    def _compressed(self, *, symmetric: bool) -> sparse.csr_matrix:
        """Return the CSR matrix on the columns that occur (`symmetric`: of F Pi_sym, orthonormal basis)."""
        if not self.nnz or not self.degree:
            shape = (self.n, 1)
            return sparse.csr_matrix(
                (self.vals, (self.rows, np.zeros(self.nnz, dtype=np.int64))), shape=shape
            )
        cols = np.sort(self.cols, axis=1) if symmetric else self.cols
        groups = group_rows(list(cols.T), [self.n] * self.degree)
        column = np.empty(self.nnz, dtype=np.int64)
        column[groups.order] = np.repeat(np.arange(groups.count), groups.sizes)
        vals = self.vals / np.sqrt(multiplicities(cols)) if symmetric else self.vals
        return sparse.csr_matrix((vals, (self.rows, column)), shape=(self.n, groups.count))

    def _norm2(self, *, symmetric: bool) -> float:
        matrix = self._compressed(symmetric=symmetric)
        if not matrix.nnz:
            return 0.0
        if min(matrix.shape) > EXACT_NORM_LIMIT:
            absolute = np.abs(matrix)
            return math.sqrt(_largest(absolute.sum(axis=0)) * _largest(absolute.sum(axis=1)))
        return spectral_norm(matrix)


def no_entries(n: int, degree: int) -> SparseTensor:
    """Return the tensor without entries."""
    empty = np.zeros(0, dtype=np.int64)
    return SparseTensor(
        n=n, degree=degree, rows=empty, cols=empty.reshape(0, degree), vals=np.zeros(0), exact=()
    )


def frobenius(values: FloatArray) -> float:
    """Return the Frobenius norm, rounded up: at least the spectral norm of whatever holds these entries."""
    return float(np.linalg.norm(values)) * (1 + 1e-9)


def _frozen(array: npt.ArrayLike, dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    """Return a read-only array of the type, copied only if the caller could still write to it."""
    result = np.ascontiguousarray(array, dtype=dtype)
    if result.flags.writeable and (result is array or result.base is not None):
        result = result.copy()
    result.flags.writeable = False
    return result


def _largest(values: npt.ArrayLike) -> float:
    return float(np.max(values)) if np.size(values) else 0.0


def _sum_exact(exact: Sequence[Fraction], order: IntArray, starts: IntArray) -> list[Fraction]:
    ordered = [exact[k] for k in order]
    stops = [*starts[1:].tolist(), len(ordered)]
    return [
        ordered[start] if stop == start + 1 else sum(ordered[start:stop], Fraction(0))
        for start, stop in zip(starts.tolist(), stops, strict=True)
    ]
