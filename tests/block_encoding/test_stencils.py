"""The stencil leaf against L, column by column, unused ones included; counted = emitted; polylog counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.block_encoding import encode
from carlemanc.circuit.emitter import emit
from carlemanc.model.lattice.sites import Lattice
from tests.block_encoding.lattices import lattice_history, random_lattice_map
from tests.bloqs.checks import check_counts, columns_of

EXTENTS = [(1,), (2,), (3,), (4,), (5,), (6,), (8,), (2, 2), (2, 3), (3, 2), (4, 2), (3, 3), (2, 2, 2), (2, 3, 2)]


def check_block(system, limit=96, seed=0):
    """Random columns of <0|U|0> (all of a small one) equal those of L / alpha."""
    encoding = encode(system, leaf="stencil")
    program = emit(encoding)
    size = 1 << system.layout.width
    columns = list(range(size))
    if size > limit:
        columns = sorted(np.random.default_rng(seed).choice(size, size=limit, replace=False).tolist())
    found = encoding.alpha * columns_of(program, "system", columns)
    expected = system.matrix()[:, columns].toarray()
    assert np.abs(found - expected).max() < 1e-11 * encoding.alpha
    return encoding


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**31),
    dims=st.sampled_from(EXTENTS),
    periodic=st.booleans(),
    degrees=st.sampled_from([(1,), (1, 2), (1, 3), (3,), (1, 2, 3), (0, 1, 2), (0, 1, 3), (0, 1)]),
    order=st.integers(1, 3),
    steps=st.integers(1, 3),
    padding=st.integers(0, 2),
    gamma=st.sampled_from([1.0, 0.7]),
)
def test_columns_of_random_lattice_maps(seed, dims, periodic, degrees, order, steps, padding, gamma):
    rng = np.random.default_rng(seed)
    drawn = random_lattice_map(rng, Lattice(dims=dims, periodic=periodic), degrees)
    if drawn.lattice is None or not drawn.linear().nnz:
        return
    system = lattice_history(drawn, order=order, steps=steps, padding=padding, gamma=gamma)
    if system.layout.width <= 16:
        check_block(system, limit=32, seed=seed)
