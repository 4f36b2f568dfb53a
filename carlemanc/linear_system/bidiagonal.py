"""The block matrix of a recursion x(t + 1) = B_t x(t): the identity, less B_t below the diagonal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp


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
