"""Rounds of distillation: their binomial law by scipy, any precision; the figures of qdk stand in `test_microsoft`."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from carlemanc.costs.physical import HARDWARE, LogicalJob, factories_for
from carlemanc.costs.physical.distillation import SHORT, distances_for, distill, units_for
from carlemanc.costs.physical.frontier import frontier


@given(
    wanted=st.integers(1, 300), failure=st.floats(1e-8, 0.4), short=st.sampled_from([0.01, 0.005, 0.01 / 3])
)
def test_units_are_the_fewest_that_yield_enough(wanted: int, failure: float, short: float) -> None:
    number = units_for(wanted, failure, short)
    assert binom.cdf(wanted - 1, number, 1 - failure) <= short + 1e-9
    if number > wanted:
        assert binom.cdf(wanted - 1, number - 1, 1 - failure) > short - 1e-9


@given(exponent=st.floats(5, 60), physical_error=st.sampled_from([1e-3, 1e-4, 2e-3]))
def test_rounds_reach_what_they_are_designed_for(exponent: float, physical_error: float) -> None:
    """And no fewer do: what the first round is asked for, its states do not have."""
    error = 10**-exponent
    distances = distances_for(error, physical_error)
    made = distill(physical_error, distances)
    assert made is not None
    assert error / 1e3 < made.error <= error * (1 + 1e-9)
    assert list(distances) == sorted(distances)
    assert made.cycles == made.batch_cycles / (1 - SHORT) == Fraction(100, 99) * made.batch_cycles
    last_alone = distill(physical_error, distances[1:]) if distances[1:] else None
    assert last_alone is None or last_alone.error > error


def test_a_code_that_hardly_helps_distills_nothing() -> None:
    assert distill(9e-3, (3,)) is None
    assert [f.name for f in factories_for(9.9e-3) if "rounds" in f.name] == []


@pytest.mark.parametrize("budget", [1e-12, 1e-20, 1e-35])
@pytest.mark.parametrize("machine", sorted(HARDWARE))
def test_every_budget_has_a_machine(machine: str, budget: float) -> None:
    job = LogicalJob(qubits=44, t=0, toffoli=3835, rotations=827, rotation_t=70_295, measurements=3835)
    for point in frontier(job, HARDWARE[machine], failure_budget=budget):
        assert 0 < point.failure_probability <= budget * (1 + 1e-9)
