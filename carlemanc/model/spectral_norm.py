"""The spectral norm of a sparse matrix, by the eigenvalues of its smaller Gram matrix; those of small ones are kept."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import sparse

from carlemanc.core.arrays import FloatArray, IntArray

_REMEMBERED = 20_000
"""Norms of matrices of up to so many entries are kept: the estimates of one spec make them again for every T."""


def spectral_norm(matrix: sparse.csr_matrix) -> float:
    """Return the largest singular value of a matrix with entries.

    It is infinite where an entry is not finite: the bounds made of it then say nothing, and say so.
    """
    arrays = (matrix.data, matrix.indices, matrix.indptr)
    if matrix.nnz > _REMEMBERED:
        return _computed(matrix.shape, *arrays)
    return _remembered(matrix.shape, *((array.tobytes(), array.dtype.str) for array in arrays))


@lru_cache(maxsize=128)
def _remembered(shape: tuple[int, int], *arrays: tuple[bytes, str]) -> float:
    data, indices, indptr = (np.frombuffer(text, dtype=kind) for text, kind in arrays)
    return _computed(shape, data, indices, indptr)


def _computed(shape: tuple[int, int], data: FloatArray, indices: IntArray, indptr: IntArray) -> float:
    scale = float(np.abs(data).max())
    if not 0.0 < scale < math.inf:
        return scale if scale == 0.0 else math.inf
    matrix = sparse.csr_matrix((data / scale, indices, indptr), shape=shape)
    gram = matrix @ matrix.T if shape[0] <= shape[1] else matrix.T @ matrix
    return scale * math.sqrt(max(float(np.linalg.eigvalsh(gram.toarray())[-1]), 0.0))
