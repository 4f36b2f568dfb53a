"""The truncation certificate: THEORY's check values, and never below the true error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.carleman.majorant import powers, sequence_majorant
from carlemanc.carleman.regime import finite_time_radius, finite_time_ratio
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from tests.one_map import certify, linearize, measured_truncation_errors, truncation_bound
from tests.reference import DRIVEN, DRIVEN_F2, map_of, quartic_pair, quartic_ring


def close(value):
    """THEORY's tolerance: one unit in the last printed digit or 2 %."""
    return pytest.approx(value, rel=0.02)


def errors(map, u, steps, order, ord=2, **options):
    exact = map.iterate(np.asarray(u, dtype=float), steps)
    iterate = linearize(map, order=order, gamma=1.0, **options).iterate(u, steps)
    return np.linalg.norm(iterate - exact, ord=ord, axis=1)


# --- THEORY 13.2, 13.3, 13.7 -----------------------------------------------------------------------------

UNDRIVEN = [
    (0.4, 1, 1.24e-2, 3.19e-2, 2.39e-1),
    (0.4, 3, 9.79e-4, 5.38e-3, 6.83e-2),
    (0.4, 5, 9.88e-5, 1.10e-3, 1.95e-2),
    (0.4, 7, 1.11e-5, 2.44e-4, 5.58e-3),
    (0.7, 1, 5.99e-2, 0.317, 0.732),
    (0.7, 3, 1.37e-2, 0.208, 0.641),
    (0.7, 5, 4.14e-3, 0.149, 0.560),
    (0.7, 7, 1.40e-3, 0.112, 0.490),
]


@pytest.mark.parametrize(("x", "order", "true", "certificate", "closed"), UNDRIVEN)
def test_undriven_pair(x, order, true, certificate, closed):
    map, u = quartic_pair(), np.array([x, -x / 2])
    g, x0 = map.norms, float(np.linalg.norm(u))
    measured = errors(map, u, 60, order)
    bounds = np.array([truncation_bound(g, x0, t, order) for t in range(61)])
    assert measured.max() == close(true)
    assert bounds.max() == close(certificate)
    radius = math.sqrt(0.7)
    assert radius * (x0 / radius) ** (order + 1) == close(closed)
    assert np.all(measured <= bounds + 1e-14)
    assert np.all(bounds <= radius * (x0 / radius) ** (order + 1))


@pytest.mark.parametrize(
    ("order", "true", "certificate"),
    [(2, 5.24e-5, 5.47e-3), (4, 5.75e-8, 2.32e-4), (6, 1.61e-11, 1.18e-5)],
)
def test_driven_quadratic(order, true, certificate):
    u = np.array([0.3, 0.1])
    g = (float(np.hypot(0.005, 0.002)), DRIVEN.norms[1], float(np.linalg.norm(DRIVEN_F2, 2)))
    assert g == (pytest.approx(0.00539, abs=1e-5), pytest.approx(0.93236, abs=1e-5), close(0.05416))
    measured = errors(DRIVEN, u, 80, order)
    bounds = [truncation_bound(g, float(np.linalg.norm(u)), t, order) for t in range(81)]
    assert measured.max() == close(true)
    assert max(bounds) == close(certificate)
    assert np.all(measured <= np.array(bounds) + 1e-14)
    symmetrized = certify(DRIVEN, u_in=u, steps=80, orders=[order])
    known = certify(DRIVEN, u_in=u, steps=80, orders=[order], a_posteriori=True)
    assert measured[-1] <= known.bounds[order] <= symmetrized.bounds[order] <= bounds[-1]


ALMOST = [
    (
        0.0,
        [[-0.0058, -0.0020, 0.0090, 0.0115], [-0.0132, -0.0079, 0.0065, -0.0199]],
        0.472,
        [(2, 8.7e-4, 0.122), (4, 1.7e-5, 0.0255), (6, 1.1e-7, 0.0053)],
    ),
    (
        0.005,
        [[-0.0046, -0.0010, 0.0126, 0.0069], [-0.0033, -0.0037, -0.0025, 0.0152]],
        0.383,
        [(2, 3.1e-4, 0.0932), (4, 2.0e-6, 0.0129), (6, 6.4e-9, 0.00174)],
    ),
]


@pytest.mark.parametrize(("delta", "quadratic", "ratio", "rows"), ALMOST)
def test_almost_dissipative(delta, quadratic, ratio, rows):
    map = map_of(2, F1=np.diag([delta, -0.08]), F2=quadratic)
    g, u = (0.0, 1 + delta, float(np.linalg.norm(quadratic, 2))), 0.3 * np.array([0.8, 0.6])
    assert finite_time_ratio(g, 0.3, 60) == pytest.approx(ratio, abs=1e-3)
    for order, true, certificate in rows:
        assert errors(map, u, 60, order).max() == pytest.approx(true, rel=0.05)
        assert truncation_bound(g, 0.3, 60, order) == close(certificate)


@pytest.mark.parametrize(
    ("delta", "strength", "degree", "steps", "share", "value"),
    [
        (0, 0.01, 2, 60, 0.5, 1.648),
        (0.01, 0.02, 2, 40, 0.3, 0.6566),
        (0.02, 0.05, 3, 30, 0.4, 0.33585),
        (-0.05, 0.1, 3, 50, 0.5, 0.03027),
        (-0.02, 0.03, 2, 80, 0.4, 0.10746),
        (0.1, 0.1, 3, 10, 0.6, 0.8636),
    ],
)
def test_the_majorant_below_the_radius_of_finite_time(delta, strength, degree, steps, share, value):
    g = (0.0, 1.0 + delta, *[0.0] * (degree - 2), strength)
    start = share * finite_time_radius(g, steps)
    assert sequence_majorant([g] * steps, start)[-1] == pytest.approx(value, rel=1e-3)


# --- THEORY 13.A ------------------------------------------------------------------------------------------

RING = {
    3: (2.44e-2, 3.12e-3, 5.16e-4),
    4: (2.05e-2, 2.04e-3, 2.63e-4),
    6: (2.05e-2, 2.05e-3, 2.65e-4),
    8: (2.13e-2, 2.25e-3, 3.12e-4),
}


@pytest.mark.parametrize("n", list(RING))
def test_maximum_norm_certificate_needs_no_n(n):
    map = quartic_ring(n)
    u = np.array([0.5 * (-1) ** i * (0.8 if i % 3 == 0 else 1.0) for i in range(n)])
    for order, true, certificate in zip((1, 3, 5), RING[n], (5.61e-2, 1.42e-2, 4.31e-3), strict=True):
        if n**order > 20_000:
            continue
        measured = errors(map, u, 60, order, ord=np.inf)
        g = (0.0, map.G1().norm_inf, 0.0, map.F(3).norm_inf)
        bounds = [truncation_bound(g, 0.5, t, order) for t in range(61)]
        assert measured.max() == close(true)
        assert max(bounds) == close(certificate)
        if np.linalg.norm(u) > math.sqrt(0.6):  # r_2 > 1: only the maximum norm still contracts
            found = certify(map, u_in=u, steps=60, orders=[order])
            assert found.norms[order] == "inf"
            assert errors(map, u, 60, order)[-1] <= found.bounds[order]


# --- properties -------------------------------------------------------------------------------------------


def random_system(seed):
    """A random map (n <= 3, degrees up to 3, driven or not), a start and T."""
    rng = np.random.default_rng(seed)
    n, q = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    driven = bool(rng.integers(0, 2))
    scale = float(10.0 ** rng.uniform(-2, -0.3))
    tensors = {}
    for degree in range(0 if driven else 1, q + 1):
        shape = (n,) * (degree + 1)
        dense = scale * rng.normal(size=shape) * (rng.random(shape) < 0.7)
        index = np.argwhere(dense != 0)
        tensors[degree] = SparseTensor.build(
            n=n, degree=degree, rows=index[:, 0], cols=index[:, 1:], vals=dense[dense != 0]
        )
    map = PolynomialMap(n=n, center=np.zeros(n), tensors=tensors, learning_rate=1.0, source="")
    u = rng.normal(size=n) * 10.0 ** rng.uniform(-3, 0)
    return map, u, int(rng.integers(1, 12))


@pytest.mark.parametrize("seed", range(120))
def test_the_certificate_is_never_below_the_true_error(seed):
    map, u, steps = random_system(seed)
    orders = (1, 2, 3, 4)
    corrections = None if seed % 3 else 1 + seed % 2
    for a_posteriori in (False, True):
        found = certify(
            map, u_in=u, steps=steps, orders=orders, corrections=corrections, a_posteriori=a_posteriori
        )
        measured = measured_truncation_errors(map, u, steps, orders, corrections=corrections)
        size = max(1.0, float(np.abs(map.iterate(u, steps)).max()))
        for order in orders:
            if math.isfinite(found.bounds[order]):
                assert measured[order] <= found.bounds[order] + 1e-14 * steps * size


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.just(0.0) | st.floats(1e-4, 1.2), min_size=2, max_size=4),
    st.just(0.0) | st.floats(1e-6, 1.0),
    st.integers(0, 8),
    st.integers(1, 5),
)
def test_equals_the_difference_of_theory(g, x0, steps, order):
    """v(T) - w_1(T), computed in rationals, from above and within rounding."""
    from fractions import Fraction

    exact = [Fraction(value) for value in g]
    table = [[Fraction(0)] * (order + 1) for _ in range(order + 1)]
    row = [Fraction(1)]
    for j in range(1, order + 1):
        row = [
            sum(row[i - d] * exact[d] for d in range(len(exact)) if 0 <= i - d < len(row))
            for i in range(len(row) + len(exact) - 1)
        ]
        table[j][: min(len(row), order + 1)] = row[: order + 1]
    v, w = Fraction(x0), [Fraction(x0) ** j for j in range(order + 1)]
    if steps * (len(g) - 1) > 1 and len(g) ** steps > 3000:
        steps = 4
    for _ in range(steps):
        w = [Fraction(1)] + [sum(table[j][k] * w[k] for k in range(order + 1)) for j in range(1, order + 1)]
        v = sum(c * v**d for d, c in enumerate(exact))
    difference, bound = v - w[1], truncation_bound(g, x0, steps, order)
    if math.isfinite(bound):
        assert Fraction(bound) >= difference
        assert bound <= float(difference) * (1 + 1e-11) + 1e-290


def test_tiny_errors_keep_their_precision():
    """v - w_1 would be 0 in floating point here; the recursion is not."""
    g, x0 = (0.0, 0.9, 0.1), 1e-3
    assert 0.0 < truncation_bound(g, x0, 20, 8) < 1e-25
    assert truncation_bound(g, 1e-200, 20, 1) == pytest.approx(0.0, abs=1e-300)


def test_exact_beyond_the_degree_of_the_flow():
    """N >= q^T is exact (THEORY 3.1), and so is any affine map."""
    assert truncation_bound((0.0, 0.9, 0.0, 0.3), 0.5, 2, 9) == 0.0
    assert truncation_bound((0.0, 0.9, 0.0, 0.3), 0.5, 2, 8) > 0.0
    assert truncation_bound((0.2, 0.9), 0.5, 50, 1) == 0.0
    assert truncation_bound((0.0, 0.9, 0.3), 0.0, 50, 1) == 0.0
    assert truncation_bound((0.1, 0.9, 0.3), 0.0, 0, 1) == 0.0
    assert truncation_bound((0.1, 0.9, 0.3), 0.0, 1, 1) == 0.0


def test_divergent_maps_give_inf_without_a_warning(recwarn):
    assert truncation_bound((0.0, 3.0, 0.0, 5.0), 2.0, 100, 3) == math.inf
    assert truncation_bound((0.0, 1.0, 1e80), 1e30, 2, 3) == math.inf
    assert finite_time_ratio((0.0, 1.5, 0.1), 1.0, 10_000) > 1e100
    assert finite_time_ratio((0.1, 0.9, 0.1), 1.0, 10) is None
    assert not recwarn.list


def test_powers_of_the_majorant():
    np.testing.assert_allclose(powers([0.5, 2.0], 2), [[0.5, 2.0, 0.0], [0.25, 2.0, 4.0]])


# --- THEORY 13.6: the discrete matrix is not the continuous one with Euler steps ---------------------------


@pytest.mark.parametrize(
    ("eta", "discrete", "euler", "gap"),
    [(0.2, 5.19e-4, 6.20e-3, 0.546), (0.1, 4.46e-4, 2.72e-3, 0.154), (0.05, 4.17e-4, 1.44e-3, 0.0410)],
)
def test_one_correction_is_the_euler_matrix(eta, discrete, euler, gap):
    map, u, steps = quartic_pair(eta=eta), np.array([0.5, -0.25]), round(4 / eta)
    assert errors(map, u, steps, 5).max() == close(discrete)
    assert errors(map, u, steps, 5, corrections=1).max() == close(euler)
    full = linearize(map, order=5, gamma=1.0).to_sparse()
    first = linearize(map, order=5, gamma=1.0, corrections=1).to_sparse()
    assert np.linalg.norm((full - first).toarray(), 2) == pytest.approx(gap, rel=0.02)
    bound = certify(map, u_in=u, steps=steps, orders=[5], corrections=1).bounds[5]
    assert errors(map, u, steps, 5, corrections=1)[-1] <= bound


# --- THEORY 13.8: exactness ---------------------------------------------------------------------------------


def test_the_iterate_is_the_taylor_polynomial_in_the_initial_scale():
    map, u = quartic_pair(eta=0.3), np.array([1.0, -0.4])
    linear = np.eye(2) + map.F(1).to_sparse().toarray()

    def step(v):
        return linear @ v - 0.3 * v**3

    roots = np.exp(2j * np.pi * np.arange(16) / 16)
    values = np.array([step(step(s * u.astype(complex))) for s in roots])
    coefficients = (np.fft.fft(values, axis=0) / 16).real
    for order in (1, 3, 5, 7):
        iterate = linearize(map, order=order, gamma=1.0).iterate(u, 2)[-1]
        np.testing.assert_allclose(iterate, coefficients[: order + 1].sum(axis=0), atol=1e-14)
    np.testing.assert_allclose(
        linearize(map, order=9, gamma=1.0).iterate(u, 2)[-1], map.iterate(u, 2)[-1], atol=1e-14
    )


def test_symmetric_vectors_stay_symmetric():
    """THEORY 13.B: B preserves symmetric vectors; ||B_sym|| = .9435 for the n = 2 ring at gamma = .9 rho*."""
    map = quartic_ring(2)
    system = linearize(map, order=3, gamma=0.9 * math.sqrt(0.6))
    isometries = [np.eye(2), symmetric_basis(3)]
    isometry = np.block([[isometries[0], np.zeros((2, 4))], [np.zeros((8, 2)), isometries[1]]])
    step = system.to_sparse().toarray()
    inside = isometry.T @ step @ isometry
    np.testing.assert_allclose(step @ isometry, isometry @ inside, atol=1e-15)
    assert np.linalg.norm(inside, 2) == pytest.approx(0.9435, abs=1e-4)
    assert np.linalg.norm(inside, 2) <= np.linalg.norm(step, 2) + 1e-14


def symmetric_basis(level):
    """Orthonormal columns spanning the symmetric vectors of (R^2)^(x)level."""
    weight = np.array([bin(i).count("1") for i in range(2**level)])
    columns = [(weight == w) / math.sqrt((weight == w).sum()) for w in range(level + 1)]
    return np.array(columns).T
