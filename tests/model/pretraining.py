"""How the initial weights of the example digits-pruned-net were made: train, prune in stages, tune a little.

A 64-32-10 network with square activation on the digits of scikit-learn: 60 full-batch Adam steps from small
random weights, then 50 %, 25 % and 10 % of the weights kept, with 10 steps after each cut. A cut keeps the
largest weights, those of the output layer counted double, and only weights on a path from an input to an
output; the example's own rule (the largest 10 %) then finds the same weights. Four decimals are stored.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from carlemanc.model.data.data_set import DataSet, load_data
from carlemanc.model.network.dense_layers import DenseLayer, lay_out
from carlemanc.model.network.dense_network import DenseNetwork
from carlemanc.model.network.loss import SquaredError
from carlemanc.model.network.registry import activation_named
from carlemanc.model.network.targets import targets
from carlemanc.model.pruning import largest_weights

LAYERS = (DenseLayer(units=32, activation="square"), DenseLayer(units=10))


def digits() -> DataSet:
    """Return the data of the example."""
    return load_data("sklearn:digits", base=Path(), standardize=True)


def digits_network(data: DataSet) -> DenseNetwork:
    """Return the network of the example on its data."""
    return DenseNetwork(
        places=lay_out(LAYERS, data.x.shape[1]),
        activations=tuple(activation_named(layer.activation) for layer in LAYERS),
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
        mask = _cut(network, theta, round(fraction * network.weights))
        theta = _adam(network, np.where(mask, theta, 0.0), mask, 10)
    return np.round(theta, 4)


def _cut(network: DenseNetwork, theta: np.ndarray, count: int) -> np.ndarray:
    """Return a mask of `count` weights, each on a path: dead ones give way to the next largest."""
    hidden, output = network.places
    score = np.abs(theta)
    output.matrix(score)[:] *= 2
    while True:
        mask = largest_weights(score, count / network.weights)
        outgoing = output.matrix(mask).any(axis=0)
        incoming = hidden.matrix(mask).any(axis=1)
        dead = np.zeros_like(mask)
        hidden.matrix(dead)[:] = ~outgoing[:, None] | ~network.x.any(axis=0)
        hidden.bias(dead)[:] = ~(outgoing & incoming)
        output.matrix(dead)[:] = ~incoming
        if not (mask & dead).any():
            return mask
        score[mask & dead] = 0.0


def _adam(network: DenseNetwork, theta: np.ndarray, mask: np.ndarray, steps: int) -> np.ndarray:
    """Return the weights after Adam steps of size 0.01 with the usual decay rates."""
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, steps + 1):
        gradient = np.where(mask, network.gradient(theta), 0.0)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        theta = theta - 0.01 * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
    return np.where(mask, theta, 0.0)
