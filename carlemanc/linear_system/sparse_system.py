"""A linear system L x = b as it is given: a sparse matrix and a vector from files, padded to a power of two.

Comes in: an .npz file of scipy and an .npy file. Goes out: a `SparseSystem`, real, finite and invertible, in the
basis of the quantum register: entry i is basis state i, and unused states carry the identity, scaled to the matrix's
largest entry, with b = 0.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh, splu, spsolve

from carlemanc.core.errors import InputError, Problem, TooLarge

FloatArray = npt.NDArray[np.float64]

MAX_ROWS = 1 << 20
"""Rows that are read; the circuit's own limit is lower (`block_encoding.sparse_matrix`)."""
_DENSE = 600
"""Rows up to which the singular values are all computed."""
_SINGULAR = 1e-14
"""sigma_min / sigma_max below which double precision says nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SparseSystem:
    """L x = b.

    Args:
        matrix: L padded, (2^m, 2^m), m >= 1, real CSR.
        rhs: b padded, (2^m,).
        size: number of unknowns as given; those after it are padding, zero in x.
    """

    matrix: sparse.csr_array
    rhs: FloatArray
    size: int

    @cached_property
    def _factors(self) -> Any:
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
            raise _singular()
        return largest, least

    @cached_property
    def solution(self) -> FloatArray:
        """x by scipy's sparse direct solver, (size,)."""
        _ = self.singular_values
        return np.asarray(spsolve(sparse.csc_array(self.matrix), self.rhs)[: self.size])


def load_sparse_system(matrix: Path, rhs: Path, origin: str) -> SparseSystem:
    """Return the system of two files. Raises InputError with every problem, TooLarge beyond `MAX_ROWS`."""
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


def padded(matrix: Any, rhs: Any) -> SparseSystem:
    """Return a real square system filled up to a power of two of at least 2 rows."""
    size = int(matrix.shape[0])
    if size > MAX_ROWS:
        raise TooLarge("the linear system", size=f"{size:,} rows", limit=f"{MAX_ROWS:,}", instead="")
    rows = 1 << max(1, (size - 1).bit_length())
    whole = sparse.csr_array(matrix, dtype=np.float64)
    if rows > size:
        unit = float(abs(whole).max())
        whole = sparse.block_diag([whole, unit * sparse.eye_array(rows - size)], format="csr")
    full = sparse.csr_array(whole)
    full.sum_duplicates()
    full.eliminate_zeros()
    vector = np.zeros(rows)
    vector[:size] = np.asarray(rhs, dtype=np.float64)
    return SparseSystem(matrix=full, rhs=vector, size=size)


def _read_matrix(path: Path, origin: str, problems: list[Problem]) -> Any:
    where = f"{origin}: system.matrix"
    allowed = "a sparse matrix as scipy.sparse.save_npz writes it"
    try:
        found = sparse.load_npz(path)
    except Exception as error:  # whatever a stranger's file makes of it
        problems.append(Problem(where=where, found=f"{path.name}: {_line(error)}", allowed=allowed))
        return None
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.shape[0] < 1:
        shape = " x ".join(map(str, found.shape))
        problems.append(Problem(where=where, found=f"a matrix of {shape}", allowed="a square matrix"))
        return None
    problem = _numbers(np.asarray(found.data))
    if problem:
        problems.append(Problem(where=where, found=problem, allowed="real finite numbers, not all zero"))
        return None
    return found


def _read_vector(path: Path, origin: str, problems: list[Problem]) -> FloatArray | None:
    where = f"{origin}: system.rhs"
    try:
        found = np.load(path, allow_pickle=False)
    except Exception as error:
        problems.append(Problem(where=where, found=f"{path.name}: {_line(error)}", allowed="a .npy array"))
        return None
    if not isinstance(found, np.ndarray) or found.ndim != 1:
        problems.append(Problem(where=where, found="no vector", allowed="an array of one dimension"))
        return None
    problem = _numbers(found)
    if problem:
        problems.append(Problem(where=where, found=problem, allowed="real finite numbers, not all zero"))
        return None
    return np.asarray(found, dtype=np.float64)


def _numbers(values: npt.NDArray[Any]) -> str:
    if values.dtype.kind == "c":
        return "complex numbers"
    if values.dtype.kind not in "fiub":
        return f"values of type {values.dtype}"
    if not np.all(np.isfinite(values)):
        return "NaN or infinity"
    return "" if np.any(values) else "zeros alone"


def _top(operator: LinearOperator) -> float:
    return float(eigsh(operator, k=1, which="LA", return_eigenvectors=False, tol=1e-8)[0])


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _singular() -> InputError:
    problem = Problem(where="system.matrix", found="a singular matrix", allowed="an invertible one")
    return InputError("the linear system has no unique solution", [problem])
