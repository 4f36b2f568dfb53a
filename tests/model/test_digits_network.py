"""The example digits-pruned-net at full size: 241 weights, degree 5 and its truncation to degree 3."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import carlemanc
from carlemanc.model.network.derivation import derive_network
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.trained_network import descend, follow
from carlemanc.model.polynomial_map import PolynomialMap
from tests.model.network_reference import FUNCTIONS, classical_path, loss_of
from tests.model.pretraining import LAYERS, digits, digits_network, pretrained_weights

ETA = 0.1
STEPS = 10


def packaged_weights() -> np.ndarray:
    path = Path(carlemanc.__file__).parent / "examples" / "digits-pruned-net.npy"
    with path.open("rb") as file:
        return np.load(file)


def derived(degree: int | None) -> tuple[PolynomialMap, NetworkInfo]:
    return derive_network(
        LAYERS,
        data=digits(),
        learning_rate=ETA,
        initial=packaged_weights(),
        sparsity=0.1,
        degree=degree,
        steps=STEPS,
    )


def test_the_full_map_is_gradient_descent() -> None:
    """u(t+1) from F_0..F_5 equals backpropagation to 1e-10, at every step of the run and far from it."""
    polynomial_map, info = derived(None)
    assert (polynomial_map.n, polynomial_map.degree) == (241, 5)
    path, classical = polynomial_map.iterate(info.u_start, STEPS), classical_path(info, STEPS)
    for step in range(1, STEPS + 1):
        size = np.linalg.norm(classical[step])
        assert np.linalg.norm(path[step] - classical[step]) <= 1e-10 * size
        assert np.linalg.norm(polynomial_map.step(classical[step - 1]) - classical[step]) <= 1e-10 * size
    far = 0.3 * np.random.default_rng(1).normal(size=241)
    expected = info.from_theta(descend(info.network, info.to_theta(far), info.mask, ETA))
    assert np.linalg.norm(polynomial_map.step(far) - expected) <= 1e-10 * np.linalg.norm(expected)
    assert info.remainder.truncation_bound == 0.0


def test_the_truncated_map_states_its_remainder() -> None:
    polynomial_map, info = derived(3)
    remainder = info.remainder
    assert (polynomial_map.degree, remainder.full_degree) == (3, 5)
    assert remainder.truncation_bound is not None
    assert 0 < remainder.truncation_step <= remainder.truncation_bound < remainder.radius
    path, classical = polynomial_map.iterate(info.u_start, STEPS), classical_path(info, STEPS)
    assert remainder.radius == np.linalg.norm(classical, axis=1).max()
    steps = [np.linalg.norm(polynomial_map.step(classical[t]) - classical[t + 1]) for t in range(STEPS)]
    assert max(steps) == pytest.approx(remainder.step, rel=1e-9)
    assert np.linalg.norm(path[-1] - classical[-1]) == pytest.approx(remainder.deviation, rel=1e-9)


def test_backpropagation_against_complex_steps_in_plain_loops() -> None:
    """A few weights of each kind on the first samples, by an implementation that shares nothing."""
    data, theta = digits(), packaged_weights()
    network = digits_network(data)
    few = 3
    small = network.__class__(
        places=network.places,
        activations=network.activations,
        error=network.error,
        x=network.x[:few],
        targets=network.targets[:, :few],
    )
    gradient = small.gradient(theta)
    functions = [FUNCTIONS["square"], FUNCTIONS["identity"]]
    for place in (*np.flatnonzero(theta)[::60], 64 * 32 + 3, 2409):
        shifted = theta.astype(complex)
        shifted[place] += 1e-30j
        loss = loss_of(shifted, small.x, small.targets.T, (32, 10), (True, True), functions, None)
        assert gradient[place] == pytest.approx(loss.imag / 1e-30, rel=1e-10, abs=1e-14)


def test_the_example_is_worth_training() -> None:
    network, theta = digits_network(digits()), packaged_weights()
    accuracy = np.mean(network.outputs(theta).argmax(axis=0) == network.targets.argmax(axis=0))
    assert np.count_nonzero(theta) == 241
    assert 0.9 < accuracy < 0.96
    path = follow(network, theta, theta != 0, ETA, STEPS)
    assert network.loss(path[-1]) < 0.97 * network.loss(theta)
    assert np.count_nonzero(network.gradient(theta)[theta != 0]) == 241  # no dead weight


def test_the_packaged_weights_are_what_pretraining_gives() -> None:
    """Rounding of sums may differ between libraries, so nearly all weights have to agree."""
    made, stored = pretrained_weights(), packaged_weights()
    assert np.mean(np.abs(made - stored) < 2e-3) > 0.99
