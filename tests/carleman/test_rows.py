"""THEORY 13.1: rows of the exact discrete Carleman matrix, against Kronecker products written out."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pytest

from carlemanc.carleman import block_terms, describe_blocks
from tests.one_map import linearize
from tests.reference import carleman_block, factors_of, power, random_map


def term_count(j: int, k: int, m: int, q: int) -> int:
    """Return the number of terms of C^(m)j_k: binom(j, m) [x^(k-j+m)] (1 + x + ... + x^q)^m."""
    power = [1]
    for _ in range(m):
        power = [
            sum(power[i - d] for d in range(q + 1) if 0 <= i - d < len(power)) for i in range(len(power) + q)
        ]
    exponent = k - j + m
    return math.comb(j, m) * power[exponent] if 0 <= exponent < len(power) else 0


@pytest.mark.parametrize("q", [1, 2, 3])
@pytest.mark.parametrize("j", [1, 2, 3])
def test_a_row_maps_the_lift_to_the_power_of_the_next_iterate(q, j):
    degrees = tuple(range(q + 1))
    map = random_map(10 * q + j, 2, degrees)
    u = np.array([0.7, -0.4])
    order = max(j * q, 2)
    if q == 1:  # an affine map keeps level 1 alone; add an invisible quadratic term to see all levels
        map = random_map(10 * q + j, 2, (0, 1, 2))
        order = 2 * j
    system = linearize(map, order=order, gamma=1.0)
    lifted = system.apply(system.lift(u)) + system.source()
    start = system.offsets[system.levels.index(j)]
    expected = power(map.step(u), j)
    np.testing.assert_allclose(lifted[start : start + 2**j], expected, atol=1e-14)


@pytest.mark.parametrize("q", [1, 2, 3])
@pytest.mark.parametrize("j", [1, 2, 3])
def test_orders_in_eta_add_up_to_the_block(q, j):
    """sum_m C^(m)j_k = A^j_k, each side from its own formula, with dense Kronecker products."""
    map = random_map(q, 2, tuple(range(q + 1)))
    factors = {**factors_of(map), "I": np.eye(2)}
    for k in range(j * q + 1):
        block = carleman_block(2, factors_of(map), j, k)
        if j == k:
            block = block - np.eye(2**j)
        by_order = block_terms(j, k, q)
        total = sum(
            reduce(np.kron, [factors[symbol] for symbol in term])
            for terms in by_order.values()
            for term in terms
        )
        np.testing.assert_allclose(total, block, atol=5e-16)


THEORY_COUNTS = {
    (3, 1): "[0,0,1] [0,3,3] [3,6,3] [3,3,1]",
    (3, 2): "[0,0,1] [0,3,3] [3,6,6] [3,9,7] [3,6,6] [0,3,3] [0,0,1]",
    (3, 3): "[0,0,1] [0,3,3] [3,6,6] [3,9,10] [3,12,12] [3,9,12] [0,6,10] [0,3,6] [0,0,3] [0,0,1]",
    (2, 1): "[0,1] [2,2] [2,1]",
    (2, 2): "[0,1] [2,2] [2,3] [2,2] [0,1]",
    (2, 3): "[0,1] [2,2] [2,3] [2,4] [2,3] [0,2] [0,1]",
}


@pytest.mark.parametrize(("j", "q"), list(THEORY_COUNTS))
def test_term_counts(j, q):
    counted = [[term_count(j, k, m, q) for m in range(1, j + 1)] for k in range(j * q + 1)]
    listed = [[len(block_terms(j, k, q).get(m, [])) for m in range(1, j + 1)] for k in range(j * q + 1)]
    assert " ".join(str(row).replace(" ", "") for row in counted) == THEORY_COUNTS[j, q]
    assert counted == listed
    assert sum(map(sum, counted)) == (q + 2) ** j - 1  # every tuple over F_0..F_q and I, but I...I


def test_blocks_as_text():
    assert describe_blocks(2, 2).splitlines()[-1] == "A^2_2  eta^2:  F0 F2 + F1 F1 + F2 F0"
    assert block_terms(2, 2, 3, degrees=[1, 3], corrections=1) == {1: [(1, "I"), ("I", 1)]}
