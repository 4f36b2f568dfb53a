"""The block matrix of a recursion x(t + 1) = B_t x(t): the identity, less B_t below the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from carlemanc.core.errors import InternalError


def lower_bidiagonal(blocks: Sequence[Any]) -> Any:
    """Return the unit lower bidiagonal matrix with -`blocks[t]` (all of one size) at block (t + 1, t), csr."""
    if not blocks:
        raise InternalError("a bidiagonal matrix without blocks has no size")
    size, parts = blocks[0].shape[0], {id(block): sp.coo_matrix(block) for block in blocks}
    chosen = [parts[id(block)] for block in blocks]
    offsets = [np.full(part.nnz, time * size) for time, part in enumerate(chosen)]
    offset = np.concatenate(offsets)
    rows = np.concatenate([part.row for part in chosen]) + offset + size
    columns = np.concatenate([part.col for part in chosen]) + offset
    length = size * (len(blocks) + 1)
    moves = sp.csr_matrix((np.concatenate([part.data for part in chosen]), (rows, columns)), (length, length))
    return sp.csr_matrix(sp.identity(length, format="csr") - moves)
