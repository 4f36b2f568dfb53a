"""Carleman systems, certificates, regime and gamma of steps that differ."""

import math

import numpy as np
import pytest

from carlemanc.carleman import (
    certify_sequence,
    choose_sequence_gamma,
    classify_sequence,
    iterate_systems,
    linearize_sequence,
    measured_sequence_errors,
    sequence_sizes,
)
from carlemanc.carleman.map_norms import norms_of_each, symmetrized_norms
from carlemanc.model.map_sequence import MapSequence
from tests.one_map import certify, choose_gamma, classify, linearize
from tests.reference import random_map


@pytest.fixture
def batches():
    """batches(degrees, count, steps, size, noise): a sequence of random maps of two weights about a contraction."""

    def build(degrees=(0, 1, 2), count=3, steps=7, size=0.03, noise=0.0, seed=0):
        maps = []
        for index in range(count):
            item = random_map(seed * 100 + index, 2, degrees, size=size)
            linear = item.tensors[1].plus_identity().scale(1.0)
            shrink = linear.with_values(
                np.where(linear.rows == linear.cols[:, 0], linear.vals - 1.1, linear.vals)
            )
            maps.append(
                type(item)(
                    n=2,
                    center=item.center,
                    tensors={**item.tensors, 1: shrink},
                    learning_rate=1.0,
                    source="test",
                )
            )
        sequence = MapSequence.cycle(tuple(maps), steps)
        rng = np.random.default_rng(seed)
        return sequence.with_noise(noise * rng.normal(size=(steps, 2))) if noise else sequence

    return build


def dense_iterate(sequence, systems, u0):
    """y(t+1) = B_t y(t) + c_t with explicit matrices."""
    y = systems[0].lift(u0)
    path = [y[: sequence.n] * systems[0].gamma]
    for index in sequence.schedule:
        y = systems[index].to_sparse() @ y + systems[index].source()
        path.append(y[: sequence.n] * systems[0].gamma)
    return np.array(path)


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("degrees", [(0, 1, 2), (1, 3), (0, 1)])
def test_iterate_is_the_product_of_the_steps(batches, degrees, noise):
    sequence, u0 = batches(degrees, noise=noise), np.array([0.3, -0.2])
    systems = linearize_sequence(sequence, order=3, gamma=0.7)
    found = iterate_systems(systems, sequence.schedule, u0)
    np.testing.assert_allclose(found, dense_iterate(sequence, systems, u0), atol=1e-14)
    if max(degrees) == 1:
        np.testing.assert_allclose(found, sequence.iterate(u0), atol=1e-14)


def test_one_map_is_the_special_case(batches):
    map = batches().maps[0]
    sequence, u0 = MapSequence.constant(map, 9), np.array([0.2, 0.1])
    (system,) = linearize_sequence(sequence, order=3, gamma=0.5)
    assert system.fingerprint() == linearize(map, order=3, gamma=0.5).fingerprint()
    np.testing.assert_array_equal(iterate_systems((system,), sequence.schedule, u0), system.iterate(u0, 9))
    assert choose_sequence_gamma(sequence, u0, 3) == choose_gamma(map, u0, 3, 9)
    assert classify_sequence(sequence, u0) == classify(map, u0, 9)
    assert (
        certify_sequence(sequence, u_in=u0, orders=[2, 3]).bounds
        == certify(map, u_in=u0, steps=9, orders=[2, 3]).bounds
    )


def test_levels_are_those_that_any_map_needs():
    odd, even, affine = random_map(0, 2, (1, 3)), random_map(1, 2, (1, 2)), random_map(2, 2, (0, 1))

    def levels(*maps):
        return {item.levels for item in linearize_sequence(MapSequence.cycle(maps, 4), order=3, gamma=1.0)}

    assert levels(odd, odd) == {(1, 3)}
    assert levels(odd, even) == {(1, 2, 3)}
    assert levels(odd, affine) == {(1, 2, 3)}
    assert levels(affine, affine) == {(1,)}
    noisy = MapSequence.constant(odd, 2).with_noise(np.ones((2, 2)))
    assert {item.levels for item in linearize_sequence(noisy, order=3, gamma=1.0)} == {(1, 2, 3)}


def test_noisy_steps_share_their_tensors(batches):
    sequence = batches(count=2, steps=6, noise=0.1)
    systems = linearize_sequence(sequence, order=3, gamma=0.8)
    assert len(systems) == 6
    for time in (2, 3, 4, 5):
        for degree in (1, 2):
            assert systems[time].step_tensors[degree] is systems[time % 2].step_tensors[degree]
    for item, system in zip(sequence.maps, systems, strict=True):
        alone = linearize(item, order=3, gamma=0.8)
        np.testing.assert_array_equal(system.to_sparse().toarray(), alone.to_sparse().toarray())


@pytest.mark.parametrize("seed", range(25))
def test_certified_errors_are_never_below_the_true_ones(batches, seed):
    rng = np.random.default_rng(seed)
    sequence = batches(
        [(0, 1, 2), (1, 2), (1, 3), (0, 1, 2, 3)][seed % 4],
        count=1 + seed % 3,
        steps=int(rng.integers(1, 9)),
        noise=[0.0, 0.02][seed % 2],
        seed=seed,
    )
    u0, orders = rng.normal(size=2) * 0.15, (1, 2, 3)
    corrections = 1 if seed % 5 == 0 else None
    measured = measured_sequence_errors(sequence, u0, orders, corrections=corrections)
    for a_posteriori in (False, True):
        found = certify_sequence(
            sequence, u_in=u0, orders=orders, corrections=corrections, a_posteriori=a_posteriori
        )
        for order in orders:
            assert measured[order] <= found.bounds[order] * (1 + 1e-9) + 1e-15
            assert math.isfinite(found.bounds[order])


def test_a_certificate_of_steps_that_differ_is_below_that_of_the_worst_step_repeated(batches):
    sequence, u0 = batches((1, 2), count=3, steps=9, size=0.1), np.array([0.2, -0.1])
    mixed = certify_sequence(sequence, u_in=u0, orders=[3]).bounds[3]
    alone = [certify(item, u_in=u0, steps=9, orders=[3]).bounds[3] for item in sequence.maps]
    assert min(alone) <= mixed <= max(alone)


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_the_regime_is_never_better_than_that_of_a_map(batches, noise):
    names = ["fully dissipative", "almost dissipative", "divergent"]
    for seed in range(12):
        sequence = batches(size=0.02 + 0.02 * (seed % 4), noise=noise, seed=seed)
        u0 = np.array([0.2, -0.1])
        whole, each = classify_sequence(sequence, u0), [classify(item, u0, 7) for item in sequence.maps]
        assert names.index(whole.name) >= max(names.index(item.name) for item in each)
        assert whole.mu == pytest.approx(min(item.mu for item in each), abs=1e-9)
        assert max(item.R for item in each) * (1 - 1e-9) <= whole.R


def test_norms_of_noisy_steps_are_their_own(batches):
    sequence = batches(count=2, steps=5, noise=0.1)
    for item, found in zip(sequence.maps, norms_of_each(sequence.maps, symmetrized_norms), strict=True):
        assert found.steps == pytest.approx(symmetrized_norms(item).steps, rel=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_gamma_covers_the_whole_trajectory(batches, noise):
    sequence = batches(steps=20, noise=noise)
    for u0 in ([0.3, -0.2], [0.0, 0.0]):
        gamma = choose_sequence_gamma(sequence, u0, 3)
        assert gamma >= sequence_sizes(sequence, u0).max()
        assert gamma == choose_sequence_gamma(sequence, u0, 3)
