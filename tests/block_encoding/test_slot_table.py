"""Colors cover every tensor once; selector weights are feasible, bounded below, and nearly optimal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from carlemanc.block_encoding.table.coloring import Color, color_tensor
from carlemanc.block_encoding.table.selector_weights import optimal_weights
from carlemanc.block_encoding.table.slot_table import build_slot_table
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.carleman.flattening import balance
from tests.block_encoding.systems import random_tensor
from tests.reference import tensor


def colors_cover(colors: list[Color]) -> list[list[float]]:
    """The (row, first, rest, value) entries that the colors hold, sorted."""
    found = []
    for color in colors:
        inverse = {row: first for first, row in enumerate(color.permutation)}
        for row, value in enumerate(color.values):
            if value:
                found.append([float(row), float(inverse[row]), float(color.rest[row]), value])
    return sorted(found)


def check_colors(t, slot_bits):
    colors = color_tensor(t, slot_bits)
    packed = (t.cols[:, 1:] << (slot_bits * np.arange(t.degree - 1))).sum(axis=1)
    wanted = sorted(
        zip(t.rows.tolist(), t.cols[:, 0].tolist(), packed.tolist(), t.vals.tolist(), strict=True)
    )
    assert colors_cover(colors) == [list(map(float, entry)) for entry in wanted]
    for color in colors:
        assert sorted(color.permutation) == list(range(1 << slot_bits))
        assert any(color.values)
        assert not any(value for row, value in enumerate(color.values) if row >= t.n)
    return colors


def largest_degree(t):
    return max(np.bincount(t.rows).max(), np.bincount(t.cols[:, 0]).max())


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(1, 12),
    degree=st.integers(1, 3),
    density=st.floats(0.02, 1.0),
    balanced=st.booleans(),
)
def test_colors_cover_every_entry_once(seed, n, degree, density, balanced):
    t = random_tensor(np.random.default_rng(seed), n, degree, density=density, scale=1.0)
    t = balance(t) if balanced else t
    slot_bits = (n - 1).bit_length()
    colors = check_colors(t, slot_bits)
    assert len(colors) <= largest_degree(
        t
    )  # König: as many as the largest degree, or fewer by offsets: never
    assert len(colors) == largest_degree(t)


def test_a_large_random_tensor_needs_no_more_colors_than_its_largest_degree():
    rng = np.random.default_rng(5)
    places = {(int(r), int(a), int(b)) for r, a, b in rng.integers(0, 100, (1500, 3))}
    t = tensor(100, 2, {place: rng.normal() for place in places})
    assert len(check_colors(balance(t), 7)) == largest_degree(balance(t))


def test_a_lattice_is_colored_by_offsets():
    """Neighbors on a ring of 2^m weights: three colors whose permutations are single XORs."""
    t = tensor(8, 1, {(i, i ^ d): 1.0 + d for i in range(8) for d in (0, 1, 2)})
    for color in check_colors(t, 3):
        offsets = {first ^ row for first, row in enumerate(color.permutation)}
        assert len(offsets) == 1


@pytest.mark.parametrize("n", [8, 16, 13])
def test_a_ring_or_chain_is_colored_by_shifts(n):
    """Neighbors at i + 1 and i - 1, periodic where n is a power of two, open otherwise: three additions."""
    periodic = n & (n - 1) == 0
    pairs = [(i, i + d) for i in range(n) for d in (-1, 0, 1) if periodic or 0 <= i + d < n]
    entries = {(i, j % n): 2.0 + j - i for i, j in pairs}
    slot_bits = (n - 1).bit_length()
    colors = check_colors(tensor(n, 1, entries), slot_bits)
    assert len(colors) == 3
    for color in colors:
        shifts = {(row - first) % (1 << slot_bits) for first, row in enumerate(color.permutation)}
        assert len(shifts) == 1


def worst_row(values, p):
    return np.sqrt((values**2 / p).sum(axis=1).max())


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**31), rows=st.integers(1, 8), colors=st.integers(1, 6), sparse=st.booleans())
def test_weights_are_feasible_and_above_the_spectral_bound(seed, rows, colors, sparse):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, colors)) * (rng.random((rows, colors)) < (0.5 if sparse else 1.0))
    values[rng.integers(rows), ~values.any(axis=0)] = 1.0
    p, alpha = optimal_weights(values)
    assert p.min() > 0
    assert p.sum() == pytest.approx(1)
    assert alpha == pytest.approx(worst_row(values, p), rel=1e-12)
    row_norms = np.linalg.norm(values, axis=1)
    assert alpha >= row_norms.max() - 1e-12
    assert alpha <= np.abs(values).max(axis=0).sum() * (1 + 1e-9)  # p_k ~ max_r |v_rk|, the plain choice


def dual_bound(values):
    """Lower bound of the optimum: max over row weights of sum_k sqrt(sum_r w_r v_rk^2), by an independent solver."""
    squares = values**2
    rows = len(values)

    def negative(w):
        return -np.sqrt(np.maximum(w, 0) @ squares + 1e-300).sum()

    best = max(
        -minimize(
            negative,
            start,
            bounds=[(0, 1)] * rows,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            options={"maxiter": 500, "ftol": 1e-14},
        ).fun
        for start in np.random.default_rng(0).dirichlet(np.ones(rows), 4)
    )
    return best


@pytest.mark.parametrize("seed", range(8))
def test_weights_reach_the_dual_optimum(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rng.integers(2, 7), rng.integers(2, 6)))
    alpha = optimal_weights(values)[1]
    assert alpha == pytest.approx(dual_bound(values), rel=1e-4)
    assert alpha >= dual_bound(values) * (1 - 1e-7)


def test_weights_of_alike_rows_are_their_absolute_sum():
    p, alpha = optimal_weights(np.array([[0.8, -0.1, 0.1]] * 4))
    assert alpha == pytest.approx(1.0)
    assert p == pytest.approx([0.8, 0.1, 0.1])


def test_weights_with_one_heavy_row():
    """A diagonal and one dense row: the dense row decides."""
    values = np.diag([1.0, 0.01, 0.01])
    values[0] = [1.0, 0.5, 0.5]
    assert optimal_weights(values)[1] == pytest.approx(2.0, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_table_amplitudes_reproduce_every_coefficient(seed):
    rng = np.random.default_rng(seed)
    n, slot_bits = 5, 3
    tensors = {degree: balance(random_tensor(rng, n, degree, density=0.3, scale=1.0)) for degree in (1, 2, 3)}
    table = build_slot_table([tensors], [1, 2, 3], slot_bits)
    left, right = np.array(table.left), np.array(table.right)
    assert np.linalg.norm(left) == pytest.approx(1)
    assert np.allclose(np.linalg.norm(right, axis=1), 1)
    coefficients = table.alpha * left * right
    found = {}
    for block in table.blocks:
        start = block.prefix << block.shift
        for place in range(start, start + block.colors):
            inverse = np.argsort(table.permutations[place])
            for row in range(1 << slot_bits):
                if abs(coefficients[row, place]) > 1e-15:
                    rest = table.rest[place * (1 << slot_bits) + row]
                    found[block.degree, row, int(inverse[row]), rest] = coefficients[row, place]
    wanted = {}
    for degree, t in tensors.items():
        for row, columns, value in zip(t.rows, t.cols, t.vals, strict=True):
            rest = sum(int(c) << slot_bits * i for i, c in enumerate(columns[1:]))
            wanted[degree, int(row), int(columns[0]), rest] = value
    assert found.keys() == wanted.keys()
    assert all(found[key] == pytest.approx(wanted[key], abs=1e-14) for key in wanted)


def test_blocks_of_degrees_are_aligned_and_disjoint():
    rng = np.random.default_rng(1)
    tensors = {degree: random_tensor(rng, 4, degree, density=0.4, scale=1.0) for degree in (1, 2, 3)}
    table = build_slot_table([tensors], [1, 2, 3], 2)
    spans = sorted((b.prefix << b.shift, (b.prefix + 1) << b.shift) for b in table.blocks)
    assert all(stop <= start for (_, stop), (start, _) in pairwise(spans))
    assert spans[-1][1] <= 1 << table.selector_bits


def test_a_local_lattice_loads_its_rest_by_affine_tables():
    """phi^4 on a ring: slots 2 and 3 repeat the row, one AND per bit, not one per site."""
    costs = []
    for m in (4, 5, 6):
        n = 1 << m
        linear = {(i, (i + d) % n): 0.5 + 0.1 * (d == 0) for i in range(n) for d in (-1, 0, 1)}
        tensors = {1: tensor(n, 1, linear), 3: tensor(n, 3, {(i, i, i, i): -0.1 for i in range(n)})}
        table = build_slot_table([tensors], [1, 3], m)
        costs.append(Lookup(table.rest, 2 * m, True).toffoli_count)
    assert costs == [5, 6, 7]


@pytest.mark.parametrize("seed", range(30))
def test_selector_weights_are_resolved_to_rounding(seed):
    """Not to its square root, which is what a primal value converged to rounding alone gives."""
    generator = np.random.default_rng(seed)
    shape = generator.integers(1, 17), generator.integers(1, 9)
    values = (
        generator.choice([0, 0, 0.5, -0.5, 1.0, 0.3], size=shape)
        if seed % 2
        else generator.normal(size=shape)
    )
    values[0] += np.abs(values).sum(axis=0) == 0
    if seed % 3 == 0:
        values = np.vstack((values, values))
    p, alpha = optimal_weights(values)
    other, other_alpha = optimal_weights(values * (1 + 1e-15 * generator.uniform(-1, 1, size=values.shape)))
    assert np.allclose(p, other, rtol=0, atol=1e-12)
    assert alpha == pytest.approx(other_alpha, rel=1e-13)
    full = (values**2 / p).sum(axis=1) / alpha**2
    assert full.max() == pytest.approx(1, abs=1e-14)
    assert not np.any((full > 1 - 1e-9) & (full < 1 - 1e-12))
