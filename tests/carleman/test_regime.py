"""The named regimes and the numbers behind them, against a dense search over rho."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.carleman.regime import (
    classify_norms,
    classify_sequence,
    contraction_radius,
    dissipation_ratio,
    finite_growth,
)
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Weights
from tests.one_map import classify
from tests.reference import DRIVEN, quartic_pair


def test_pair():
    """rho* = sqrt(.7); R = (||u_in||/rho*)^2 for the one cubic term (THEORY 3.2)."""
    regime = classify(quartic_pair(), [0.4, -0.2], 60)
    assert regime.name == "fully dissipative"
    assert regime.mu == pytest.approx(0.07)
    assert pytest.approx(0.2 / 0.7) == regime.R
    assert regime.radius == pytest.approx(math.sqrt(0.7))
    assert regime.growth is None
    assert classify(quartic_pair(), [0.9, -0.2], 5).name == "almost dissipative"
    assert pytest.approx(0.85 / 0.7) == classify(quartic_pair(), [0.9, -0.2], 5).R
    assert classify(quartic_pair(), [1.4, -0.2], 60).name == "divergent"


def test_driven():
    """The quadratic roots of THEORY 13.3, for the norms stated there."""
    g = (0.1 * math.hypot(0.05, 0.02), DRIVEN.norms[1], 0.05415625)
    regime = classify_norms(g, 0.3, 80)
    assert regime.name == "fully dissipative"
    assert regime.radius == pytest.approx(1.1635, abs=1e-4)
    assert regime.rho == pytest.approx(math.sqrt(g[0] / g[2]))  # where g_0/rho + g_2 rho is least
    assert pytest.approx(2 * math.sqrt(g[0] * g[2]) / (1 - g[1])) == regime.R
    assert classify_norms(g, 0.0, 80).name == "fully dissipative"  # no blow-up at small u_in


@settings(deadline=None, max_examples=80)
@given(
    st.floats(0, 0.3), st.floats(0.5, 1.2), st.floats(0, 1.0), st.floats(0, 1.0), st.floats(0, 2.0),
    st.integers(1, 20),
)  # fmt: skip
def test_against_a_dense_search(constant, linear, quadratic, cubic, x0, steps):
    g = (constant, linear, quadratic, cubic)
    if constant and constant < 1e-8:
        return
    radii = np.geomspace(max(x0, 1e-6), max(x0, 1e-6) * 1e9, 20_001)
    value = sum(c * radii**d for d, c in enumerate(g))
    regime = classify_norms(g, x0, steps)
    if np.any(value < radii * (1 - 1e-9)):
        assert regime.name == "fully dissipative"
    elif regime.name == "fully dissipative":  # found between the grid points
        assert np.min(value / radii) < 1 + 1e-3
    if linear < 1:
        delta = (constant / radii + quadratic * radii + cubic * radii**2) / (1 - linear)
        assert delta.min() * (1 + 1e-9) >= regime.R
        if x0 > 1e-5:
            assert pytest.approx(delta.min(), rel=1e-3, abs=1e-6) == regime.R
    with np.errstate(over="ignore", invalid="ignore"):
        flow = radii.copy()
        for _ in range(steps):
            flow = sum(c * flow**d for d, c in enumerate(g))
        growth = np.nanmin(np.where(np.isfinite(flow), flow / radii, np.inf))
    if regime.growth is not None and growth < 1e20 and x0 > 1e-5:
        assert regime.growth == pytest.approx(growth, rel=1e-2)


def test_corners(recwarn):
    assert classify_norms((0.0, 1.0), 0.0, 5).name == "almost dissipative"  # the map that does nothing
    assert math.inf == classify_norms((0.0, 1.0), 0.0, 5).R
    assert classify_norms((0.0, 0.9), 0.0, 5).R == 0.0
    assert classify_norms((0.1, 0.9), 0.0, 5).name == "fully dissipative"
    assert classify_norms((0.1, 0.9), 0.0, 5).rho == math.inf
    assert classify_norms((0.0, 0.9, 0.5), 0.0, 5).name == "fully dissipative"
    assert classify_norms((0.0, 1.001, 0.5), 0.0, 5).name == "almost dissipative"
    assert classify_norms((0.0, 3.0, 0.5), 0.0, 10_000).growth == math.inf
    assert classify_norms((1.0, 3.0, 0.5), 2.0, 1000).name == "divergent"
    assert math.isnan(contraction_radius((0.1, 1.0, 0.5)))
    assert math.isnan(contraction_radius((0.5, 0.9, 0.5)))
    assert contraction_radius((0.1, 0.9)) == math.inf
    assert dissipation_ratio((0.0, 0.9, 0.2), 0.5) == (pytest.approx(1.0), 0.5)
    assert finite_growth((0.0, 1.1, 0.0), 0.0, 3) == pytest.approx(1.1**3)
    assert not recwarn.list


def test_a_dense_start_is_as_dissipative_as_one_site_of_it() -> None:
    """The 2-norm of a constant start grows like sqrt(n), the maximum norm does not: mu and R at any n."""
    found = []
    for bits in (4, 12, 27):
        n = 1 << bits
        ring = derive_map(
            parse_expression("Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"),
            n=n,
            learning_rate=0.1,
            center=Weights.constant(n),
        )
        sequence = MapSequence.constant(ring, 10)
        found.append(classify_sequence(sequence, Weights.constant(n, 0.4)))
        assert classify_sequence(sequence, Weights.sparse(n, {0: 0.4})).norm == "2"
    for regime in found:
        assert (regime.name, regime.norm) == ("fully dissipative", "inf")
        assert regime.mu == pytest.approx(1 - 0.98)
        assert pytest.approx(0.03 * 0.4**2 / 0.02) == regime.R
        assert regime.to_json()["norm"] == "maximum"
