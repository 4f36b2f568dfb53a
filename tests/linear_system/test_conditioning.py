"""kappa(L): THEORY's values, computed against dense, and the proved bounds above both."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carlemanc.carleman import step as step_module
from carlemanc.core.errors import CheckFailed, TooLarge
from carlemanc.linear_system import choose_padding, computed_norms, kappa_bound
from carlemanc.linear_system import singular_values as module
from carlemanc.linear_system.history_norm import history_norm
from carlemanc.linear_system.norm_bounds import kappa_bounds, majorant_step, sum_of_diagonals
from carlemanc.linear_system.singular_values import workload
from carlemanc.model.map_sequence import MapSequence
from tests.one_map import linearize, uniform_history
from tests.reference import DRIVEN, map_of, quartic_pair, quartic_ring, random_map

RADIUS = math.sqrt(0.7)


def of_pair(share, order, steps, padding=0):
    carleman = linearize(quartic_pair(), order=order, gamma=share * RADIUS)
    return uniform_history(carleman=carleman, steps=steps, padding=padding, u_in=np.array([0.4, -0.2]))


def close(value):
    return pytest.approx(value, rel=2e-3)


TABLE = [
    (0.5, 3, {5: 6.74, 10: 10.68, 20: 16.00, 40: 21.41}),
    (0.8, 3, {5: 6.78, 10: 10.78, 20: 16.19, 40: 21.71}),
    (1.0, 3, {5: 6.84, 10: 10.94, 20: 16.51, 40: 22.21}),
    (0.8, 5, {5: 6.78, 10: 10.79, 20: 16.21}),
]


@pytest.mark.parametrize(("share", "order", "rows"), TABLE)
def test_kappa_of_the_pair(share, order, rows):
    """THEORY 13.4 (the even levels that we drop change nothing in it)."""
    for steps, kappa in rows.items():
        system = of_pair(share, order, steps)
        found, bound = computed_norms(system), kappa_bound(system)
        assert found.kappa == close(kappa)
        assert found.inverse_norm <= bound.inverse_norm <= 1.06 * found.inverse_norm
        assert found.norm <= bound.norm
        assert found.kappa <= bound.value
        assert min(bound.alternatives.values()) == pytest.approx(bound.inverse_norm)


def test_bounds_of_the_pair():
    """THEORY 13.4 at gamma = .8 rho*: ||L^-1||, the sum of Gamma_t and 1/(1 - Gamma)."""
    for steps, inverse, total in ((5, 3.61, 5.59), (10, 5.63, 9.40), (20, 8.40, 14.60), (40, 11.24, 18.71)):
        system = of_pair(0.8, 3, steps)
        assert computed_norms(system).inverse_norm == close(inverse)
        bound = kappa_bound(system)
        assert bound.alternatives["contraction powers"] == close(total)
        assert bound.alternatives["contraction"] == pytest.approx(39.7, abs=0.05)
        assert bound.formula == "majorant history"
    step = of_pair(0.8, 3, 5).carleman.to_sparse().toarray()
    assert np.linalg.norm(step, 2) == pytest.approx(0.9329, abs=1e-4)


def test_padding_of_the_pair():
    for padding, kappa in ((0, 16.19), (5, 19.46), (20, 35.93)):
        assert computed_norms(of_pair(0.8, 3, 20, padding)).kappa == close(kappa)


def test_driven_scalar_with_padding():
    """THEORY 13.E: kappa, readout probability and their trade-off for T = 200."""
    map = map_of(1, F0=[0.02], F1=[[-0.1]], F2=[0.03])
    carleman = linearize(map, order=4, gamma=1.0)
    rows = {
        0: (21.7, 0.0052, 301.1),
        10: (23.5, 0.0540, 101.0),
        20: (34.3, 0.0981, 109.7),
        40: (59.4, 0.1744, 142.1),
        100: (135.6, 0.3390, 232.9),
        200: (262.9, 0.4991, 372.2),
        400: (517.6, 0.6550, 639.5),
    }
    for padding, (kappa, probability, cost) in rows.items():
        system = uniform_history(carleman=carleman, steps=200, padding=padding, u_in=np.zeros(1))
        found = computed_norms(system)
        assert found.kappa == close(kappa) or found.kappa == pytest.approx(kappa, abs=0.1)
        assert system.readout_probability() == pytest.approx(probability, abs=1e-4)
        assert found.kappa / math.sqrt(system.readout_probability()) == close(cost)
        assert found.kappa <= kappa_bound(system).value <= 1.02 * found.kappa
    assert 8 <= choose_padding([carleman], MapSequence.constant(map, 200), np.zeros(1)) <= 16
    assert choose_padding([carleman], MapSequence.constant(map, 0), np.zeros(1)) == 0


def test_driven_quadratic_bounds():
    """THEORY 13.3, last line: the norms of the powers of B' stay below the scalar majorant's."""
    for gamma in (0.3, 0.6, 1.0):
        carleman = linearize(DRIVEN, order=4, gamma=gamma)
        step, power, total = carleman.to_sparse().toarray(), np.eye(30), 0.0
        majorant, scalar = majorant_step(carleman), np.eye(4)
        for _ in range(401):
            assert np.linalg.norm(power, 2) <= np.linalg.norm(scalar, 2) * (1 + 1e-9) + 1e-300
            total += np.linalg.norm(power, 2)
            power, scalar = step @ power, majorant @ scalar
        assert total == pytest.approx(14.8, abs=0.3)  # another flattening of F_2 than THEORY's draw


@pytest.mark.parametrize("steps", [3, 17])
def test_marginal_mode(steps):
    """sigma_min of a scalar eigenvalue-1 block is 2 sin(pi/(2(2T + 3))) (THEORY 13.4)."""
    system = uniform_history(carleman=linearize(map_of(1), order=1, gamma=1.0), steps=steps, u_in=np.ones(1))
    exact = 2 * math.sin(math.pi / (2 * (2 * steps + 3)))
    assert computed_norms(system).inverse_norm == pytest.approx(1 / exact, rel=1e-12)
    assert kappa_bound(system).inverse_norm == pytest.approx(1 / exact, rel=1e-6)
    assert kappa_bound(system).inverse_norm >= 1 / exact


@pytest.mark.parametrize("seed", range(40))
def test_bounds_hold_on_random_systems(seed):
    rng = np.random.default_rng(seed)
    degrees = [(0, 1, 2), (1, 2), (1, 3), (0, 1, 2, 3), (0, 1)][seed % 5]
    map = random_map(seed, int(rng.integers(1, 3)), degrees, size=float(10 ** rng.uniform(-2, 0)))
    corrections = 1 + seed % 2 if seed % 4 == 0 else None
    carleman = linearize(map, order=3, gamma=float(10 ** rng.uniform(-1, 0.5)), corrections=corrections)
    system = uniform_history(
        carleman=carleman, steps=int(rng.integers(1, 7)), padding=int(rng.integers(0, 4)), u_in=np.ones(map.n)
    )
    matrix = system.packed_matrix().toarray()
    values = np.linalg.svd(matrix, compute_uv=False)
    inverse = np.linalg.norm(np.linalg.inv(matrix), 2)
    bound = kappa_bound(system)
    assert values[0] <= bound.norm * (1 + 1e-12)
    for value in bound.alternatives.values():
        assert inverse <= value * (1 + 1e-9)
    found = computed_norms(system)
    assert found.norm == pytest.approx(values[0], rel=1e-8)
    assert found.inverse_norm == pytest.approx(inverse, rel=1e-6)


def test_lanczos_against_dense(monkeypatch):
    map = random_map(3, 3, (0, 1, 2), size=0.05)
    carleman = linearize(map, order=3, gamma=0.5)
    system = uniform_history(carleman=carleman, steps=10, padding=2, u_in=np.ones(3))
    dense = computed_norms(system)
    assert dense.method == "dense SVD"
    monkeypatch.setattr(module, "DENSE_SIZE", 0)
    for stored in (module._STORED_ENTRIES, -1):  # stored factors, then block substitution
        monkeypatch.setattr(module, "_STORED_ENTRIES", stored)
        lanczos = computed_norms(system)
        assert lanczos.method == "Lanczos"
        assert lanczos.residual < 1e-8
        assert lanczos.kappa == pytest.approx(dense.kappa, rel=1e-8)
        assert lanczos.inverse_norm == pytest.approx(dense.inverse_norm, rel=1e-8)


def test_a_long_ring_whose_modes_crowd_at_the_end():
    """At N = 1 the modes of a ring decouple: a bidiagonal matrix of its own for each eigenvalue of I + F_1."""
    n, steps = 2048, 10
    derived = quartic_ring(n)
    system = uniform_history(
        carleman=linearize(derived, order=1, gamma=1.0), steps=steps, u_in=np.full(n, 0.1)
    )
    first = np.zeros(n)
    first[0] = 1.0
    decay = np.unique(np.fft.fft(first + derived.tensors[1].apply(first)).real.round(14))
    values = np.array(
        [np.linalg.svd(np.eye(steps + 1) - b * np.eye(steps + 1, k=-1), compute_uv=False) for b in decay]
    )
    found = computed_norms(system)
    assert found.residual > 1e-6
    assert values.max() <= found.norm <= values.max() * (1 + 1e-4)
    assert 1 / values.min() <= found.inverse_norm <= (1 + 1e-4) / values.min()


def test_nothing_finite(recwarn):
    """A divergent system: bounds become inf, the computed value says why it cannot be had; no warnings."""
    system = uniform_history(
        carleman=linearize(map_of(1, F1=[[9.0]], F2=[5.0]), order=3, gamma=1.0), steps=400, u_in=np.ones(1)
    )
    assert kappa_bound(system).value == math.inf
    with pytest.raises(CheckFailed, match="overflow"):
        computed_norms(system)
    assert not recwarn.list


def test_no_steps_is_the_identity():
    system = uniform_history(carleman=linearize(map_of(2), order=2, gamma=1.0), steps=0, u_in=np.ones(2))
    assert computed_norms(system).kappa == 1.0
    assert kappa_bound(system).inverse_norm == pytest.approx(1.0)


def test_too_large():
    carleman = linearize(quartic_ring(8), order=5, gamma=1.0)
    system = uniform_history(carleman=carleman, steps=2000, u_in=np.full(8, 0.1))
    with pytest.raises(TooLarge, match="computed condition number"):
        computed_norms(system)
    assert math.isfinite(kappa_bound(system).value)


@pytest.mark.parametrize("corrections", [None, 1])
def test_the_forecast_counts_the_products_that_are_made(monkeypatch, corrections):
    carleman = linearize(random_map(5, 3, (0, 1, 2), size=0.1), order=3, gamma=0.5, corrections=corrections)
    history = uniform_history(carleman=carleman, steps=7, padding=3, u_in=np.ones(3))
    assert history.work == 7 * carleman.entries_bound + 3 * carleman.dimension  # stored: its entries
    made, contract = [], step_module._contract

    def counting(matrix, array, left):
        made.append(matrix.nnz * (array.size // matrix.shape[1]))
        return contract(matrix, array, left)

    monkeypatch.setattr(step_module, "_contract", counting)
    carleman.apply(np.ones(carleman.dimension))
    copied = sum(
        3 ** (move.source.done + move.source.rest) for move in carleman.operator.moves if move.degree < 0
    )
    assert carleman.product_work(0) == sum(made) + copied


def test_what_does_not_fit_is_known_before():
    def history(steps):
        return uniform_history(
            carleman=linearize(quartic_ring(64), order=3, gamma=1.0), steps=steps, u_in=np.full(64, 0.1)
        )

    assert workload(history(20)).fits
    assert workload(history(40)).work == pytest.approx(40 / 20 * workload(history(20)).work, rel=0.05)
    assert not workload(history(40)).fits  # by its operations alone
    too_many = workload(history(80))
    assert not too_many.fits
    assert too_many.size == "2.12e+07 unknowns"


def test_sum_of_diagonals_against_a_norm():
    """The bound of ||L^-1|| for scalar b: exact blocks b^t, growing or decaying, with copies."""
    for b in (0.5, 1.0, 1.5):
        for padding in (0, 1, 4):
            steps = 3
            size = steps + padding + 1
            matrix = np.eye(size)
            for t in range(size - 1):
                matrix[t + 1, t] = -b if t < steps else -1.0
            inverse = np.linalg.norm(np.linalg.inv(matrix), 2)
            bound = sum_of_diagonals([b**t for t in range(steps + 1)], padding)
            assert inverse <= bound * (1 + 1e-12)
            sharp = history_norm(np.array([[[b]]]), (0,) * steps, padding)
            assert inverse <= sharp * (1 + 1e-12)
            assert sharp == pytest.approx(inverse, rel=1e-6)


def test_power_norms_of_undriven_maps_stay_below_the_contraction():
    """||B_N^t|| <= max(Gamma_t, Gamma_t^N) on random maps with F_0 = 0 (THEORY 13.4, property)."""
    for seed in range(30):
        map = random_map(seed, 2, (1, 2, 3) if seed % 2 else (1, 2), size=0.1)
        carleman = linearize(map, order=3, gamma=0.8)
        g = [0.0, *(carleman.step_tensors[d].norm2 for d in sorted(carleman.step_tensors))]
        step, power, contraction = carleman.to_sparse().toarray(), np.eye(14), 1.0
        for _ in range(7):
            power, contraction = step @ power, sum(c * contraction**d for d, c in enumerate(g))
            if contraction > 1e6:
                break
            assert np.linalg.norm(power, 2) <= max(contraction, contraction**3) * (1 + 1e-12)


@pytest.mark.parametrize("order", [1, 3])
def test_bounds_of_several_paddings_are_those_of_each(order):
    for map in (DRIVEN, quartic_pair()):
        carleman = linearize(map, order=order, gamma=0.7)
        paddings = (0, 1, 5, 12)
        together = kappa_bounds(uniform_history(carleman=carleman, steps=6, u_in=[0.1, 0.2]), paddings)
        for padding, bound in zip(paddings, together, strict=True):
            alone = kappa_bound(uniform_history(carleman=carleman, steps=6, padding=padding, u_in=[0.1, 0.2]))
            assert bound == alone


def test_sum_of_diagonals_against_its_definition():
    rng = np.random.default_rng(0)
    for padding in (0, 1, 3, 20):
        beta = rng.random(8).tolist()
        expected = sum(max(beta[max(0, d - padding) : min(d, 7) + 1]) for d in range(8 + padding))
        assert sum_of_diagonals(beta, padding) == pytest.approx(expected, rel=1e-14)
    assert sum_of_diagonals([1.0, math.inf, math.inf], 1) == math.inf


@pytest.mark.parametrize(("growth", "steps"), [(1e20, 4), (1e30, 3), (1e15, 4)])
def test_a_history_norm_where_lanczos_breaks_down(growth, steps):
    """ARPACK finds no basis beside one huge value: any positive vector bounds the norm, which is near growth^T."""
    found = history_norm(np.array([[[growth]]]), (0,) * steps, 0)
    assert growth**steps <= found <= growth**steps * (1 + 1e-9)
