"""How the initial weights of the example digits-pruned-net were made: train, prune in stages, tune a little.

A 64-32-10 network with square activation on the digits of scikit-learn: 60 full-batch Adam steps from small
random weights, then the largest 50 %, 25 % and 10 % of the weights kept, with 5 steps after each cut. Four
decimals are stored.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from carlemanc.model.activation import ACTIVATIONS
from carlemanc.model.data import DataSet, load_data
from carlemanc.model.dense_network import DenseNetwork
from carlemanc.model.network_layout import DenseLayer, lay_out
from carlemanc.model.network_loss import SquaredError, targets
from carlemanc.model.pruning import largest_weights

LAYERS = (DenseLayer(units=32, activation="square"), DenseLayer(units=10))


def digits() -> DataSet:
    """Return the data of the example."""
    return load_data("sklearn:digits", base=Path(), standardize=True)


def digits_network(data: DataSet) -> DenseNetwork:
    """Return the network of the example on its data."""
    return DenseNetwork(
        places=lay_out(LAYERS, data.x.shape[1]),
        activations=tuple(ACTIVATIONS[layer.activation] for layer in LAYERS),
        error=SquaredError(),
        x=data.x,
        targets=targets("mse", data.y, 10),
    )


def pretrained_weights() -> np.ndarray:
    """Return all 2,410 weights, 241 of them not zero."""
    network = digits_network(digits())
    theta = np.random.default_rng(1).normal(0, 0.05, network.weights)
    theta = _adam(network, theta, np.ones(network.weights, dtype=bool), 60)
    for fraction in (0.5, 0.25, 0.1):
        mask = largest_weights(theta, fraction)
        theta = _adam(network, np.where(mask, theta, 0.0), mask, 5)
    return np.round(theta, 4)


def _adam(network: DenseNetwork, theta: np.ndarray, mask: np.ndarray, steps: int) -> np.ndarray:
    """Return the weights after Adam steps of size 0.01 with the usual decay rates."""
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, steps + 1):
        gradient = np.where(mask, network.gradient(theta), 0.0)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        theta = theta - 0.01 * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
    return np.where(mask, theta, 0.0)
