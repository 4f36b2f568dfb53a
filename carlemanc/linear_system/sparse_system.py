"""A linear system L x = b as it is given: a sparse matrix and a vector from files, padded to a power of two.

Comes in: an .npz file of scipy and an .npy file. Goes out: a `SparseSystem`, real, finite and invertible, in the
basis of the quantum register: entry i is basis state i, and unused states carry the identity, scaled to the matrix's
largest entry, with b = 0. Where the largest entry of L or b is above 1e100 or below 1e-100, it is measured in a power
of two, exactly, so that no norm over- or underflows; `exponent` says by which x is to be multiplied.
"""

from __future__ import annotations

import math
import sys
import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, SuperLU, eigsh, splu, spsolve

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.held_file import DataFile
from carlemanc.linear_system.sparse_file import read_square_matrix
from carlemanc.model.array_file import ArrayFileError, finite_numbers, read_array

_DENSE = 600
"""Rows up to which the singular values are all computed."""
_TINY, _HUGE = 1e-100, 1e100
"""Between these the largest number of L or b is left as it is."""
_SINGULAR = 1e-14
"""sigma_min / sigma_max below which double precision says nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SparseSystem:
    """L x = b.

    Args:
        matrix: L padded, (2^m, 2^m), m >= 1, real CSR.
        rhs: b padded, (2^m,).
        size: number of unknowns as given; those after it are padding, zero in x.
        exponent: the x that was asked for is 2^exponent L^-1 b; 0 unless numbers are huge or tiny.
    """

    matrix: sparse.csr_array
    rhs: FloatArray
    size: int
    exponent: int = 0

    @cached_property
    def _factors(self) -> SuperLU:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return splu(sparse.csc_matrix(self.matrix))
        except RuntimeError as error:
            raise _singular() from error

    @cached_property
    def singular_values(self) -> tuple[float, float]:
        """||L|| and sigma_min: all singular values of a small matrix, else by Lanczos. Raises InputError."""
        rows = self.matrix.shape[0]
        if rows <= _DENSE:
            values = np.linalg.svd(self.matrix.toarray(), compute_uv=False)
            largest, least = float(values[0]), float(values[-1])
        else:
            factors = self._factors
            inverse = LinearOperator(
                (rows, rows), matvec=lambda v: factors.solve(factors.solve(v, "T")), dtype=np.float64
            )
            normal = LinearOperator(
                (rows, rows), matvec=lambda v: self.matrix.T @ (self.matrix @ v), dtype=np.float64
            )
            largest, least = math.sqrt(_top(normal)), 1 / math.sqrt(_top(inverse))
        if not least > _SINGULAR * largest:
            raise _unresolved(largest, least)
        return largest, least

    @cached_property
    def solution(self) -> FloatArray:
        """L^-1 b by scipy's sparse direct solver, (size,)."""
        _ = self.singular_values
        return np.asarray(spsolve(sparse.csc_array(self.matrix), self.rhs)[: self.size])

    def as_asked(self, x: FloatArray) -> FloatArray:
        """Return L^-1 b in the units of the files that were given. Raises InputError where no double holds it."""
        exponent = self.exponent + math.frexp(float(abs(x).max()))[1]
        if not sys.float_info.min_exp <= exponent <= sys.float_info.max_exp:
            problem = Problem(
                where="system.rhs",
                found=f"a solution of size 2^{exponent}",
                allowed="one that double precision holds, from 2^-1021 to 2^1024: multiply b by a power of ten",
            )
            raise InputError("the solution of the linear system over- or underflows", [problem])
        return np.ldexp(x, self.exponent)


def load_sparse_system(matrix: DataFile, rhs: DataFile, origin: str) -> SparseSystem:
    """Return the system of two files. Raises InputError with every problem, TooLarge beyond the rows that are read."""
    problems: list[Problem] = []
    found, vector = _read_matrix(matrix, origin, problems), _read_vector(rhs, origin, problems)
    if found is not None and vector is not None and vector.size != found.shape[0]:
        problems.append(
            Problem(
                where=f"{origin}: system.rhs",
                found=f"{vector.size} numbers",
                allowed=f"{found.shape[0]}, as many as the matrix has rows",
            )
        )
    if problems or found is None or vector is None:
        raise InputError("the linear system cannot be used", problems)
    return padded(found, vector)


def padded(matrix: sparse.csr_array, rhs: FloatArray) -> SparseSystem:
    """Return a real square system filled up to a power of two of at least 2 rows."""
    size = int(matrix.shape[0])
    rows = 1 << max(1, (size - 1).bit_length())
    matrix_exponent, rhs_exponent = _exponent(matrix.data), _exponent(rhs)
    full = matrix.copy()
    full.data = np.ldexp(full.data, -matrix_exponent)
    if rows > size:
        unit = float(abs(full).max())
        full = sparse.csr_array(sparse.block_diag([full, unit * sparse.eye_array(rows - size)], format="csr"))
    full.sum_duplicates()
    full.eliminate_zeros()
    vector = np.zeros(rows)
    vector[:size] = np.ldexp(rhs, -rhs_exponent)
    return SparseSystem(matrix=full, rhs=vector, size=size, exponent=rhs_exponent - matrix_exponent)


def _exponent(values: FloatArray) -> int:
    """Return the power of two that values are measured in: 0 where squares and products of them are ordinary."""
    largest = float(abs(values).max())
    return 0 if _TINY <= largest <= _HUGE else math.frexp(largest)[1]


def _read_matrix(path: DataFile, origin: str, problems: list[Problem]) -> sparse.csr_array | None:
    try:
        return read_square_matrix(path)
    except ArrayFileError as error:
        problems.append(
            Problem(
                where=f"{origin}: system.matrix",
                found=str(error),
                allowed="a square matrix of real finite numbers, not all zero, as scipy.sparse.save_npz writes it",
            )
        )
    return None


def _read_vector(path: DataFile, origin: str, problems: list[Problem]) -> FloatArray | None:
    where = f"{origin}: system.rhs"
    try:
        found = finite_numbers(read_array(path), path.name)
    except ArrayFileError as error:
        allowed = "a vector of real finite numbers, not all zero, as numpy.save writes it"
        problems.append(Problem(where=where, found=str(error), allowed=allowed))
        return None
    if found.ndim != 1:
        problems.append(
            Problem(where=where, found=f"shape {found.shape}", allowed="an array of one dimension")
        )
        return None
    if not np.any(found):
        problems.append(
            Problem(where=where, found="zeros alone", allowed="at least one number that is not 0")
        )
        return None
    return found


def _top(operator: LinearOperator) -> float:
    return float(eigsh(operator, k=1, which="LA", return_eigenvectors=False, tol=1e-8)[0])


def _singular() -> InputError:
    problem = Problem(where="system.matrix", found="a singular matrix", allowed="an invertible one")
    return InputError("the linear system has no unique solution", [problem])


def _unresolved(largest: float, least: float) -> InputError:
    """What is singular, or so near to it that double precision cannot tell."""
    problem = Problem(
        where="system.matrix",
        found=f"singular values from {largest:.3g} down to {least:.3g}",
        allowed=f"a condition number of at most {1 / _SINGULAR:.0e}, which double precision resolves",
        help="scale rows and columns to numbers of one size, or leave out what a singular matrix does not determine",
    )
    return InputError("the linear system is singular, or too near to it for double precision", [problem])
