"""The block matrix of a recursion, and the norm of the scalar history system: block norms b_N in place of blocks.

The latter is that of (I - S (x) b_N)^-1.

In: tables of block norms and the order in which they act. Out: an upper bound of the spectral norm, by
Collatz-Wielandt: for a positive vector v, lambda_max(M) <= max_i (M v)_i / v_i with M = K^T K, K >= 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import ArpackError, LinearOperator, SuperLU, eigsh, splu

from carlemanc.core.arrays import Vector


def lower_bidiagonal(blocks: Sequence[sp.csr_matrix], *, size: int, times: int) -> sp.csr_matrix:
    """Return the unit lower triangular matrix with -`blocks[t]` at block (t + 1, t), csr.

    Args:
        blocks: square, of `size` rows; at most times - 1 of them.
        times: number of blocks on the diagonal.
    """
    identity = sp.identity(size * times, format="csr")
    if not blocks:
        return identity
    parts = {id(block): sp.coo_matrix(block) for block in blocks}
    chosen = [parts[id(block)] for block in blocks]
    offset = np.concatenate([np.full(part.nnz, time * size) for time, part in enumerate(chosen)])
    rows = np.concatenate([part.row for part in chosen]) + offset + size
    columns = np.concatenate([part.col for part in chosen]) + offset
    moves = sp.csr_matrix((np.concatenate([part.data for part in chosen]), (rows, columns)), identity.shape)
    return sp.csr_matrix(identity - moves)


def history_norm(tables: Vector, schedule: Sequence[int], padding: int) -> float:
    """Bound ||(I - S (x) b_N)^-1||_2, p copies at the end, by a Collatz-Wielandt quotient; inf on overflow.

    Block t is `tables[schedule[t]]`. The quotient is a proved bound for any positive vector; Lanczos and two
    power steps make it a sharp one.
    """
    blocks, copy = [sp.csr_matrix(table) for table in tables], sp.identity(tables.shape[1])
    if not (schedule or padding):
        return 1.0
    steps = [*(blocks[index] for index in schedule), *[copy] * padding]
    matrix = lower_bidiagonal(steps, size=tables.shape[1], times=len(steps) + 1).tocsc()
    factors = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0)
    vector = _perron_start(factors, matrix.shape[0])
    least = math.inf
    for _ in range(3):
        image = factors.solve(factors.solve(vector), trans="T")
        if not np.all(np.isfinite(image)):
            return math.inf
        least = min(least, float(np.max(image / vector)))
        vector = np.maximum(image / image.max(), 1e-100)
    return math.sqrt(least)


def _perron_start(factors: SuperLU, size: int) -> Vector:
    """Return a positive vector near the leading eigenvector of K^T K, K = (I - S (x) b_N)^-1."""
    ones = np.ones(size)
    image = factors.solve(factors.solve(ones), trans="T")
    if size < 3 or not np.all(np.isfinite(image)):
        return ones
    operator = LinearOperator(
        (size, size), matvec=lambda x: factors.solve(factors.solve(x), trans="T"), dtype=np.float64
    )
    try:
        _, vectors = eigsh(operator, k=1, which="LA", v0=image, tol=1e-8, maxiter=200)
    except ArpackError:
        return np.asarray(np.maximum(image / image.max(), 1e-100))
    vector = np.abs(vectors[:, 0])
    return np.asarray(np.maximum(vector / vector.max(), 1e-12))
