"""The truncated Carleman matrix B as an explicit sparse matrix, for sizes where that fits.

Blocks by recursion over the output slots, B^j_k = sum_l G_l (x) B^{j-1}_{k-l} (THEORY 2.1), or with the
number of factors F counted for `corrections` = p (THEORY 2.2). Independent of `step.py`, which tests
compare it with.
"""

from __future__ import annotations

from collections.abc import Mapping

import scipy.sparse as sp

from carlemanc.core.errors import TooLarge
from carlemanc.model.sparse_tensor import SparseTensor

MAX_ENTRIES = 50_000_000
"""Largest number of stored entries (about 800 MB while building)."""


def assemble(
    n: int, levels: tuple[int, ...], factors: Mapping[int, SparseTensor], corrections: int | None
) -> sp.csr_matrix:
    """Return B (csr, levels concatenated in kron order); `factors` as in `step_operator`.

    Raises TooLarge above `MAX_ENTRIES` entries, counted before anything is built.
    """
    top = levels[-1]
    limit = 0 if corrections is None else min(corrections, top)
    entries = count_entries(n, levels, factors, corrections)
    if entries > MAX_ENTRIES:
        raise TooLarge(
            "the explicit Carleman matrix",
            size=f"about {entries:.3g} entries",
            limit=f"{MAX_ENTRIES:.1e}",
            instead="The matrix-free step and the block encoding need no matrix.",
        )
    rows = _slot_rows(n, top, factors, corrections, limit)
    blocks = [[_sum_used(rows[j], k, limit) for k in levels] for j in levels]
    shaped = [
        [
            block if block is not None else sp.csr_matrix((n**j, n**k))
            for k, block in zip(levels, row, strict=True)
        ]
        for j, row in zip(levels, blocks, strict=True)
    ]
    return sp.bmat(shaped, format="csr")


def _slot_rows(
    n: int, top: int, factors: Mapping[int, SparseTensor], corrections: int | None, limit: int
) -> list[dict[tuple[int, int], sp.csr_matrix]]:
    """Return, for j = 0..top, the blocks {(k, factors used): matrix n^j x n^k} with k <= top."""
    price = 0 if corrections is None else 1
    steps = [(degree, price, tensor.to_sparse()) for degree, tensor in sorted(factors.items())]
    if corrections is not None:
        steps.append((1, 0, sp.identity(n, format="csr")))
    rows: list[dict[tuple[int, int], sp.csr_matrix]] = [{(0, 0): sp.identity(1, format="csr")}]
    for _ in range(top):
        row: dict[tuple[int, int], sp.csr_matrix] = {}
        for (k, used), block in rows[-1].items():
            for degree, cost, matrix in steps:
                key = (k + degree, used + cost)
                if key[0] > top or key[1] > limit:
                    continue
                term = sp.kron(matrix, block, format="csr")
                row[key] = row[key] + term if key in row else term
        rows.append(row)
    return rows


def _sum_used(row: dict[tuple[int, int], sp.csr_matrix], k: int, limit: int) -> sp.csr_matrix | None:
    """Add up the blocks of column level k over the number of factors used; None where there is none."""
    found = [row[k, used] for used in range(limit + 1) if (k, used) in row]
    return sum(found[1:], found[0]) if found else None


def count_entries(
    n: int, levels: tuple[int, ...], factors: Mapping[int, SparseTensor], corrections: int | None
) -> int:
    """Bound the number of entries of B from those of its factors (p ignored), without building anything."""
    top = levels[-1]
    nnz = {degree: int(tensor.vals.size) for degree, tensor in factors.items()}
    if corrections is not None:
        nnz[1] = nnz.get(1, 0) + n
    table = [[1] + [0] * top]
    for _ in range(top):
        last = table[-1]
        table.append([sum(c * last[k - d] for d, c in nnz.items() if d <= k) for k in range(top + 1)])
    return sum(table[j][k] for j in levels for k in levels)
