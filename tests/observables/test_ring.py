"""The published ring, n = 2^27, T = 100: values, events and certificates of its observables."""

from __future__ import annotations

import numpy as np
import pytest

from carlemanc.observables.observe import observe
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed

N = 2**27
EXPRESSIONS = {
    "size": "Sum(theta[i]**2, (i, 0, n-1))",
    "first": "theta[0]",
    "bonds": "Sum(theta[i]*theta[i+1], (i, 0, n-1))",
    "fourth": "Sum(theta[i]**4, (i, 0, n-1))",
    "loss": "loss",
    "slope": "gradient_norm",
}


@pytest.fixture(scope="module")
def trainings():
    found = {}
    for order in (3, 5, 7):
        changes = [f"model.n={N}", "training.steps=100", f"carleman.order={order}"]
        lifted = lifted_of(fixed("quartic-ring", changes))
        found[order] = lifted, lifted.training.vocabulary
    return found


def _found(trainings, order, name, **options):
    lifted, vocabulary = trainings[order]
    return observe(lifted, name, EXPRESSIONS[name], vocabulary, **options)


def _steps(sites=201):
    """Gradient descent on the sites that move, by hand."""
    u, middle = np.zeros(sites), sites // 2
    u[middle] = 0.4
    for _ in range(100):
        u = u - 0.1 * (u + 0.3 * u**3 - 0.4 * (np.roll(u, 1) + np.roll(u, -1)))
    return u


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", 2.66535e-4),
        ("first", 7.32005e-3),
        ("bonds", 2.58315e-4),
        ("fourth", 1.00641e-8),
        ("loss", 2.99419e-5),
        ("slope", 1.37773e-5**0.5),
    ],
)
def test_values_after_gradient_descent(trainings, name, value):
    """The published figures, and the same sum over the sites that move."""
    u = _steps()
    by_hand = {
        "size": np.sum(u**2),
        "first": u[100],
        "bonds": np.sum(u * np.roll(u, -1)),
        "fourth": np.sum(u**4),
        "loss": np.sum(u**2 / 2 + 0.3 * u**4 / 4 - 0.4 * u * np.roll(u, -1)),
        "slope": np.linalg.norm(u + 0.3 * u**3 - 0.4 * (np.roll(u, 1) + np.roll(u, -1))),
    }
    found = _found(trainings, 3, name)
    assert found.classical == pytest.approx(value, rel=1e-5)
    assert found.classical == pytest.approx(by_hand[name], rel=1e-12)


def test_the_loss_is_a_sum_of_two_squares(trainings):
    """u'Hu/2 = (1 - 2J)/2 ||u||^2 + J/2 ||(1 - S)u||^2; P_-/P = .01542 and 2.51 times the cost of sum theta^2."""
    loss, size = _found(trainings, 3, "loss"), _found(trainings, 3, "size")
    level, shifted = loss.events
    gamma = trainings[3][0].gamma
    assert level.weight == pytest.approx(0.1 * gamma**2, rel=1e-12)
    assert shifted.weight == pytest.approx(0.8 * gamma**2, rel=1e-12)
    assert shifted.size / level.size == pytest.approx(0.01542, abs=5e-6)
    assert (loss.cost / loss.scale) / (size.cost / size.scale) == pytest.approx(2.51, abs=0.005)
    assert loss.omitted < 1.8e-4 * loss.scale
    with_rest = _found(trainings, 3, "loss", precision=1e-6)
    assert [event.name for event in with_rest.events[2:]] == ["y_1 + R y", "y_1 - R y"]
    assert with_rest.omitted == 0


@pytest.mark.parametrize(
    ("name", "certified"),
    [
        ("loss", (0.038, 0.0071, 0.0016)),
        ("size", (0.0321, 0.0068, 0.0016)),
        ("first", (0.035, 0.0075, 0.0017)),
    ],
)
def test_certificates(trainings, name, certified):
    """No larger than the published ones; the loss by its gradient, not by .26, .054 and .012."""
    for order, most in zip((3, 5, 7), certified, strict=True):
        found = _found(trainings, order, name)
        assert 0.8 * most < found.certificate / found.scale <= most


def test_few_sites_are_squares_of_their_own(trainings):
    """A correlation of two sites and a box: the events know nothing of the rest of the lattice."""
    lifted, vocabulary = trainings[3]
    u = _steps()
    pair = observe(lifted, "pair", "theta[0]*theta[1]", vocabulary)
    assert pair.classical == pytest.approx(u[100] * u[101], rel=1e-12)
    sizes = [(u[100] + u[101]) ** 2 / 2, (u[100] - u[101]) ** 2 / 2]
    assert [event.size * lifted.gamma**2 for event in pair.events] == pytest.approx(sizes, rel=1e-9)
    part = observe(lifted, "part", "Sum(theta[i]**2, (i, 5, 90))", vocabulary)
    (event,) = part.events
    assert event.name == "level 1 on a box of sites"
    assert event.size * lifted.gamma**2 == pytest.approx(np.sum(u[105:191] ** 2), rel=1e-9)


def test_a_value_for_all_sites_and_one_for_few_are_two_vectors(trainings):
    lifted, vocabulary = trainings[3]
    found = observe(lifted, "both", "Sum(theta[i], (i, 0, n-1)) + theta[3]", vocabulary)
    u = _steps()
    assert found.classical == pytest.approx(np.sum(u) + u[103], rel=1e-12)
    whole, one = found.events
    assert whole.size * N == pytest.approx((np.sum(u) / lifted.gamma) ** 2, rel=1e-12)
    assert one.size == pytest.approx((u[103] / lifted.gamma) ** 2, rel=1e-12)
    few = observe(lifted, "few", "Sum(theta[i], (i, 0, 9))", vocabulary)
    assert few.events[0].size == pytest.approx((np.sum(u[100:110]) / lifted.gamma) ** 2 / 10, rel=1e-12)


def test_what_is_certified_poorly_says_so(trainings):
    assert _found(trainings, 3, "fourth").is_certified_poorly
    assert not _found(trainings, 3, "loss").is_certified_poorly


def test_a_linear_part_of_every_site_takes_a_short_loader(trainings):
    lifted, vocabulary = trainings[3]
    mean = observe(lifted, "mean", "Sum(theta[i], (i, 0, n-1))/n", vocabulary)
    assert mean.classical == pytest.approx(np.sum(_steps()) / N, rel=1e-12)
    (event,) = mean.events
    assert event.size == pytest.approx((np.sum(_steps()) / lifted.gamma) ** 2 / N, rel=1e-12)


def test_a_dense_start_is_planned_as_a_train():
    """0.2 cos over all 2^27 sites: sums grow with n, and are per site those of a ring of 512 with as many waves."""
    found = {}
    for n in (512, N):
        start = 'training.initial={ function = "0.2*cos(2*pi*2*i/n)" }'
        changes = [f"model.n={n}", "training.steps=10", "carleman.order=3", start]
        lifted = lifted_of(fixed("quartic-ring", changes))
        for name, expression in EXPRESSIONS.items():
            found[n, name] = observe(lifted, name, expression, lifted.training.vocabulary)
    for name in EXPRESSIONS:
        small, large = found[512, name], found[N, name]
        growth = {"first": 1.0, "slope": (N / 512) ** 0.5}.get(name, N / 512)
        assert large.classical == pytest.approx(growth * small.classical, rel=5e-3)
        assert 0 < large.certificate < 0.5 * large.scale
