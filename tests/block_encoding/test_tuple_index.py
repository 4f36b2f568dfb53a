"""Numbering of tuples: one-to-one on structured sets too, where a linear hash alone may not exist."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from carlemanc.block_encoding.table.tuple_index import tuple_index


@pytest.mark.parametrize("pattern", list(itertools.product((-1, 0, 1, 2), repeat=3)))
@pytest.mark.parametrize("n", [3, 5, 6])
def test_neighbors_on_a_ring(n: int, pattern: tuple[int, ...]) -> None:
    tuples = np.array([[(i + offset) % n for offset in pattern] for i in range(n)], dtype=np.int64)
    found = tuple_index(tuples, (n - 1).bit_length()).of(tuples)
    assert len(set(found.tolist())) == n


@pytest.mark.parametrize("n", range(2, 20))
def test_pairs_and_squares(n: int) -> None:
    """theta_i^2 theta_(i+1) and theta_i theta_(i+1)^2 together: at n = 3 no hash of the first size exists."""
    tuples = np.array(
        sorted({(i, i, (i + 1) % n) for i in range(n)} | {(i, (i + 1) % n, (i + 1) % n) for i in range(n)}),
        dtype=np.int64,
    )
    for columns in (tuples, tuples[:, 1:], tuples[:, :2]):
        distinct = np.unique(columns, axis=0)
        found = tuple_index(distinct, (n - 1).bit_length()).of(distinct)
        assert len(set(found.tolist())) == len(distinct)
