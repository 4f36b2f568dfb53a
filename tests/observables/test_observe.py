"""Observables against the monomials of their expressions: event circuits, truncated values, certificates, refusals."""

from __future__ import annotations

import re
from itertools import permutations

import numpy as np
import pytest
import sympy

from carlemanc.core.errors import InputError
from carlemanc.observables.observe import observe
from tests.observables.questions import asked_of, levels_of, ring, spec_of, truncated_value
from tests.observables.runs import loaded_run, read

SITES = "(i, 0, n-1)"


def _bonds(t, periodic):
    return sum(t[i] * t[(i + 1) % len(t)] for i in range(len(t) if periodic else len(t) - 1))


def _asked(p, periodic):
    """Expressions with the functions they are."""
    return {
        f"Sum(theta[i]**2, {SITES})": lambda t: sum(x**2 for x in t),
        f"Sum(theta[i]*theta[i+1], {SITES})": lambda t: _bonds(t, periodic),
        "theta[1]": lambda t: t[1],
        f"Sum((i+1)*theta[i], {SITES})/n + 3": lambda t: (
            sum((i + 1) * x for i, x in enumerate(t)) / len(t) + 3
        ),
        "theta[0]**2 - 3*theta[1]*theta[0] + 2*theta[1]": lambda t: t[0] ** 2 - 3 * t[1] * t[0] + 2 * t[1],
        f"Sum(theta[i]**4, {SITES})": lambda t: sum(x**4 for x in t),
        "theta[0]**2*theta[1]": lambda t: t[0] ** 2 * t[1],
        "Sum(theta[i]**2, (i, 1, n-1)) - theta[0]*theta[1]": lambda t: sum(x**2 for x in t[1:]) - t[0] * t[1],
        f"Sum((theta[i] - 1/10)**2, {SITES})": lambda t: sum((x - sympy.Rational(1, 10)) ** 2 for x in t),
        "loss": lambda t: ring(t, p, periodic),
    }


def _random(seed):
    """A random training, small enough to be solved, its parameters, whether it is a ring, whether a run marches."""
    rng = np.random.default_rng(seed)
    n, order = [(2, 3), (2, 4), (3, 3), (4, 3), (4, 2), (5, 2), (8, 2), (8, 1)][seed % 8]
    p = {"lam": 0.3, "J": 0.4, "g": float(rng.choice([0.0, 0.2])), "h": float(rng.choice([0.0, 0.1]))}
    if order < 3:
        p["lam"] = 0.0
    p["g"] *= order > 1
    center = [0.1, -0.2, 0.0, 0.05, 0.1, 0.0, 0.0, 0.2][:n]
    periodic = bool(rng.integers(2))
    spec = spec_of(
        n,
        order,
        int(rng.integers(1, 4)),
        parameters=p,
        start=(0.4 * rng.normal(size=n)).round(3).tolist(),
        center=["zero", "initial", center][rng.integers(3)],
        periodic=periodic,
        padding=int(rng.integers(3)),
    )
    if seed % 5 == 4:
        spec["carleman"]["corrections"] = 1
    return spec, p, periodic, bool(rng.integers(2))


@pytest.mark.parametrize("seed", range(40))
def test_events_add_up_to_the_truncated_value_within_the_certificate(seed):
    spec, p, periodic, marches = _random(seed)
    lifted, vocabulary = asked_of(spec)
    run, access, scale = loaded_run(lifted, marches)
    levels, theta = levels_of(lifted), lifted.classical()
    held, refused = 0, []
    for expression, function in _asked(p, periodic).items():
        try:
            found = observe(lifted, "it", expression, vocabulary, precision=1e-9)
        except InputError as error:  # a level that this lift does not have
            refused.append(error.title)
            continue
        held += 1
        exact = truncated_value(lifted, function, levels)
        assert read(found, run, access, scale) == pytest.approx(exact, abs=1e-9)
        assert found.truncated == pytest.approx(exact, abs=1e-12)
        classical = float(function(theta.tolist()))
        assert found.classical == pytest.approx(classical, abs=1e-12)
        assert abs(exact - classical) <= found.certificate + 1e-13
        assert found.scale == pytest.approx(abs(classical - found.constant), rel=1e-9)
    assert held >= 5
    assert all("order" in title for title in refused)


@pytest.mark.parametrize("seed", range(12))
def test_the_gradient_norm(seed):
    spec, p, periodic, marches = _random(seed)
    lifted, vocabulary = asked_of(spec)
    run, access, scale = loaded_run(lifted, marches)
    found = observe(lifted, "slope", "gradient_norm", vocabulary, precision=1e-9)
    t = sympy.symbols(f"t:{lifted.n}")
    slopes = [sympy.diff(ring(list(t), p, periodic), x) for x in t]
    exact = [truncated_gradient(lifted, slope, t) for slope in slopes]
    assert found.truncated == pytest.approx(np.linalg.norm(exact), abs=1e-12)
    assert read(found, run, access, scale) == pytest.approx(np.linalg.norm(exact), abs=1e-9)
    values = dict(zip(t, lifted.classical().tolist(), strict=True))
    classical = np.linalg.norm([float(slope.subs(values)) for slope in slopes])
    assert found.classical == pytest.approx(classical, abs=1e-12)
    assert abs(found.truncated - classical) <= found.certificate + 1e-13


def truncated_gradient(lifted, slope, t):
    """A component of the gradient with every monomial of degree d in u taken from level d."""
    levels, u = levels_of(lifted), sympy.symbols(f"u:{lifted.n}")
    moved = {a: float(c) + b for a, b, c in zip(t, u, lifted.center, strict=True)}
    total = 0.0
    for powers, coefficient in sympy.Poly(slope.subs(moved, simultaneous=True), *u).terms():
        sites = tuple(site for site, power in enumerate(powers) for _ in range(power))
        total += float(coefficient) * (levels[len(sites)][sites] if sites else 1.0)
    return total


def _small(order=3, **more):
    p = {"lam": 0.3, "J": 0.4, "g": 0.0, "h": 0.0} | more
    return asked_of(spec_of(4, order, 2, parameters=p, start=[0.4, 0.0, 0.1, 0.0]))


def test_an_order_that_is_too_small_is_refused_with_the_one_that_would_do():
    lifted, vocabulary = _small(order=2)
    with pytest.raises(InputError, match=re.escape("carleman.order = 3 or more")) as caught:
        observe(lifted, "quartic", "Sum(theta[i]**4, (i, 0, n-1))", vocabulary)
    assert "readout.observables.quartic" in str(caught.value)
    found = observe(_small(order=3)[0], "quartic", "Sum(theta[i]**4, (i, 0, n-1))", vocabulary)
    assert found.least_order == 3


def test_what_an_odd_map_keeps_no_level_of_is_refused():
    lifted, vocabulary = _small()
    with pytest.raises(InputError, match="no order of the lift"):
        observe(lifted, "cube", "theta[0]**3", vocabulary)


def test_parts_far_below_the_precision_are_bounded_instead_of_read():
    lifted, vocabulary = asked_of(
        spec_of(4, 1, 3, parameters={"lam": 0.3, "J": 0.4, "g": 0.0, "h": 0.0}, start=[0.04, 0.0, 0.0, 0.0])
    )
    found = observe(lifted, "loss", "loss", vocabulary)
    theta = lifted.classical()
    assert 0.3 / 4 * float(np.sum(theta**4)) < found.omitted < 0.0005 * found.scale
    assert {event.name for event in found.events} == {"level 1", "u - u shifted by 1"}
    with pytest.raises(InputError, match=re.escape("carleman.order = 3 or more")):
        observe(lifted, "loss", "loss", vocabulary, precision=1e-6)


def test_a_value_of_zero_and_unknown_names_are_refused_by_the_name_of_the_observable():
    lifted, vocabulary = _small()
    with pytest.raises(InputError, match=r"readout\.observables\.none"):
        observe(lifted, "none", "0*theta[0]", vocabulary)
    with pytest.raises(InputError, match=r"readout\.observables\.other"):
        observe(lifted, "other", "lambda1*theta[0]", vocabulary)


def test_what_cancels_to_rounding_is_nothing_to_read():
    p = {"lam": 0.3, "J": 0.4, "g": 0.0, "h": 0.0}
    lifted, vocabulary = asked_of(spec_of(4, 3, 3, parameters=p, start=[0.4, -0.4, 0.1, -0.1]))
    with pytest.raises(InputError, match="a planned value of zero"):
        observe(lifted, "sum", f"Sum(theta[i], {SITES})", vocabulary)


def test_dense_starts_are_certified_by_the_largest_weight():
    """512 weights of .4: the 2-norm of u is 9, far beyond where it certifies anything."""
    p = {"lam": 0.3, "J": 0.4, "g": 0.0, "h": 0.0}
    lifted, vocabulary = asked_of(spec_of(512, 3, 10, parameters=p, start=[0.4, 0.39] * 256))
    for expression in ("loss", "gradient_norm", f"Sum(theta[i]**2, {SITES})", "theta[3]"):
        found = observe(lifted, "it", expression, vocabulary)
        assert 0 < found.certificate < 0.2 * found.scale


@pytest.mark.parametrize("seed", range(6))
def test_the_sensitivity_bounds_what_an_error_of_the_state_does(seed):
    spec, p, periodic, _ = _random(seed)
    lifted, vocabulary = asked_of(spec)
    rng = np.random.default_rng(seed)
    levels = {level: part for level, part in _exact_levels(lifted).items()}
    for expression, function in _asked(p, periodic).items():
        try:
            found = observe(lifted, "it", expression, vocabulary, precision=1e-9)
        except InputError:
            continue
        before = truncated_value(lifted, function, levels)
        for error in (0.5, 0.1, 1e-3):
            noise = {level: rng.normal(size=part.shape) for level, part in levels.items()}
            size = np.sqrt(sum(float(np.sum(part**2)) for part in noise.values()))
            unit = error * np.linalg.norm(levels[1]) / lifted.gamma / size
            moved = {k: part + unit * lifted.gamma**k * _symmetric(noise[k]) for k, part in levels.items()}
            after = truncated_value(lifted, function, moved)
            assert abs(after - before) <= found.sensitivity * error * (1 + 1e-9)


def _exact_levels(lifted):
    u = lifted.classical() - lifted.center
    found = {}
    for level in lifted.systems[0].levels:
        power = np.ones(())
        for _ in range(level):
            power = np.multiply.outer(power, u)
        found[level] = power
    return found


def _symmetric(array):
    """The mean over all orders of the axes, which is no longer than the array."""
    orders = list(permutations(range(array.ndim)))
    return sum(np.transpose(array, order) for order in orders) / len(orders)
