"""What any trained network offers: its loss and gradient as functions of all weights; and gradient descent on it.

`DenseNetwork` is one from layers, `TorchNetwork` one from a PyTorch model; the remainder and the information
about a map are made from either.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask


class TrainedNetwork(Protocol):
    """A network on a data set, theta of shape (weights,)."""

    @property
    def weights(self) -> int:
        """The number of weights."""

    @property
    def samples(self) -> int:
        """The number of samples m."""

    @property
    def targets(self) -> FloatArray:
        """What the outputs are compared with, (units, m)."""

    @property
    def degree(self) -> int | None:
        """The degree of the loss in the weights, None where it is no polynomial."""

    @property
    def flops_per_gradient(self) -> int:
        """Floating-point operations of one gradient."""

    def outputs(self, theta: FloatArray) -> FloatArray:
        """Return f, shape (units, m)."""

    def loss(self, theta: FloatArray) -> float:
        """Return the loss."""

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Return its gradient, shape (weights,)."""

    def layout(self, mask: Mask) -> tuple[str, ...]:
        """Return one line for each layer or parameter: its addresses and how many of them are trained."""


def descend(network: TrainedNetwork, theta: FloatArray, mask: Mask, learning_rate: float) -> FloatArray:
    """Return theta after one step of gradient descent on the weights of the mask."""
    return np.asarray(theta - learning_rate * np.where(mask, network.gradient(theta), 0.0))


def follow(
    network: TrainedNetwork, theta: FloatArray, mask: Mask, learning_rate: float, steps: int
) -> FloatArray:
    """Return theta(0), ..., theta(steps), shape (steps + 1, weights); inf or nan where it diverges."""
    result = np.empty((steps + 1, len(theta)))
    result[0] = theta
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(steps):
            result[t + 1] = descend(network, result[t], mask, learning_rate)
    return result
