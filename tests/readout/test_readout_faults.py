"""What failed runs bias: against contaminations that are drawn, optimized, and counted by Monte Carlo."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.readout.fault_bias import failure_within, fault_bias
from carlemanc.readout.sampling import Counts, SampledState, read_vector
from carlemanc.readout.ways.registry import plan_readout
from carlemanc.readout.ways.sampling import claimed_error

COPY = st.floats(-6, 0).map(lambda exponent: 10**exponent)
FAILURE = st.floats(-8, -1).map(lambda exponent: 10**exponent)
SEEDS = st.integers(0, 2**32 - 1)


def state(rng, entries, zeros):
    """Squares of a unit vector, some of them 0."""
    odds = rng.dirichlet(np.full(entries, 0.5))
    odds[:zeros] = 0.0
    return odds / odds.sum()


def magnitude_error(odds, failure, copy, failed):
    """l2 error, relative to the norm, of square roots of the contaminated odds."""
    drawn = (1 - failure) * odds + failure / copy * failed
    return np.linalg.norm(np.sqrt(drawn) - np.sqrt(odds))


@given(seed=SEEDS, failure=FAILURE, copy=COPY, entries=st.integers(1, 40), zeros=st.booleans())
@settings(max_examples=200)
def test_no_contamination_moves_the_magnitudes_further(seed, failure, copy, entries, zeros) -> None:
    """The error is convex in what failed runs yield, so the worst is one entry or none: all are tried, and mixtures."""
    rng = np.random.default_rng(seed)
    odds = state(rng, entries, int(zeros and entries > 1))
    bound = math.sqrt(failure / copy + (1 - math.sqrt(1 - failure)) ** 2)
    corners = [*np.eye(entries), np.zeros(entries)]
    worst = max(magnitude_error(odds, failure, copy, corner) for corner in corners)
    assert worst <= bound * (1 + 1e-12)
    assert bound < fault_bias(failure, copy)
    for _ in range(5):
        failed = rng.dirichlet(np.full(entries, 0.2)) * rng.uniform()
        assert magnitude_error(odds, failure, copy, failed) <= worst * (1 + 1e-12)
    if not odds.all():  # then the bound is reached
        assert worst == pytest.approx(bound, rel=1e-9)


def wrong_signs(odds, reference, norm, failure, copy):
    """The most that wrong signs cost, relative to the norm, without noise: every set of entries is tried.

    The sign of entry i turns where failed runs outweigh the difference of its flags, (1 - p) f rho.
    """
    amplitudes = np.sqrt(copy * odds)
    price = (1 - failure) * amplitudes * reference
    cost = np.minimum(amplitudes, norm * reference) ** 2
    sets = np.array(list(itertools.product((0, 1), repeat=len(odds))))
    affordable = sets @ price <= failure
    return 2 * math.sqrt((sets @ cost)[affordable].max() / copy)


@given(seed=SEEDS, failure=FAILURE, copy=COPY, zeros=st.integers(0, 2))
@settings(max_examples=150)
def test_no_failed_runs_turn_more_signs(seed, failure, copy, zeros) -> None:
    """Magnitudes are contaminated at their worst, then signs at theirs: the sum is within the bound, and near it."""
    rng = np.random.default_rng(seed)
    odds = state(rng, 8, zeros)
    for corner in np.eye(8):
        drawn = copy * ((1 - failure) * odds + failure / copy * corner)
        norm = math.sqrt(drawn.sum())
        if norm > 2 * math.sqrt(copy):  # the magnitudes say nothing
            continue
        signs = wrong_signs(odds, np.sqrt(drawn) / norm, norm, failure, copy)
        assert signs <= 2 * math.sqrt(2 * failure / ((1 - failure) * math.sqrt(copy))) * (1 + 1e-12)
        assert signs + magnitude_error(odds, failure, copy, corner) <= fault_bias(failure, copy)


def test_the_bound_of_the_signs_is_not_loose() -> None:
    """Equal entries: p turns one where p is (1 - p) sqrt(P)/d, and the bound is larger by the root of 2."""
    copy, entries = 0.01, 8
    odds = np.full(entries, 1 / entries)
    failure = 1.001 * math.sqrt(copy) / entries / (1 + math.sqrt(copy) / entries)
    found = wrong_signs(odds, np.sqrt(odds), math.sqrt(copy), failure, copy)
    bound = 2 * math.sqrt(2 * failure / ((1 - failure) * math.sqrt(copy)))
    assert bound / found == pytest.approx(math.sqrt(2), rel=0.01)


@given(seed=SEEDS, failure=FAILURE, copy=COPY, passes=st.floats(0, 1), part=st.floats(0.001, 1))
@settings(max_examples=150)
def test_a_norm_that_is_divided_out(seed, failure, copy, passes, part) -> None:
    """Entries over the root of the measured success, which failed runs move too."""
    rng = np.random.default_rng(seed)
    success = max(copy, min(1.0, copy / part))
    odds = state(rng, 6, 1)
    true = np.sqrt(copy * odds / success)
    for corner in np.eye(6):
        drawn = (1 - failure) * copy * odds + failure * passes * corner
        measured = (1 - failure) * success + failure * passes
        error = np.linalg.norm(np.sqrt(drawn / measured) - true) / np.linalg.norm(true)
        assert error <= fault_bias(failure, copy, success=success)


@given(seed=SEEDS, kept=st.integers(1, 5), failure=st.floats(1e-8, 1e-3))
@settings(max_examples=100)
def test_the_largest_entries_of_contaminated_ones(seed, kept, failure) -> None:
    rng = np.random.default_rng(seed)
    odds = state(rng, 12, 3)
    amplitudes = np.sqrt(odds)
    tail = np.linalg.norm(np.sort(amplitudes)[:-kept])
    for corner in np.eye(12):
        drawn = np.sqrt((1 - failure) * odds + failure / 0.3 * corner)
        drawn[np.argsort(-drawn, kind="stable")[kept:]] = 0.0
        assert np.linalg.norm(drawn - amplitudes) <= tail + fault_bias(failure, 0.3, largest=kept)


@dataclass(frozen=True, kw_only=True)
class FailingMachine:
    """Runs of which some fail and yield what an adversary likes.

    Args:
        good: the runs that do not fail.
        failure: probability that a run fails.
        yielded: entry that a failed run of the plain circuit yields.
        turned: entry whose flag a failed run of the sign circuit turns.
    """

    good: SampledState
    failure: float
    yielded: int
    turned: int
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def sample(self, shots):
        failed = self.rng.binomial(shots, self.failure)
        counts = self.good.sample(shots - failed)
        entries = counts.entries.copy()
        entries[self.yielded] += failed
        return Counts(shots=shots, successes=counts.successes + failed, entries=entries)

    def sample_signs(self, reference, shots):
        failed = self.rng.binomial(shots, self.failure)
        plus, minus = self.good.sample_signs(reference, shots - failed)
        wrong = minus if self.good.amplitudes[..., self.turned].sum() > 0 else plus
        wrong[self.turned] += failed
        return plus, minus


@pytest.mark.parametrize("failure", [1e-7, 3e-6, 1e-4])
@pytest.mark.parametrize("copy", [0.02, 0.5])
def test_readings_of_a_failing_machine_stay_within_both_bounds(failure: float, copy: float) -> None:
    """In at least 95 % of 100 readings; the bound of the sampling alone is broken where failed runs outweigh it."""
    rng = np.random.default_rng(2)
    amplitudes = rng.normal(size=16)
    amplitudes[3], amplitudes[4] = 0.0, 0.02
    amplitudes *= math.sqrt(copy) / np.linalg.norm(amplitudes)
    plan = plan_readout(16, 0.003, 0.05)
    shots = plan.runs(copy)
    errors = []
    for seed in range(100):
        good = SampledState(amplitudes=amplitudes, success_probability=copy, rng=np.random.default_rng(seed))
        machine = FailingMachine(
            good=good, failure=failure, yielded=3, turned=4, rng=np.random.default_rng([seed, 1])
        )
        read = read_vector(machine, plan, shots)
        errors.append(np.linalg.norm(read.amplitudes - amplitudes) / math.sqrt(copy))
    copies = shots * copy
    claimed = claimed_error(plan, copies * plan.magnitude_share, copies * (1 - plan.magnitude_share))
    assert claimed <= plan.epsilon
    within = claimed + fault_bias(failure, copy)
    assert np.mean(np.array(errors) <= within) >= 0.95
    if failure / copy > 4 * claimed**2:
        assert np.mean(np.array(errors) <= claimed) < 0.05
        assert max(errors) > within / 5


@given(bias=st.floats(1e-8, 0.3), copy=COPY, lost=st.booleans(), largest=st.sampled_from([None, 3]))
def test_the_budget_is_the_largest_failure_probability(bias, copy, lost, largest) -> None:
    options = {"success": min(1.0, 3 * copy) if lost else None, "largest": largest}
    found = failure_within(bias, copy, **options)
    assert 0 < found <= 0.5
    assert fault_bias(found, copy, **options) <= bias * (1 + 1e-9)
    assert fault_bias(found * 1.01, copy, **options) > bias or found > 0.49
    assert float(f"{found:.2e}") == found


def test_no_failures_no_bias() -> None:
    assert fault_bias(0.0, 0.1) == 0.0
    assert fault_bias(1e-9, 1e-3) < fault_bias(2e-9, 1e-3) < fault_bias(2e-9, 1e-4)
    assert failure_within(1e-3, 1e-320) >= 0.0
