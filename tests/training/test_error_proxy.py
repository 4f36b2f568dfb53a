"""The error proxy of eqs. (7)-(8): THEORY 13.F, the two-cluster closed form, convexity, densities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from carlemanc.core.errors import InputError
from carlemanc.training.error_proxy import error_proxy

TIMES = [0, 1, 2, 5, 10, 20, 50, 100]


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    """THEORY 13.F: 5000 draws a = -U(0, 1)^2, then 60 of a = U(0, 0.6), numpy default_rng(0)."""
    generator = np.random.default_rng(0)
    return np.concatenate([-(generator.uniform(0, 1, 5000) ** 2), generator.uniform(0, 0.6, 60)])


@pytest.mark.parametrize(
    ("eta_s", "published"),
    [
        (1.0, [1, 0.336, 0.157, 0.101, 0.686, 47.1, 2.34e7, 1.34e17]),
        (0.1, [1, 0.934, 0.872, 0.713, 0.516, 0.289, 0.176, 1.68]),
    ],
)
def test_check_values(samples: np.ndarray, eta_s: float, published: list[float]) -> None:
    kept = samples[np.abs(samples) >= 0.4]
    assert ((kept < 0).sum(), (kept > 0).sum()) == (1841, 21)
    proxy = error_proxy(samples, eta_s=eta_s)
    assert proxy.kept == 1862
    assert np.allclose(proxy.values(TIMES), published, rtol=5e-3)


@pytest.mark.parametrize("eta_s", [1.0, 0.1, 0.37])
def test_minimum_and_crossing_are_those_of_a_scan(samples: np.ndarray, eta_s: float) -> None:
    proxy = error_proxy(samples, eta_s=eta_s)
    scan = np.array([np.mean(np.abs(1 + eta_s * samples[np.abs(samples) >= 0.4]) ** t) for t in range(200)])
    assert proxy.t_min == int(scan.argmin())
    assert proxy.t_cross == 1 + int(np.argmax(scan[1:] >= 1))
    assert proxy.period == proxy.t_min


def two_cluster_minimum(weights: tuple[float, float], a: tuple[float, float]) -> float:
    """The real t with the least w_- (1 - |a_-|)^t + w_+ (1 + a_+)^t (THEORY section 8), -1 < a_- < 0 < a_+."""
    falling, rising = 1.0 - abs(a[0]), 1.0 + a[1]
    ratio = weights[0] * math.log(1.0 / falling) / (weights[1] * math.log(rising))
    return math.log(ratio) / math.log(rising / falling)


def test_two_clusters_have_the_closed_form_minimum() -> None:
    found = two_cluster_minimum((0.9, 0.1), (-0.6, 0.5))
    assert round(found, 3) == 2.279
    proxy = error_proxy([-0.6, 0.5], [0.9, 0.1])
    search = minimize_scalar(lambda t: float(proxy.log_values(t)), bounds=(0, 20), options={"xatol": 1e-10})
    assert math.isclose(search.x, found, abs_tol=1e-6)
    assert proxy.t_min in {math.floor(found), math.ceil(found)}


@given(
    st.floats(0.05, 0.95),
    st.floats(-0.95, -0.41),
    st.floats(0.41, 1.0),
)
def test_the_integer_minimum_is_beside_the_closed_form(share: float, falling: float, rising: float) -> None:
    proxy = error_proxy([falling, rising], [share, 1 - share])
    found = max(two_cluster_minimum((share, 1 - share), (falling, rising)), 0.0)
    assert proxy.t_min is not None
    assert math.floor(found) <= proxy.t_min <= math.ceil(found)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20), st.floats(0.01, 2.0))
def test_log_values_are_convex_and_start_at_zero(a: list[float], eta_s: float) -> None:
    proxy = error_proxy(a, eta_s=eta_s, window=(0.0, 1.0))
    values = proxy.values(np.arange(12))
    assert math.isclose(values[0], 1.0, rel_tol=1e-12)
    assert np.all(np.diff(values, 2) >= -1e-9 * np.abs(values).max())
    direct = np.mean(np.abs(1 + eta_s * np.array(a))[:, None] ** np.arange(12)[None, :], axis=0)
    assert np.allclose(values, direct, rtol=1e-9, atol=1e-300)


def test_no_time_overflows() -> None:
    proxy = error_proxy([-0.5, 0.5])
    assert np.isclose(float(proxy.log_values(10**7)), 10**7 * math.log(1.5) - math.log(2), rtol=1e-12)
    assert proxy.to_json(3)["E"][0] == 1


def test_modes_outside_the_window_do_not_count() -> None:
    inside = error_proxy([-0.5, 0.5])
    more = error_proxy([-0.5, 0.5, 0.39, -1.2, 0.0, 30.0])
    assert np.array_equal(inside.values(TIMES), more.values(TIMES))
    empty = error_proxy([0.1])
    assert empty.kept == 0
    assert (empty.t_min, empty.t_cross, empty.period) == (None, None, None)
    assert math.isnan(float(empty.log_values(3)))


def test_dissipative_modes_alone_fall_for_ever() -> None:
    proxy = error_proxy([-1.0, -0.5])
    assert (proxy.t_min, proxy.t_cross) == (None, None)
    assert np.allclose(proxy.values([0, 1, 2]), [1, 0.25, 0.125])


def test_growth_from_the_first_step() -> None:
    proxy = error_proxy([0.5])
    assert (proxy.t_min, proxy.t_cross, proxy.period) == (0, 1, 1)


def test_a_density_gives_what_its_samples_give() -> None:
    grid = np.linspace(-1.2, 1.2, 4801)
    density = np.exp(-0.5 * ((grid + 0.6) / 0.05) ** 2) + 0.05 * np.exp(-0.5 * ((grid - 0.6) / 0.05) ** 2)
    found = error_proxy(grid, density)
    generator = np.random.default_rng(1)
    draws = np.where(generator.random(400_000) < 1 / 1.05, -0.6, 0.6) + 0.05 * generator.normal(size=400_000)
    assert np.allclose(found.values([0, 1, 2, 5]), error_proxy(draws).values([0, 1, 2, 5]), rtol=0.02)
    assert error_proxy(grid, 3 * density).t_min == found.t_min


@pytest.mark.parametrize(
    ("options", "found"), [({"eta_s": 0.0}, "eta_s"), ({"window": (1.0, 0.4)}, "window")]
)
def test_options_out_of_range_are_refused(options: dict, found: str) -> None:
    with pytest.raises(InputError, match=found):
        error_proxy([0.5], **options)
