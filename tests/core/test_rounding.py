"""Rounding outward: short, no smaller, and blind to the last bits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carlemanc.core.rounding import (
    GUARD,
    ceiling,
    floor,
    rounded_down,
    rounded_up,
    whole,
    wholes,
    without_noise,
)

POSITIVE = st.floats(min_value=1e-200, max_value=1e200)


@given(POSITIVE)
def test_a_whole_number_has_four_digits_and_is_no_smaller(value: float) -> None:
    found = whole(value)
    assert len(str(found).rstrip("0")) <= 4
    assert found >= value * (1 - 2 * GUARD)
    assert found <= max(value * 1.001 * (1 + GUARD), value + 1)


@given(st.lists(POSITIVE | st.integers(1, 10**12).map(float), min_size=1))
def test_many_are_rounded_as_each(values: list[float]) -> None:
    shorter = [float(f"{value:.3e}") for value in values]
    assert wholes(np.array(values + shorter)) == sorted({whole(value) for value in values + shorter})


@given(POSITIVE, st.integers(1, 12))
def test_numbers_are_rounded_outward_to_their_digits(value: float, digits: int) -> None:
    up, down = rounded_up(value, digits), rounded_down(value, digits)
    assert down * (1 - 2 * GUARD) <= value <= up * (1 + 2 * GUARD)
    assert float(f"{up:.{digits - 1}e}") == up
    assert float(f"{down:.{digits - 1}e}") == down


@pytest.mark.parametrize("value", [1.0, 2.0, 1000.0, 12340000.0, 5e21, 0.3])
def test_the_last_bits_turn_nothing(value: float) -> None:
    neighbors = (value, math.nextafter(value, 0), math.nextafter(value, math.inf), value * (1 + 1e-12))
    functions = (
        (whole, rounded_up, rounded_down, ceiling, floor) if value < GUARD**-1 else (whole, rounded_up)
    )
    for function in functions:
        assert len({function(neighbor) for neighbor in neighbors}) == 1


def test_exact_numbers_are_rounded_as_they_are() -> None:
    assert whole(12345) == 12350
    assert whole(10**40 + 1) == 1001 * 10**37
    assert whole(Fraction(7, 2)) == 4
    assert whole(Fraction(10**30 + 1, 10**26)) == 10010
    assert (whole(0), whole(9999), whole(10000.2)) == (0, 9999, 10010)
    assert (ceiling(-1.5), floor(-1.5), floor(2.9999999999999)) == (-1, -2, 3)


@pytest.mark.parametrize(("value", "error"), [(math.inf, OverflowError), (math.nan, ValueError)])
def test_what_is_no_number_has_no_whole_number(value: float, error: type[Exception]) -> None:
    with pytest.raises(error):
        whole(value)


def test_a_difference_that_is_rounding_is_zero():
    assert without_noise(3e-16) == 0.0
    assert without_noise(3e-16, 1e-3) == 3e-16
    assert without_noise(2e-14) == 2e-14
    assert math.isnan(without_noise(math.nan))
