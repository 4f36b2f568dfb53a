"""The test of a sign: exact odds of a wrong answer, over all amplitudes that it promises for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from carlemanc.readout.estimators.half_test import FAULTS, half_test
from carlemanc.readout.estimators.registry import ESTIMATORS


@pytest.mark.parametrize("planned", [1e-9, 1e-4, 0.00145, 0.03, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("failure", [0.05, 0.005, 1e-4])
def test_it_errs_as_rarely_as_it_says(planned: float, failure: float) -> None:
    plan = half_test(planned, failure)
    runs, least = plan.runs
    amplitude, uses = math.sqrt(planned), plan.uses_of_a_circuit
    assert uses % 2 == 1
    assert plan.uses == runs * uses
    for part in (0.75, 0.9, 1.0, 1.1, 1.25):
        shown = math.sin(uses * math.asin(min(1.0, part * amplitude))) ** 2 * (1 - FAULTS)
        assert binom.cdf(least - 1, runs, shown) <= failure
    for part in (0.0, 0.1, 0.2, 0.25):
        shown = math.sin(uses * math.asin(part * amplitude)) ** 2 + FAULTS
        assert binom.sf(least - 1, runs, shown) <= failure


def test_it_takes_a_few_dozen_times_the_depth_and_not_more() -> None:
    for planned in np.geomspace(1e-8, 1e-2, 13):
        assert half_test(planned, 0.005).uses * math.sqrt(planned) < 32


def test_draws_follow_the_odds() -> None:
    plan, rng = half_test(0.01, 0.05), np.random.default_rng(1)
    runs, least = plan.runs
    for probability in (0.01, 0.004, 0.0025, 0.0004):
        shown = math.sin(plan.uses_of_a_circuit * math.asin(math.sqrt(probability))) ** 2
        told = np.mean([plan.measured(probability, rng).angle > 0 for _ in range(4000)])
        expected = binom.sf(least - 1, runs, shown)
        assert told == pytest.approx(expected, abs=4.5 * math.sqrt(0.25 / 4000))


def test_shots_undo_no_circuit() -> None:
    for name, estimator in ESTIMATORS.items():
        plan = estimator.half(0.01, 0.01)
        assert (plan.depth == 1) == (name == "sampling")
