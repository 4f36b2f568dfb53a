"""Chebyshev series of powers and their sums: against the functions themselves, and published degrees."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.polynomial import chebyshev

from carlemanc.classical.power_series import LEAST_SHARE, Interval, geometric, power

INTERVALS = [(0.82, 0.98), (-0.98, 0.98), (-0.9, 0.3), (0.5, 1.0), (0.9, 1.1), (-1.1, 1.05), (0.0, 0.5)]


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 101, 1000])
@pytest.mark.parametrize("ends", INTERVALS)
@pytest.mark.parametrize("kind", ["power", "geometric"])
def test_remainders_hold_and_are_met(ends: tuple[float, float], steps: int, kind: str) -> None:
    interval = Interval(low=ends[0], high=ends[1])
    y = np.linspace(-1.0, 1.0, 1001)
    x = interval.middle + interval.half * y
    powers = [x**time for time in ((steps,) if kind == "power" else range(steps))]
    wanted = np.sum(powers, axis=0)
    series = (power if kind == "power" else geometric)(interval, steps)
    size = float(np.abs(wanted).max())
    assert series.whole >= size * (1 - 1e-12)
    for degree in {0, 1, 2, 5, 20, len(series.coefficients) - 1}:
        kept = series.coefficients[: degree + 1]
        off = float(np.abs(chebyshev.chebval(y, kept) - wanted).max())
        bound = series.remainder(degree)
        assert off <= bound + 1e-13 * size
        if (
            interval.middle >= 0 and bound > 1e-9 * size
        ):  # all coefficients positive: the bound is met at y = 1
            assert off == pytest.approx(bound, rel=1e-6)


@pytest.mark.parametrize(("steps", "degrees"), [(10, (2, 3, 5)), (100, (7, 10, 13)), (1000, (23, 30, 40))])
def test_degrees_of_a_step_of_norm_098(steps: int, degrees: tuple[int, ...]) -> None:
    """Least K on [.82, .98] with error 1e-2, 1e-3 and 1e-5 of .98^T, found by a fit at Chebyshev points."""
    series = power(Interval(low=0.82, high=0.98), steps)
    for delta, degree in zip((1e-2, 1e-3, 1e-5), degrees, strict=True):
        within = [series.remainder(k) <= delta * 0.98**steps for k in range(degree + 1)]
        assert within == [False] * degree + [True]
        assert degree <= math.ceil(math.sqrt(2 * steps * math.log(2 / delta)))


def test_a_series_of_many_steps_takes_no_array_of_their_size() -> None:
    series = power(Interval(low=0.9, high=1.0), 200_000)
    assert len(series.coefficients) < 5_000
    degree = next(k for k in range(5_000) if series.remainder(k) <= 1e-6)
    y = np.linspace(-1.0, 1.0, 101)
    wanted = (0.95 + 0.05 * y) ** 200_000
    assert np.abs(chebyshev.chebval(y, series.coefficients[: degree + 1]) - wanted).max() <= 1e-6
    assert series.remainder(10**9) <= 2 * LEAST_SHARE


def test_a_step_to_zero_and_a_step_of_one_eigenvalue() -> None:
    nothing, one = Interval(low=0.0, high=0.0), Interval(low=0.5, high=0.5)
    assert power(nothing, 3).coefficients[0] == 0.0
    assert geometric(nothing, 3).coefficients[0] == pytest.approx(1.0)
    assert power(one, 3).coefficients[0] == pytest.approx(0.125)
    assert power(one, 3).remainder(0) <= 2 * LEAST_SHARE
    assert geometric(one, 3).coefficients[0] == pytest.approx(1.75)
