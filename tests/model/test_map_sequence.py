"""Sequences of maps: cyclic order, noise in F_0, batches of rows."""

import numpy as np
import pytest

from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.model.data.data_set import DataSet, batch_rows
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.map_sequence import MapSequence, draw_noise
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.recentering import recentered

LOSS = "Sum((y[a] - x[a,0]*theta[0] - x[a,1]*theta[1])**4, (a, 0, m-1))/(4*m) + theta[0]**2/2"


def data(rows: int = 7) -> DataSet:
    rng = np.random.default_rng(0)
    return DataSet(x=rng.normal(size=(rows, 2)), y=rng.normal(size=rows), feature_names=("a", "b"))


def batch_map(samples: DataSet) -> PolynomialMap:
    return derive_map(
        parse_expression(LOSS), n=2, learning_rate=0.02, center=np.array([0.1, -0.2]), data=samples
    )


def gradient(theta: np.ndarray, samples: DataSet) -> np.ndarray:
    residual = samples.y - samples.x @ theta
    return -(samples.x.T @ residual**3) / samples.samples + np.array([theta[0], 0.0])


def test_batches_are_contiguous_rows_and_the_last_is_short() -> None:
    assert batch_rows(7, 3) == [(0, 3), (3, 6), (6, 7)]
    assert batch_rows(6, 3) == [(0, 3), (3, 6)]
    assert batch_rows(2, 9) == [(0, 2)]
    cut = data().rows(6, 7)
    assert cut.samples == 1
    np.testing.assert_array_equal(cut.x[0], data().x[6])


def test_steps_are_those_of_stochastic_gradient_descent() -> None:
    """m is the size of the batch, sums run over its rows, step t takes batch t mod P, noise comes after."""
    samples, steps = data(), 8
    batches = [samples.rows(*ends) for ends in batch_rows(7, 3)]
    sequence = MapSequence.cycle(tuple(batch_map(batch) for batch in batches), steps)
    assert sequence.schedule == (0, 1, 2, 0, 1, 2, 0, 1)
    noise = draw_noise(0.1, steps, 2, 5)
    np.testing.assert_array_equal(noise, np.random.default_rng(5).normal(0, 0.1, (steps, 2)))
    start = np.array([0.3, 0.1])
    for xi, taken in ((np.zeros((steps, 2)), sequence), (noise, sequence.with_noise(noise))):
        theta = start
        path = taken.center + taken.iterate(start - taken.center)
        for step in range(steps):
            np.testing.assert_allclose(path[step], theta, atol=1e-13)
            theta = theta - 0.02 * gradient(theta, batches[step % 3]) + xi[step]
        np.testing.assert_allclose(path[steps], theta, atol=1e-13)


def test_noise_shares_everything_but_the_constant_part() -> None:
    sequence = MapSequence.constant(batch_map(data()), 3).with_noise(draw_noise(1.0, 3, 2, 0))
    assert sequence.schedule == (0, 1, 2)
    first, *others = sequence.maps
    for other in others:
        assert all(other.tensors[degree] is first.tensors[degree] for degree in first.tensors if degree)
        assert other.fingerprint() != first.fingerprint()


def test_noise_that_cancels_the_gradient_leaves_no_constant_part() -> None:
    given = batch_map(data())
    drive = given.tensors[0].apply(np.zeros(2))
    assert 0 not in MapSequence.constant(given, 1).with_noise(-drive[None]).maps[0].tensors


def test_a_sequence_knows_what_it_is() -> None:
    batches = tuple(batch_map(data().rows(*ends)) for ends in batch_rows(7, 3))
    sequence = MapSequence.cycle(batches, 4)
    assert (sequence.n, sequence.steps, sequence.degree, sequence.degrees) == (2, 4, 3, (0, 1, 2, 3))
    assert not sequence.is_constant
    assert sequence.flops == sum(batches[step % 3].flops_per_step for step in range(4))
    with pytest.raises(InternalError, match="3"):
        _ = sequence.map
    assert MapSequence.constant(batches[0], 4).map is batches[0]
    assert MapSequence.cycle(batches[:2], 2, period=3).schedule == (0, 1)
    names = {MapSequence.cycle(batches, steps).fingerprint() for steps in (4, 5)}
    assert len(names) == 2


def test_what_does_not_fit_is_refused() -> None:
    one = batch_map(data())
    with pytest.raises(InternalError, match="centers"):
        MapSequence.cycle((one, recentered(one, np.zeros(2))), 2)
    with pytest.raises(InternalError, match="schedule"):
        MapSequence(maps=(one,), schedule=(0, 1))
    with pytest.raises(InternalError, match="noise"):
        MapSequence.constant(one, 3).with_noise(np.zeros((2, 2)))
    with pytest.raises(TooLarge, match="noise"):
        draw_noise(0.1, 10**6, 10**6, 0)
