"""Closed forms: exact recovery, refusal of what has none, agreement of the formula with the numbers."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import CheckFailed
from carlemanc.costs.closed_form import N, T, fit
from carlemanc.costs.powers_of_two import nu, trailing_zeros

POINTS = [
    (2**m, t) for m, t in ((3, 1), (5, 3), (8, 12), (11, 37), (6, 64), (13, 100), (9, 15), (4, 6), (10, 127))
]
OTHERS = [
    (n, t)
    for n, t in (
        (37, 3),
        (100, 12),
        (1000, 37),
        (4120, 64),
        (12345, 100),
        (48, 1),
        (96, 6),
        (70_001, 127),
        (5000, 7),
        (640, 22),
    )
]
CHECKS = [(2**27, 1000), (2**20, 512), (999_999, 77), (3 * 2**20, 96)]
coefficients = st.lists(st.integers(-20, 20), min_size=5, max_size=5)


def linear(weights: list[int], n: int, t: int) -> int:
    a, b, c, d, e = weights
    return a + b * (n - 1).bit_length() + c * trailing_zeros(n) + d * t.bit_length() + e * trailing_zeros(t)


@settings(max_examples=10)
@given(power=coefficients, other=coefficients)
def test_linear_counts_are_recovered_exactly(power: list[int], other: list[int]) -> None:
    def count(n: int, t: int) -> int:
        return linear(power if n & (n - 1) == 0 else other, n, t)

    form = fit(
        {point: count(*point) for point in POINTS + OTHERS},
        {point: count(*point) for point in CHECKS},
        what="a count",
    )
    for n, t in ((2**40, 12_345), (2**9, 8), (10**9, 640), (77, 1)):
        assert form.at(n, t) == count(n, t)
    for n, t in ((2**9, 12), (77, 1)):
        assert form.formula.subs({N: n, T: t}) == count(n, t)


def test_what_is_not_linear_is_refused() -> None:
    def count(n: int, t: int) -> int:
        return n.bit_length() ** 2 + t

    with pytest.raises(CheckFailed, match="a count has no closed form"):
        fit(
            {p: count(*p) for p in POINTS},
            {p: count(*p) for p in CHECKS[:2]},
            what="a count",
        )


def test_a_single_n_gives_a_form_in_steps() -> None:
    counts = {(2, t): 3 * t.bit_length() - trailing_zeros(t) + 7 for t in (1, 2, 3, 12, 40, 41, 7, 127, 100)}
    form = fit(counts, {(2, 96): 3 * 7 - 5 + 7}, what="a count")
    assert form.at(2, 1000) == 3 * 10 - 3 + 7
    assert N not in form.formula.free_symbols


def test_outside_its_domain_there_is_no_value() -> None:
    form = fit({p: 5 for p in POINTS}, {}, what="a count")
    assert form.at(2**30, 5) == 5
    assert form.smallest == (8, 1)
    for n, t in ((4, 5), (100, 5)):
        with pytest.raises(ValueError, match="no closed form"):
            form.at(n, t)
    with pytest.raises(ValueError, match="general position"):
        fit({(8, 1): 1, (8, 2): 2}, {}, what="x")


def test_trailing_zeros_as_a_function() -> None:
    assert nu(sympy.Integer(48)) == 4
    assert nu(N).free_symbols == {N}


def test_small_sizes_where_another_part_is_wider_are_left_out() -> None:
    def width(n: int, t: int) -> int:
        return max(20, 2 * (n - 1).bit_length() + t.bit_length())

    points = [
        (2**m, t)
        for m, t in ((11, 1), (15, 3), (18, 12), (21, 37), (16, 64), (13, 100), (14, 15), (12, 22), (17, 127))
    ]
    checks = [(4, 1), (16, 3), (256, 1), (2**10, 1), (2**40, 7)]
    form = fit({p: width(*p) for p in points}, {p: width(*p) for p in checks}, what="a width")
    assert form.smallest == (2**10, 1)
