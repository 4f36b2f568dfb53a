"""`given`: a linear system of arrays as a spec, wherever a spec is taken.

Comes in: a matrix and a right-hand side of a Python session. Goes out: a `ModelSpec` with a `[system]` whose data files
are held in memory, named by the digest of their content: what is cached and fingerprinted follows the numbers, and
results that are written into a directory have the files beside them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from carlemanc.core.arrays import Array, FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.linear_system.sparse_file import check_rows
from carlemanc.model.array_file import ArrayFileError, finite_numbers
from carlemanc.spec.loading import load_spec
from carlemanc.spec.problems import Origin
from carlemanc.spec.schema import ModelSpec

_DIGITS = 16
"""Of the digest, in the name of a file."""


def given(
    matrix: ArrayLike | sparse.sparray | sparse.spmatrix,
    rhs: ArrayLike,
    *,
    name: str = "given",
    overrides: Iterable[str] = (),
) -> ModelSpec:
    """Return the spec of the linear system A x = b, to be run, compiled, estimated, verified, or solved side by side.

    Args:
        matrix: A, (n, n) real: an array, nested lists, or a sparse matrix of scipy; the numbers are copied.
        rhs: b, (n,) or (n, 1) real.
        name: in results.
        overrides: `KEY=VALUE` strings, such as "solver.epsilon=1e-3".

    Raises InputError with everything that is wrong with the two, TooLarge beyond the rows that are read.

    >>> given([[2.0, 1.0], [0.0, 1.0]], [1.0, 1.0], name="pair").name
    'pair'
    """
    problems: list[Problem] = []
    entries, vector = _matrix(matrix, problems), _vector(rhs, problems)
    if entries is not None and vector is not None and vector.size != entries.shape[0]:
        allowed = f"{entries.shape[0]}, as many as A has rows"
        problems.append(Problem(where="given: b", found=f"{vector.size} numbers", allowed=allowed))
    if problems or entries is None or vector is None:
        raise InputError("the linear system cannot be used", problems)
    held = dict(
        [_held("matrix", ".npz", _matrix_bytes(entries)), _held("rhs", ".npy", _vector_bytes(vector))]
    )
    tables = {"name": name, "system": dict(zip(("matrix", "rhs"), held, strict=True))}
    return load_spec(ModelSpec.from_dict(tables, origin=Origin(label="given", held=held)), overrides)


def _matrix(matrix: Any, problems: list[Problem]) -> sparse.csr_array | None:
    """Return A in canonical CSR, None with a problem where it is no square matrix of real finite numbers."""
    allowed = "a square matrix of real finite numbers, not all zero: an array or a sparse matrix of scipy"
    try:
        found: Any = matrix if sparse.issparse(matrix) else _array(matrix, "A")
        if found.ndim != 2 or found.shape[0] != found.shape[1] or not found.shape[0]:
            raise ArrayFileError(f"A: shape {found.shape}")
        check_rows(found.shape[0])
        if sparse.issparse(found):
            rows = found.tocsr()
            entries = sparse.csr_array(
                (finite_numbers(rows.data, "A, its entries"), rows.indices, rows.indptr),
                shape=rows.shape,
                copy=True,
            )
        else:
            entries = sparse.csr_array(finite_numbers(found, "A"))
        entries.sum_duplicates()
        entries.eliminate_zeros()
        if not entries.nnz:
            raise ArrayFileError("A: zeros alone")
    except ArrayFileError as error:
        problems.append(Problem(where="given: A", found=str(error), allowed=allowed))
        return None
    return entries


def _vector(rhs: Any, problems: list[Problem]) -> FloatArray | None:
    try:
        found = finite_numbers(_array(rhs, "b"), "b")
        if found.ndim not in (1, 2) or found.shape[1:] not in ((), (1,)):
            raise ArrayFileError(f"b: shape {found.shape}")
        if not np.any(found):
            raise ArrayFileError("b: zeros alone")
    except ArrayFileError as error:
        allowed = "a vector of real finite numbers, not all zero"
        problems.append(Problem(where="given: b", found=str(error), allowed=allowed))
        return None
    return found.reshape(-1)


def _array(values: Any, label: str) -> Array:
    """Return an array of numbers. Raises ArrayFileError for what numpy makes none of, such as ragged lists."""
    try:
        return np.asarray(values.toarray() if sparse.issparse(values) else values)
    except (TypeError, ValueError) as error:
        raise ArrayFileError(f"{label}: {' '.join(str(error).split())}") from None


def _matrix_bytes(matrix: sparse.csr_array) -> bytes:
    stream = io.BytesIO()
    sparse.save_npz(stream, matrix, compressed=False)
    return stream.getvalue()


def _vector_bytes(vector: FloatArray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, vector)
    return stream.getvalue()


def _held(part: str, suffix: str, content: bytes) -> tuple[str, bytes]:
    """Return the name of a content, which tells it from every other, and the content."""
    return f"{part}-{hashlib.sha256(content).hexdigest()[:_DIGITS]}{suffix}", content
