"""Fitted exponents against scipy's regression, exact power laws, integers beyond floats."""

from __future__ import annotations

import math

import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.costs.scaling import fitted_exponent

sizes = st.lists(st.integers(1, 10**9), min_size=3, max_size=12, unique=True)


@settings(max_examples=50)
@given(xs=sizes, data=st.data())
def test_slope_and_standard_error_are_those_of_scipy(xs: list[int], data: st.DataObject) -> None:
    ys = data.draw(st.lists(st.integers(1, 10**12), min_size=len(xs), max_size=len(xs)))
    found = fitted_exponent(xs, ys)
    line = scipy.stats.linregress([math.log(x) for x in xs], [math.log(y) for y in ys])
    assert found.exponent == pytest.approx(line.slope, rel=1e-6, abs=1e-9)
    flat = len(set(ys)) == 1  # where scipy divides 0 by 0
    assert found.standard_error == pytest.approx(0 if flat else line.stderr, rel=1e-5, abs=1e-6)
    assert found.log_prefactor == pytest.approx(line.intercept, rel=1e-6, abs=1e-6)
    assert found.points == len(xs)


def test_a_power_law_of_integers_beyond_floats() -> None:
    xs = [2**k for k in range(500, 1100, 100)]
    found = fitted_exponent(xs, [7 * x**3 for x in xs])
    assert found.exponent == pytest.approx(3, abs=1e-12)
    assert found.standard_error == pytest.approx(0, abs=1e-9)
    assert math.exp(found.log_prefactor) == pytest.approx(7)
    assert found.at(10) == pytest.approx(7000)
    assert found.at(2**1000) == math.inf
    assert (found.smallest, found.largest) == (xs[0], xs[-1])


def test_a_logarithm_fits_as_a_small_exponent_that_shrinks() -> None:
    def exponent(start: int) -> float:
        xs = [2**k for k in range(start, 2 * start)]
        return fitted_exponent(xs, [x * k for k, x in enumerate(xs, start=start)]).exponent

    assert 1.3 > exponent(8) > exponent(64) > 1


def test_two_points_have_no_standard_error() -> None:
    found = fitted_exponent([10, 1000], [5, 500])
    assert found.exponent == pytest.approx(1)
    assert found.standard_error is None
    assert found.to_text() == "1"
    assert fitted_exponent([1, 2, 4], [1, 2.2, 4]).to_text().startswith("1 +- 0.0")


@pytest.mark.parametrize(
    ("xs", "ys"),
    [([1, 2], [1]), ([1, 2], [0, 1]), ([1, -2], [1, 1]), ([3, 3], [1, 2]), ([], []), ([1, 2], [1, math.inf])],
)
def test_what_has_no_exponent(xs: list[int], ys: list[float]) -> None:
    with pytest.raises(ValueError, match=r"sizes|numbers"):
        fitted_exponent(xs, ys)


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="positive finite"):
        fitted_exponent([1, 2], [1, math.nan])
