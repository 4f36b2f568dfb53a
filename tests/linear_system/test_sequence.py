"""L with a block of its own for every step: solution, matrix, norms, conditioning and bounds."""

import math

import numpy as np
import pytest
import scipy.sparse.linalg

from carlemanc.carleman import iterate_systems, linearize_sequence
from carlemanc.core.errors import InternalError
from carlemanc.linear_system import HistorySystem, computed_norms, kappa_bound
from carlemanc.linear_system import norm_bounds as module
from carlemanc.linear_system import singular_values as conditioning_module
from carlemanc.linear_system.norm_bounds import period
from carlemanc.model.map_sequence import MapSequence
from tests.one_map import linearize, uniform_history
from tests.reference import random_map


@pytest.fixture
def histories():
    """histories(seed, degrees, count, steps, padding, noise, corrections): a history of steps that differ."""

    def build(seed=0, degrees=(0, 1, 2), count=3, steps=5, padding=2, noise=0.0, corrections=None, n=2):
        maps = tuple(random_map(seed * 10 + index, n, degrees, size=0.1) for index in range(count))
        sequence, rng = MapSequence.cycle(maps, steps), np.random.default_rng(seed)
        if noise:
            sequence = sequence.with_noise(noise * rng.normal(size=(steps, n)))
        systems = linearize_sequence(sequence, order=3, gamma=0.8, corrections=corrections)
        return HistorySystem(
            systems=systems, schedule=sequence.schedule, padding=padding, u_in=rng.normal(size=n) * 0.2
        )

    return build


CASES = [
    {},
    {"noise": 0.05},
    {"degrees": (1, 3), "padding": 0},
    {"degrees": (0, 1)},
    {"corrections": 1},
    {"count": 5, "steps": 3, "padding": 4},
    {"n": 3, "steps": 3},
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_solution_and_matrix(histories, case):
    history = histories(**case)
    matrix, rhs = history.matrix(), history.rhs()
    x = scipy.sparse.linalg.spsolve(matrix.tocsc(), rhs)
    np.testing.assert_allclose(x, history.embed(history.solve()), atol=1e-12)
    expected = iterate_systems(history.systems, history.schedule, history.u_in)[-1]
    np.testing.assert_allclose(history.weights(), expected, atol=1e-13)
    for copy in history.readout_indices():
        np.testing.assert_allclose(history.gamma * x[copy], expected, atol=1e-12)
    assert history.rhs_norm() == pytest.approx(np.linalg.norm(rhs), rel=1e-12)
    assert history.solution_norm() == pytest.approx(np.linalg.norm(x), rel=1e-12)
    share = np.sum(x[history.readout_indices()] ** 2) / np.sum(x**2)
    assert history.readout_probability() == pytest.approx(share, rel=1e-10)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_blocks_are_those_of_the_schedule(histories, case):
    history = histories(**case)
    packed, size = history.packed_matrix().toarray(), history.dimension
    for row in range(history.times):
        for column in range(history.times):
            block = packed[row * size : (row + 1) * size, column * size : (column + 1) * size]
            expected = np.eye(size) if row == column else np.zeros((size, size))
            if row == column + 1:
                step = history.at(column).to_sparse().toarray() if column < history.steps else np.eye(size)
                expected = -step
            np.testing.assert_allclose(block, expected, atol=1e-15)
    register = history.matrix().toarray()
    places = history.packed_indices().reshape(-1)
    np.testing.assert_allclose(register[np.ix_(places, places)], packed, atol=1e-15)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_products_and_substitution_are_the_matrix(histories, case):
    history = histories(**case)
    matrix = history.packed_matrix().toarray()
    x = np.random.default_rng(1).normal(size=(history.times, history.dimension))
    flat = x.reshape(-1)
    for found, expected in (
        (history.apply(x), matrix @ flat),
        (history.apply_transposed(x), matrix.T @ flat),
        (history.substitute(x), np.linalg.solve(matrix, flat)),
        (history.substitute_transposed(x), np.linalg.solve(matrix.T, flat)),
    ):
        np.testing.assert_allclose(found.reshape(-1), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(24))
def test_bounds_hold(histories, monkeypatch, seed):
    history = histories(
        seed=seed,
        degrees=[(0, 1, 2), (1, 2), (1, 3), (0, 1)][seed % 4],
        count=1 + seed % 4,
        steps=1 + seed % 6,
        padding=seed % 3,
        noise=[0.0, 0.05][(seed // 4) % 2],
        corrections=2 if seed % 5 == 0 else None,
    )
    values = np.linalg.svd(history.packed_matrix().toarray(), compute_uv=False)
    for most in (module._MAX_PRODUCTS, 0):  # products of the steps, then one step that dominates all
        monkeypatch.setattr(module, "_MAX_PRODUCTS", most)
        bound = kappa_bound(history)
        assert values[0] <= bound.norm * (1 + 1e-12)
        for value in bound.alternatives.values():
            assert 1 / values[-1] <= value * (1 + 1e-9)
        assert math.isfinite(bound.value)


def test_computed_conditioning(histories, monkeypatch):
    history = histories(noise=0.02)
    values = np.linalg.svd(history.packed_matrix().toarray(), compute_uv=False)
    for dense, stored in ((600, 4_000_000), (0, 4_000_000), (0, -1)):
        monkeypatch.setattr(conditioning_module, "DENSE_SIZE", dense)
        monkeypatch.setattr(conditioning_module, "_STORED_ENTRIES", stored)
        found = computed_norms(history)
        assert found.norm == pytest.approx(values[0], rel=1e-8)
        assert found.inverse_norm == pytest.approx(1 / values[-1], rel=1e-6)


def test_bound_of_a_cycle_is_that_of_all_its_starts():
    """Products over every start of the period, by brute force."""
    maps = tuple(random_map(seed, 1, (1, 2), size=0.3) for seed in range(3))
    sequence = MapSequence.cycle(maps, 11)
    systems = linearize_sequence(sequence, order=2, gamma=0.5)
    history = HistorySystem(systems=systems, schedule=sequence.schedule, u_in=[0.1])
    tables = [module.majorant_step(item) for item in systems]
    total = 0.0
    for length in range(12):
        norms = []
        for start in range(12 - length):
            product = np.eye(2)
            for step in range(start, start + length):
                product = tables[step % 3] @ product
            norms.append(np.linalg.norm(product, 2))
        total += max(norms)
    assert kappa_bound(history).alternatives["majorant powers"] == pytest.approx(total, rel=1e-9)


def test_equal_steps_give_the_bound_of_one_map():
    one = linearize(random_map(0, 2, (0, 1, 2)), order=3, gamma=0.8)
    twin = linearize(random_map(0, 2, (0, 1, 2)), order=3, gamma=0.8)
    uniform = uniform_history(carleman=one, steps=6, padding=1, u_in=np.ones(2))
    mixed = HistorySystem(systems=(one, twin), schedule=(0, 1, 1, 0, 0, 1), padding=1, u_in=np.ones(2))
    assert kappa_bound(mixed).value == pytest.approx(kappa_bound(uniform).value, rel=1e-6)
    np.testing.assert_array_equal(mixed.solve(), uniform.solve())
    assert mixed.fingerprint() != uniform.fingerprint()


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [((), 1), ((0,), 1), ((0, 1), 2), ((0, 1, 0), 2), ((0, 1, 0, 0), 3), ((0, 0, 1) * 5 + (0,), 3)],
)
def test_period(schedule, expected):
    assert period(schedule) == expected


def test_what_does_not_fit_is_refused():
    one, other = (linearize(random_map(0, 2, (1, 2)), order=2, gamma=gamma) for gamma in (0.5, 0.6))
    start = np.zeros(2)
    for bad in (
        {"systems": (), "schedule": ()},
        {"systems": (one, other), "schedule": (0, 1)},
        {"systems": (one,), "schedule": (0, 1)},
    ):
        with pytest.raises(ValueError):
            HistorySystem(u_in=start, **bad)
    history = HistorySystem(systems=(one, one), schedule=(0, 1), u_in=start)
    with pytest.raises(InternalError, match="2"):
        _ = history.carleman
