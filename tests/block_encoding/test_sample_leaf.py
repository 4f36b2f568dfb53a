"""The sample leaf: its block against the sum of outer products, its counts, unitarity in all variants."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

from carlemanc.block_encoding.sample_leaf import SampleLeaf, sample_table
from carlemanc.bloqs.loading import Loading
from carlemanc.programs.bloq_counts import count
from tests.bloqs.checks import action, check_action, check_counts

CASES = {
    "one sample": (1, 2, 1),
    "linear": (3, 4, 1),
    "linear, n not a power of two": (5, 3, 1),
    "cubic": (3, 2, 3),
    "quadratic": (4, 3, 2),
}


def factors(samples, n, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=samples), rng.normal(size=(samples, n))


@pytest.mark.parametrize(
    "loading", [Loading(), Loading(ancilla_budget=30, rotation_t=1e4)], ids=["plain", "loaded"]
)
@pytest.mark.parametrize("name", CASES)
def test_block_is_the_sum_over_samples(name, loading):
    samples, n, degree = CASES[name]
    weights, vectors = factors(samples, n)
    m = (n - 1).bit_length()
    table = sample_table(weights, vectors, degree, m, loading)
    assert table.alpha == pytest.approx(
        sum(abs(w) * np.linalg.norm(v) ** (degree + 1) for w, v in zip(weights, vectors, strict=True))
    )
    bloq = SampleLeaf(table=table, loading=loading)
    check_counts(bloq)
    found = table.alpha * action(bloq, ["slots"])[: 1 << m]
    padded = np.pad(vectors, ((0, 0), (0, (1 << m) - n)))
    columns = [reduce(np.kron, [v] * degree) for v in padded]
    wanted = sum(w * np.outer(v, c) for w, v, c in zip(weights, padded, columns, strict=True))
    assert np.abs(found - wanted).max() < 1e-9 * table.alpha


@pytest.mark.parametrize("degree", [1, 2])
def test_unitary_in_all_variants(degree):
    weights, vectors = factors(2, 2)
    bloq = SampleLeaf(table=sample_table(weights, vectors, degree, 1))
    matrix = action(bloq)
    assert np.abs(matrix.T @ matrix - np.eye(len(matrix))).max() < 1e-12
    check_action(bloq, matrix, [r.name for r in bloq.signature])


def test_cost_does_not_grow_with_the_entries():
    """Degree 3 on 8 weights: 4,096 entries, and 16 samples of 8 amplitudes to load."""
    weights, vectors = factors(16, 8)
    counts = count(SampleLeaf(table=sample_table(weights, vectors, 3, 3)))
    assert counts.toffoli + counts.rotation_count < 1500
