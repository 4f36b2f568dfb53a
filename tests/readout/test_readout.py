"""Tomography: the claimed error with the claimed shots, the published constants, and the sign circuit itself."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.commands.opening import open_spec
from carlemanc.core.errors import CheckFailed
from carlemanc.core.rounding import whole
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from carlemanc.readout.bounds import (
    amplitude_estimation_queries,
    interior_point_copies,
    kerenidis_prakash_copies,
    magnitude_copies,
    magnitude_error,
    sign_error,
)
from carlemanc.readout.sampling import SampledState, read_vector
from carlemanc.readout.sign_circuit import sign_circuit
from carlemanc.readout.ways.registry import WAYS, plan_readout
from carlemanc.readout.ways.sampling import claimed_error
from tests.fixed import fixed

_DIMENSION = 64


def _unit(kind: str, rng: np.random.Generator, dimension: int = _DIMENSION) -> np.ndarray:
    vectors = {
        "normal": rng.normal(size=dimension),
        "flat": rng.choice([-1.0, 1.0], dimension),
        "decaying": rng.normal(size=dimension) * np.exp(-np.arange(dimension) / 4),
        "basis": -np.eye(dimension)[5],
    }
    return vectors[kind] / np.linalg.norm(vectors[kind])


def _errors(plan, kind: str, probability: float, order: float = 2) -> list[float]:
    """Relative errors of 50 seeded repetitions with exactly the claimed number of shots."""
    found = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        x = math.sqrt(probability) * _unit(kind, rng, plan.dimension)
        state = SampledState(amplitudes=x, success_probability=min(1.0, 2 * probability), rng=rng)
        read = read_vector(state, plan, plan.runs(probability))
        assert read.shots == plan.runs(probability)
        found.append(float(np.linalg.norm(read.amplitudes - x, order)) / math.sqrt(probability))
    return found


@pytest.mark.parametrize("probability", [1.0, 0.05])
@pytest.mark.parametrize("kind", ["normal", "flat", "decaying", "basis"])
def test_claimed_l2_error_holds_in_the_claimed_fraction_of_50_repetitions(
    kind: str, probability: float
) -> None:
    plan = plan_readout(_DIMENSION, 0.1, 0.05)
    errors = _errors(plan, kind, probability)
    assert np.mean(np.array(errors) <= plan.epsilon) >= 1 - plan.failure_probability


@pytest.mark.parametrize("kind", ["normal", "decaying", "basis"])
def test_claimed_largest_error_holds(kind: str) -> None:
    plan = plan_readout(_DIMENSION, 0.1, 0.05, norm="linf")
    errors = _errors(plan, kind, 0.2, order=np.inf)
    assert np.mean(np.array(errors) <= plan.epsilon) >= 1 - plan.failure_probability


def test_too_few_shots_miss_the_claim() -> None:
    plan = plan_readout(_DIMENSION, 0.1, 0.05)
    x = _unit("normal", np.random.default_rng(0))
    state = SampledState(amplitudes=x, success_probability=1.0, rng=np.random.default_rng(1))
    read = read_vector(state, plan, plan.runs(1.0) // 200)
    assert np.linalg.norm(read.amplitudes - x) > plan.epsilon


def test_largest_entries_are_read_with_fewer_shots_up_to_the_tail() -> None:
    dimension, kept = 1 << 14, 4
    plan = plan_readout(dimension, 0.2, 0.05, largest=kept)
    assert plan.largest == kept
    assert plan.copies < plan_readout(dimension, 0.2, 0.05).copies / 15
    x = np.full(dimension, 0.05 / math.sqrt(dimension))
    x[[3, 70, 71, 9000]] = [0.7, -0.5, 0.4, -0.3]
    x /= np.linalg.norm(x)
    tail = np.linalg.norm(np.sort(np.abs(x))[:-kept])
    state = SampledState(amplitudes=x, success_probability=1.0, rng=np.random.default_rng(2))
    read = read_vector(state, plan, plan.runs(1.0))
    assert np.count_nonzero(read.amplitudes) == kept
    assert np.linalg.norm(read.amplitudes - x) <= plan.epsilon + tail


def test_largest_entries_are_not_sought_where_all_are_cheaper() -> None:
    assert plan_readout(64, 0.1, 0.05, largest=32) == plan_readout(64, 0.1, 0.05)


@settings(deadline=None, max_examples=300)
@given(st.integers(2, 12), st.integers(0, 2**32 - 1), st.floats(0, 0.5), st.data())
def test_keeping_the_most_frequent_adds_phi_times_the_error_on_both_sets(
    dimension, seed, noise, data
) -> None:
    """Whatever the estimates are: ||x - kept|| <= T + phi ||x - estimates|| on the largest and the most frequent."""
    kept = data.draw(st.integers(1, dimension))
    rng = np.random.default_rng(seed)
    x = np.abs(rng.normal(size=dimension)) ** rng.integers(1, 4)
    estimates = np.abs(x + noise * rng.normal(size=dimension)) * (rng.random(dimension) > 0.2)
    largest, chosen = (np.argsort(-vector, kind="stable")[:kept] for vector in (x, estimates))
    tail = np.linalg.norm(np.delete(x, largest))
    both = np.union1d(largest, chosen)
    found = np.zeros(dimension)
    found[chosen] = estimates[chosen]
    golden = (1 + math.sqrt(5)) / 2
    assert np.linalg.norm(x - found) <= tail + golden * np.linalg.norm((x - estimates)[both]) + 1e-12


def _sparse(kind: str, dimension: int, kept: int, rng: np.random.Generator) -> np.ndarray:
    x = np.zeros(dimension)
    if kind == "exactly sparse":
        x[rng.choice(dimension, kept, replace=False)] = rng.normal(size=kept)
    elif kind == "equal, one too many":
        x[rng.choice(dimension, kept + 1, replace=False)] = 1.0
    elif kind == "power law":
        x = rng.permutation(np.arange(1, dimension + 1) ** -1.2) * rng.choice([-1, 1], dimension)
    else:
        x[:] = rng.normal(size=dimension) / math.sqrt(dimension)
        x[rng.choice(dimension, kept, replace=False)] = rng.choice([-1, 1], kept)
    return x / np.linalg.norm(x)


@pytest.mark.parametrize("kind", ["exactly sparse", "equal, one too many", "power law", "on a carpet"])
def test_claims_on_the_largest_hold_in_the_claimed_fraction(kind: str) -> None:
    """100 repetitions in 4096 entries, of which 6 are read: within epsilon of what any 6 entries can be."""
    dimension, kept = 4096, 6
    plan = plan_readout(dimension, 0.2, 0.05, largest=kept)
    assert plan.largest == kept
    held = []
    for seed in range(100):
        rng = np.random.default_rng([seed, len(kind)])
        x = _sparse(kind, dimension, kept, rng)
        tail = np.linalg.norm(np.sort(np.abs(x))[:-kept])
        state = SampledState(amplitudes=math.sqrt(0.3) * x, success_probability=0.5, rng=rng)
        read = read_vector(state, plan, plan.runs(0.3)).amplitudes / math.sqrt(0.3)
        assert np.count_nonzero(read) <= kept
        held.append(np.linalg.norm(read - x) <= plan.epsilon + tail)
    assert np.mean(held) >= 1 - plan.failure_probability


def test_too_few_shots_miss_the_largest() -> None:
    plan, rng = plan_readout(4096, 0.2, 0.05, largest=6), np.random.default_rng(3)
    missed = []
    for _ in range(40):
        x = _sparse("exactly sparse", 4096, 6, rng)
        state = SampledState(amplitudes=x, success_probability=1.0, rng=rng)
        missed.append(
            np.linalg.norm(read_vector(state, plan, plan.runs(1.0) // 500).amplitudes - x) > plan.epsilon
        )
    assert np.mean(missed) > 0.5


def test_the_largest_of_a_large_lattice_cost_little_more_than_those_of_a_small_one() -> None:
    """ln(d/k) stands beside constants: 2^27 entries take less than three times the copies of 201."""
    small, large = (plan_readout(dimension, 0.01, 0.05, largest=8).needed for dimension in (201, 1 << 27))
    assert small < large < 3 * small
    every = plan_readout(201, 0.01, 0.05)
    assert small < every.needed / 3


def test_the_same_seed_gives_the_same_result() -> None:
    plan = plan_readout(_DIMENSION, 0.1, 0.05)
    x = _unit("normal", np.random.default_rng(0))

    def read(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return read_vector(
            SampledState(amplitudes=x, success_probability=1.0, rng=rng), plan, 9000
        ).amplitudes

    np.testing.assert_array_equal(read(3), read(3))
    assert np.any(read(3) != read(4))


@pytest.mark.parametrize(
    ("dimension", "norm", "largest"), [(64, "l2", None), (9, "linf", None), (4096, "l2", 2)]
)
def test_claimed_error_inverts_the_plan(dimension: int, norm, largest: int | None) -> None:
    plan = plan_readout(dimension, 0.07, 0.02, norm=norm, largest=largest)
    error = claimed_error(plan, plan.magnitudes, plan.signs)
    assert error == pytest.approx(plan.epsilon, rel=0.15)  # the union over signs is looser for l_inf
    assert error >= plan.epsilon * (1 - 1e-9)


def test_error_of_no_copies_is_unbounded() -> None:
    assert magnitude_error(3, 0, 0.1) == sign_error(3, 0, 0.1) == math.inf


@pytest.mark.parametrize("dimension", [1, 3, 40])
def test_relative_entropy_exceeds_its_bound_no_more_often_than_claimed(dimension: int) -> None:
    failure, shots = 0.2, 4000
    rng = np.random.default_rng(7)
    p = rng.dirichlet(np.ones(dimension + 1))
    drawn = rng.multinomial(shots, p, size=4000) / shots
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = np.nansum(np.where(drawn > 0, drawn * np.log(drawn / p), 0.0), axis=1)
    assert np.mean(entropy > magnitude_copies(dimension, 1.0, failure) / shots) <= failure
    distance = np.sum(np.square(np.sqrt(drawn) - np.sqrt(p)), axis=1)
    assert np.all(distance <= entropy + 1e-12)


def test_interior_point_copies_reproduce_the_known_value() -> None:
    """Second-hand: L = 1024, delta = 0.01, epsilon = 0.009 gives 9 688 792 223."""
    assert math.ceil(interior_point_copies(1024, 0.009, 0.01)) == 9_688_792_223


def test_published_formulas() -> None:
    assert kerenidis_prakash_copies(64, 0.1) == pytest.approx(36 * 64 * math.log(64) / 0.01)
    assert kerenidis_prakash_copies(64, 0.1, norm="linf") == pytest.approx(36 * math.log(64) / 0.01)
    assert amplitude_estimation_queries(64, 0.1, 0.05) == pytest.approx(640 * math.log(1280))
    assert amplitude_estimation_queries(64, 0.5, 0.05, norm="linf") == pytest.approx(4 * math.log(1280))
    assert amplitude_estimation_queries(64, 0.01, 0.05, norm="linf") == pytest.approx(800 * math.log(1280))


def test_our_bounds_need_fewer_copies_than_the_published_ones() -> None:
    copies = {method: plan_readout(1024, 0.01, 0.01, method=method).copies for method in WAYS}
    assert copies["sampling"] < copies["interior-point"] / 50
    assert copies["sampling"] < copies["kerenidis-prakash"] / 50
    assert copies["amplitude-estimation"] < copies["sampling"]


def test_amplitude_estimation_pays_the_root_of_the_probability() -> None:
    plan = plan_readout(64, 0.01, 0.05, method="amplitude-estimation")
    assert plan.runs(0.01) == whole(10 * (plan.magnitudes + plan.signs))


@pytest.mark.parametrize("method", [name for name in WAYS if name != "tomography"])
def test_runs_are_rounded_up_to_four_digits(method: str) -> None:
    plan = plan_readout(64, 0.01, 0.05, method=method)
    for probability in (1.0, 0.37, 1e-9, 1e-300):
        share = Fraction(plan.share(probability))
        needed, runs = Fraction(plan.magnitudes + plan.signs) / share, plan.runs(probability)
        assert needed * (1 - Fraction(1, 10**8)) <= runs <= needed * Fraction(1001, 1000)
        assert len(str(runs).rstrip("0")) <= 4
    with pytest.raises(CheckFailed, match="no number of runs"):
        plan.runs(0.0)


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("logistic-map-scalar", ["carleman.padding=1"]),
        ("quartic-pair", ["training.steps=1", "carleman.order=1", "solver.epsilon=0.1"]),
    ],
)
@pytest.mark.filterwarnings("ignore:carleman.order")
def test_sign_circuit_counts_and_interferes_as_claimed(name: str, overrides: list[str]) -> None:
    opened = open_spec(fixed(name, overrides))
    circuit = opened.design.circuit
    indices = opened.lifted.history.readout_indices()
    reference = np.abs(np.random.default_rng(0).normal(size=indices.shape))
    reference /= np.linalg.norm(reference)
    bloq = sign_circuit(circuit, indices, reference)
    program = emit(bloq)
    counted, emitted = count(bloq), tally(program)
    assert (counted.t, counted.toffoli, counted.rotation_count, counted.measurements, counted.qubits) == (
        emitted.t,
        emitted.toffoli,
        emitted.rotations,
        emitted.measurements,
        emitted.qubits,
    )
    amplitudes = _amplitudes(emit(circuit), indices, {})
    for flag, sign in ((0, 1), (1, -1)):
        found = _amplitudes(program, indices, {"flag": flag})
        np.testing.assert_allclose(found, (reference + sign * amplitudes) / 2, atol=1e-12)


def _amplitudes(program, indices: np.ndarray, values: dict[str, int]) -> np.ndarray:
    """Amplitudes at basis states of the system, other registers as given, everything else |0>."""
    named = {wire for name in ("system", *values) for wire in program.registers[name]}
    state = simulate(program).project([wire for wire in range(program.width) if wire not in named])
    keep = np.ones(len(state), dtype=bool)
    for name, value in values.items():
        keep &= state.values(program.registers[name]) == value
    places = state.values(program.registers["system"])
    return np.array(
        [state.amplitudes[keep & (places == index)].sum() for index in indices.reshape(-1)]
    ).reshape(indices.shape)
