"""Estimators of one event and of values of several: published constants, exact odds, coverage of what is claimed."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.signal.windows import dpss
from scipy.stats import binom, kstest, norm

from carlemanc.core.errors import InputError
from carlemanc.core.rounding import whole
from carlemanc.readout.estimators import phase_estimation
from carlemanc.readout.estimators.combined import SPLIT, Term, combined
from carlemanc.readout.estimators.estimator import Reading, amplitude_delta, angle_of, probability_delta
from carlemanc.readout.estimators.likelihood import log_likelihood, most_likely
from carlemanc.readout.estimators.maximum_likelihood import LEVELS, MaximumLikelihood
from carlemanc.readout.estimators.phase_estimation import PhaseEstimation
from carlemanc.readout.estimators.registry import ESTIMATORS
from carlemanc.readout.estimators.sampling import Sampling
from carlemanc.readout.estimators.slepian import bandwidth, concentration, window

P_RING, Q_RING, T_OF_A_USE = 7.2303e-3, 0.01541854, 1.3235e5
"""The quartic ring of 2^27 sites, T = 100, N = 3, by march: P of the joint flag, P of its shift's ancilla by it."""
AMPLITUDES = (0.02, 0.085, 0.3, 0.6, 0.9, 0.999)
EVERY = pytest.mark.parametrize("name", ESTIMATORS)


# --- the window of phase estimation ------------------------------------------------------------------------


@pytest.mark.parametrize(("c", "expected"), [(0.5, 0.30969), (1, 0.57258), (2, 0.88056), (4, 0.99589)])
def test_eigenvalues_are_those_of_slepian_and_pollak(c: float, expected: float) -> None:
    """Table I of the paper (from memory)."""
    assert concentration(c) == pytest.approx(expected, abs=6e-6)


@pytest.mark.parametrize("failure", [0.3, 0.05, 0.01, 1e-4, 1e-7])
def test_bandwidth_is_that_of_a_long_discrete_window(failure: float) -> None:
    c = bandwidth(failure)
    _, ratio = dpss(2000, c / math.pi, return_ratios=True)
    assert 1 - ratio == pytest.approx(failure, rel=1e-3)


@pytest.mark.parametrize("size", [2, 5, 64, 2047])
def test_windows_are_those_of_scipy(size: int) -> None:
    c = min(bandwidth(0.05), 0.45 * math.pi * size)
    expected = dpss(size, c / math.pi)
    assert window(size, c) == pytest.approx(np.abs(expected) / np.linalg.norm(expected), abs=1e-9)


def test_bandwidths() -> None:
    assert 2 * bandwidth(0.05) == pytest.approx(5.127, abs=1e-3)
    assert 2 * bandwidth(0.01) == pytest.approx(2 * 3.506, abs=1e-3)
    found = [bandwidth(failure) for failure in (1e-8, 1.0001e-9, 0.9999e-9, 1e-20, 1e-300)]
    assert found == sorted(found)


def test_odds_are_those_of_the_dirichlet_kernel_where_the_window_is_uniform(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """[brassard2002] Theorem 11: the kernel; within pi/K of theta with probability .903 (8/pi^2 on its own grid)."""
    monkeypatch.setattr(phase_estimation, "window", lambda size, c: np.full(size, size**-0.5))
    plan = PhaseEstimation().plan(0.3, 0.05, 0.05)
    count, size = plan.iterates, 1 << plan.phase_bits
    odds = plan.odds(0.3)
    turns = np.arange(size) / size
    expected = np.zeros(size)
    for sign in (1, -1):
        x = math.pi * turns - sign * angle_of(0.3)
        expected += np.sin(count * x) ** 2 / np.sin(x) ** 2 / count / size / 2
    assert odds == pytest.approx(expected, abs=1e-13)
    folded = math.pi * np.minimum(turns, 1 - turns)
    assert odds[np.abs(folded - angle_of(0.3)) <= math.pi / count].sum() == pytest.approx(0.903, abs=0.01)


@pytest.mark.parametrize("failure", [0.05, 0.01, 1e-3])
def test_no_theta_fails_more_often_than_the_window_and_its_grid(failure: float) -> None:
    plan = PhaseEstimation().plan(0.3, 0.02, failure)
    angles = math.pi * np.minimum(
        turns := np.arange(1 << plan.phase_bits) / (1 << plan.phase_bits), 1 - turns
    )
    for theta in np.linspace(0, math.pi / 2, 31):
        odds = plan.odds(math.sin(theta) ** 2)
        assert odds.sum() == pytest.approx(1)
        assert odds[np.abs(angles - theta) > plan.delta].sum() <= (1 - phase_estimation.FAULTS / 2) * failure


@pytest.mark.parametrize("steps", [4096, 16, 1])
def test_outcomes_are_drawn_from_the_odds(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase_estimation, "STEPS", steps)
    plan = PhaseEstimation().plan(0.3, 0.02, 0.05)
    assert plan.steps <= steps
    assert 0 <= plan.iterates - 1.01 * bandwidth(0.04) / 0.02 < 1 << plan.halvings
    rng = np.random.default_rng(5)
    below = np.cumsum(plan.odds(0.3))
    drawn = [
        plan._outcome((1 if rng.random() < 0.5 else -1) * 2 * angle_of(0.3), rng) for _ in range(4000)
    ]  # the cumulated odds of a draw are uniform
    assert kstest(below[drawn] - rng.random(4000) * plan.odds(0.3)[drawn], "uniform").pvalue > 1e-3


def test_a_staircase_of_4096_steps_costs_no_coverage() -> None:
    smooth = PhaseEstimation().plan(0.3, 2e-4, 0.05)
    assert smooth.halvings == 2
    angles = math.pi * np.minimum(
        turns := np.arange(1 << smooth.phase_bits) / (1 << smooth.phase_bits), 1 - turns
    )
    missed = smooth.odds(0.3)[np.abs(angles - angle_of(0.3)) > smooth.delta].sum()
    full = np.fft.fft(window(smooth.iterates, bandwidth(0.04)), 1 << smooth.phase_bits)
    exact = np.abs(full) ** 2 / len(full)
    assert missed == pytest.approx(exact[2 * np.minimum(angles, np.pi) > 2 * smooth.delta].sum(), abs=2e-4)


# --- maximum likelihood ------------------------------------------------------------------------------------


def test_the_likelihood_has_the_fisher_information_of_suzuki() -> None:
    """[suzuki2020] eq. 9: I(a) = sum_k N_k (2 m_k + 1)^2/(a (1 - a)), so 4 sum_k N_k L_k^2 in theta."""
    theta, step = 0.4, 1e-4
    depths, shots = np.array([1, 3, 7]), np.array([4, 3, 2])
    information = 0.0
    for hits in itertools.product(*(range(count + 1) for count in shots)):
        outcome = np.array(hits)
        weight = binom.pmf(outcome, shots, np.sin(depths * theta) ** 2).prod()
        near = log_likelihood(np.array([theta - step, theta, theta + step]), depths, shots, outcome)
        information -= weight * (near[0] - 2 * near[1] + near[2]) / step**2
    assert information == pytest.approx(4 * (shots * depths**2).sum(), rel=1e-4)


def test_the_largest_of_thousands_of_peaks_is_found() -> None:
    rng = np.random.default_rng(2)
    plan = MaximumLikelihood().plan(0.1, 3e-3, 0.05)
    grid = np.linspace(0, math.pi / 2, 40_001)
    for theta in rng.uniform(0, math.pi / 2, 60):
        depths, shots = plan.schedule(rng)
        hits = rng.binomial(shots, np.sin(depths * theta) ** 2)
        found = most_likely(depths, shots, hits, 1e-5)
        here, best = (log_likelihood(x, depths, shots, hits) for x in (np.array([found]), grid))
        assert here[0] >= best.max() - 1e-3


def test_schedules_are_drawn_afresh_and_cost_what_the_plan_says() -> None:
    rng = np.random.default_rng(3)
    for delta in (0.2, 0.01, 1e-3):
        plan = MaximumLikelihood().plan(0.1, delta, 0.05)
        drawn = [plan.schedule(rng) for _ in range(2000)]
        uses = np.array([(depths * shots).sum() for depths, shots in drawn])
        assert plan.uses == whole(plan.uses)
        assert abs(uses.mean() - plan.uses) < 4 * uses.std() / math.sqrt(len(uses)) + 1e-3 * plan.uses + 1
        assert all((depths % 2 == 1).all() and depths.max() <= plan.depth for depths, _ in drawn)
        assert all(shots.sum() == plan.circuits for _, shots in drawn)
    assert len({tuple(depths) for depths, _ in drawn}) == 2000


def test_below_the_last_constants_the_median_of_executions_is_read() -> None:
    once, plan = (MaximumLikelihood().plan(0.1, 1e-2, failure) for failure in (LEVELS[-1].failure, 1e-8))
    assert once.executions == 1
    assert plan.executions % 2 == 1
    assert binom.sf(plan.executions // 2, plan.executions, LEVELS[-1].failure) <= 1e-8
    assert binom.sf(plan.executions // 2 - 1, plan.executions - 2, LEVELS[-1].failure) > 1e-8
    assert plan.uses == pytest.approx(plan.executions * once.uses, rel=2e-3)


# --- shots -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("probability", [0.00723, 0.134, 0.5, 0.98])
@pytest.mark.parametrize("failure", [0.05, 1e-3])
def test_shots_are_the_exact_binomial_number(probability: float, failure: float) -> None:
    delta = 0.03 * math.sqrt(probability * (1 - probability))
    plan = Sampling().plan(probability, delta, failure)

    def covered(shots: int) -> float:
        angles = np.arcsin(np.sqrt((np.arange(shots + 1) + 3 / 8) / (shots + 3 / 4)))
        near = np.abs(angles - angle_of(probability)) <= 0.95 * delta
        return float(binom.pmf(np.arange(shots + 1), shots, probability)[near].sum())

    assert covered(plan.uses) >= 1 - failure - 1e-9
    assert covered(round(0.98 * plan.uses)) < 1 - failure
    assert plan.uses == pytest.approx((norm.isf(failure / 2) / (2 * 0.95 * delta)) ** 2, rel=0.02)
    error = probability - math.sin(angle_of(probability) - 0.95 * delta) ** 2
    proved = 2 * math.log(2 / failure) * (probability * (1 - probability) + error / 3) / error**2
    assert plan.proved_uses == pytest.approx(proved, rel=0.08)  # the nearer end of the interval


# --- all of them -------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("flagged", [0.0, 1.0])
def test_coverage_of_95_percent(name: str, flagged: float) -> None:
    """1,000 repeats at six amplitudes, operations failing as often as they may."""
    rng = np.random.default_rng(len(name))
    for amplitude in AMPLITUDES:
        probability = amplitude**2
        delta = max(2e-3, 0.05 * amplitude)
        plan = ESTIMATORS[name].plan(probability, delta, 0.05)
        fault = plan.fault_budget(flagged)
        near = [
            abs(plan.measured(probability, rng, fault=fault, flagged=flagged).angle - angle_of(probability))
            <= delta
            for _ in range(1000)
        ]
        assert np.mean(near) >= 0.93, (amplitude, np.mean(near))


@EVERY
def test_coverage_beside_the_ends(name: str) -> None:
    """Thetas a few errors from 0 and from pi/2, and one within its error of 0."""
    rng, delta = np.random.default_rng(4), 0.01
    for theta in (0.4 * delta, 1.04 * delta, 1.6 * delta, 3 * delta, math.pi / 2 - 1.04 * delta):
        plan = ESTIMATORS[name].plan(math.sin(theta) ** 2, delta, 0.05)
        near = [abs(plan.measured(plan.probability, rng).angle - theta) <= delta for _ in range(1000)]
        assert np.mean(near) >= 0.93, (theta, np.mean(near))


def test_some_number_of_shots_is_enough() -> None:
    for probability in [0.0, 1.0, *np.sin(np.geomspace(0.1, 157, 80) * 0.01) ** 2]:
        for failure in (0.3, 0.05, 1e-9):
            normal = (norm.isf(failure / 2) / (2 * 0.95 * 0.01)) ** 2
            assert 0.94 * normal <= Sampling().plan(probability, 0.01, failure).uses <= 4 * normal


@pytest.mark.slow
@pytest.mark.parametrize("failure", [0.025, 0.01, 0.005])
@pytest.mark.parametrize("name", ["maximum-likelihood", "phase-estimation"])
def test_coverage_of_rarer_failures(name: str, failure: float) -> None:
    rng = np.random.default_rng(7)
    for amplitude in AMPLITUDES:
        plan = ESTIMATORS[name].plan(amplitude**2, 0.01, failure)
        near = [
            abs(plan.measured(amplitude**2, rng, fault=plan.fault_budget()).angle - math.asin(amplitude))
            <= 0.01
            for _ in range(3000)
        ]
        assert np.mean(near) >= 1 - 1.6 * failure, (amplitude, np.mean(near))


@pytest.mark.parametrize("amplitude", [0.02, 0.085, 0.5])
def test_constants(amplitude: float) -> None:
    """Uses * delta: 2 c of the window at .8 of the failure, the constant of the likelihood within the issue's 11.5."""
    for failure, phase, likelihood in ((0.05, 5.46, 11.0), (0.01, 7.34, 19.5)):
        plans = [ESTIMATORS[name].plan(amplitude**2, 1e-4, failure) for name in list(ESTIMATORS)[1:]]
        assert plans[0].uses * 1e-4 <= likelihood
        assert plans[1].uses * 1e-4 == pytest.approx(phase, rel=2e-3)
        assert plans[1].depth > 9 * plans[0].depth


@pytest.mark.parametrize(
    ("failure", "constant"),
    [(0.05, 10.8), (0.045, 10.8), (0.025, 14.0), (0.01, 19.1), (0.005, 28.3), (0.001, 42.1)],
)
def test_constants_of_the_likelihood(failure: float, constant: float) -> None:
    """Constant in delta but for its logarithm's rounding; between two rows where there is none."""
    for delta in (1e-3, 1e-5):
        uses = MaximumLikelihood().plan(0.1, delta, failure).uses
        assert constant * 0.99 <= uses * delta <= constant * 1.02


@EVERY
def test_a_failure_that_is_likely_costs_no_more_than_a_rarer_one(name: str) -> None:
    """Shots for more than a half are those for a half: the normal number is then no guide to the exact one."""
    for probability in (0.0, 0.01, 0.5, 1.0):
        uses = [
            ESTIMATORS[name].plan(probability, 0.1, failure).uses for failure in (0.3, 0.5, 0.7, 0.9, 0.99)
        ]
        assert min(uses) >= 1
        assert uses == sorted(uses, reverse=True)


@EVERY
def test_fault_budgets(name: str) -> None:
    plan = ESTIMATORS[name].plan(0.01, 1e-3, 0.05)
    error = 0.01 - math.sin(angle_of(0.01) - 1e-3) ** 2
    expected = {"sampling": 0.05 * error, "maximum-likelihood": 5e-5, "phase-estimation": 0.01 / plan.depth}
    assert plan.fault_budget() == pytest.approx(expected[name], rel=1e-2)
    if name == "sampling":
        assert plan.fault_budget(0.001) == pytest.approx(5 * error, rel=1e-2)


@pytest.mark.parametrize("error", [1e-4, 0.02, 0.3, 2.0])
@pytest.mark.parametrize("probability", [0.0, 0.01, 0.5, 0.97, 1.0])
def test_angles_within_their_error_keep_the_value_within_its(probability: float, error: float) -> None:
    for delta, value in (
        (probability_delta(probability, error), lambda theta: math.sin(theta) ** 2),
        (amplitude_delta(probability, error), math.sin),
    ):
        theta = angle_of(probability)
        found = [abs(value(min(math.pi / 2, max(0.0, theta + s * delta))) - value(theta)) for s in (-1, 1)]
        assert max(found) <= error * (1 + 1e-9)
        assert delta == 0.5 or max(found) == pytest.approx(error)


def test_a_reading_knows_the_further_end() -> None:
    reading = Reading(angle=0.2, error=0.3)
    assert (reading.low, reading.high) == (0.0, 0.5)
    assert reading.probability_error == pytest.approx(math.sin(0.5) ** 2 - math.sin(0.2) ** 2)
    assert reading.amplitude_error == pytest.approx(math.sin(0.5) - math.sin(0.2))


def test_bad_numbers_are_refused() -> None:
    for name in ESTIMATORS:
        for bad in ((1.5, 0.1, 0.05), (0.5, 0.0, 0.05), (0.5, 0.7, 0.05), (0.5, 0.1, 1.0)):
            with pytest.raises(InputError, match="probability and an error"):
                ESTIMATORS[name].plan(*bad)
    for terms, delta, known in (
        ([], 0.1, None),
        ([Term(probability=0.5, weight=0.0)], 0.1, None),
        ([Term(probability=0.5, weight=1.0)], 0.0, None),
        ([Term(probability=0.5, weight=1.0)], 0.1, 0.0),
    ):
        with pytest.raises(InputError, match="events and an error"):
            combined(terms, delta, 0.05, calibration=known)


# --- values of several events ------------------------------------------------------------------------------


def loss_terms() -> list[Term]:
    """The positive split of the ring's loss: (1 - 2 J)/2 of the norm, 2 J of the shift's ancilla."""
    return [Term(probability=P_RING, weight=0.1), Term(probability=P_RING * Q_RING, weight=0.8)]


def loss_value() -> float:
    return sum(term.value(term.probability, 1.0) for term in loss_terms())


def test_the_split_is_the_least_of_all() -> None:
    """2 C (sum (w_i k_i)^(2/3))^(3/2)/delta uses; every other split of the squared error takes more."""
    delta = 0.01 * loss_value()
    plan = combined(loss_terms(), delta, 0.05, "maximum-likelihood")
    norms = [(term.weight * math.sqrt(term.probability)) ** (2 / 3) for term in loss_terms()]
    constant = plan.events[0].uses * plan.events[0].delta
    assert plan.uses == pytest.approx(2 * constant * sum(norms) ** 1.5 / delta, rel=0.02)
    assert plan.references == (plan.events[0].formula, SPLIT)
    assert sum(norms) ** 1.5 * math.sqrt(P_RING) / loss_value() == pytest.approx(2.51, abs=0.01)
    for share in (0.3, 0.45, 0.6, 0.75):
        errors = [math.sqrt(share) * delta / 0.1, math.sqrt(1 - share) * delta / 0.8]
        other = [
            MaximumLikelihood().plan(term.probability, probability_delta(term.probability, error), 0.05)
            for term, error in zip(loss_terms(), errors, strict=True)
        ]
        assert sum(event.uses for event in other) >= plan.uses * (1 - 5e-3)


def test_the_ring_is_read_at_the_cost_that_is_claimed() -> None:
    """March, n = 2^27: sum theta^2 to 1e-2 within 3.7e9 T, the loss within 9e9, theta[0] within 4e9."""
    ways = {
        3.7e9: ([Term(probability=P_RING, weight=1.0)], 0.01 * P_RING),
        9e9: (loss_terms(), 0.01 * loss_value()),
        4e9: ([Term(probability=0.0381**2, weight=1.0, is_amplitude=True)], 0.01 * 0.0381),
    }
    for limit, (terms, delta) in ways.items():
        assert combined(terms, delta, 0.05, "maximum-likelihood").uses * T_OF_A_USE <= limit
        best = combined(terms, delta, 0.05)
        assert best.method == "phase-estimation"
        assert best.uses * T_OF_A_USE <= 0.6 * limit


def test_auto_follows_the_price() -> None:
    terms = [Term(probability=0.5, weight=1.0)]
    assert combined(terms, 0.3, 0.05).method == "sampling"
    assert combined(terms, 1e-3, 0.05).method == "phase-estimation"
    assert combined(terms, 1e-3, 0.05, price=lambda plan: plan.depth).method == "sampling"
    deep = combined(terms, 1e-3, 0.05, price=lambda plan: plan.uses * (1e9 if plan.depth > 1000 else 1))
    assert deep.method == "maximum-likelihood"


CASES = {
    "one": ([Term(probability=0.05, weight=3.0)], 0.1, None),
    "loss": (loss_terms(), 0.05, None),
    "difference": ([Term(probability=0.02, weight=2.0), Term(probability=0.007, weight=-2.0)], 0.1, None),
    "amplitude": ([Term(probability=0.0381**2, weight=1.0, is_amplitude=True, shift=0.1)], 0.05, None),
    "rare": ([Term(probability=0.02, weight=1.0), Term(probability=0.0, weight=1.0)], 0.1, None),
    "ratio": ([Term(probability=1.9e-2, weight=1.0)], 0.05, 0.134),
    "amplitude by ratio": ([Term(probability=1.9e-2, weight=1.0, is_amplitude=True)], 0.05, 0.134),
    "five": ([Term(probability=0.01 * k, weight=6.0 - k) for k in range(1, 6)], 0.05, None),
}


@EVERY
@pytest.mark.parametrize("case", CASES)
def test_coverage_of_values(name: str, case: str) -> None:
    terms, relative, known = CASES[case]
    factor = 0.3
    true = 2.0 + sum(term.value(term.probability, factor) for term in terms)
    delta = relative * abs(
        sum(term.value(term.probability, factor) + term.weight * term.shift for term in terms)
    )
    plan = combined(terms, delta, 0.05, name, factor=factor, constant=2.0, calibration=known)
    odds = [term.probability for term in terms] + ([] if known is None else [known])
    rng = np.random.default_rng(11)
    found = [plan.measured(odds, rng) for _ in range(1000)]
    assert np.mean([abs(one.value - true) <= delta for one in found]) >= 0.93
    assert np.mean([abs(one.value - true) <= one.error for one in found]) >= 0.93
    if case != "rare":  # where P is far below its error the bar is that of the estimate, and wider
        assert np.median([one.error for one in found]) == pytest.approx(delta, rel=0.2)
