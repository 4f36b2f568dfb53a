"""Gradient descent on a network itself, by back-propagation through its own activations.

Counted for each sample and step: two flops for each weight of W that is trained, forward, for its own slope and, beyond
the first layer, for what goes back through it; one for a bias forward and one back; for a unit with an activation its
value, its slope and the product with what comes back (a power z^p takes p + 1, the identity none; a function that is no
polynomial counts as one flop, and so does its slope); two for the slope of the loss of each output. Weights that are
pruned are left out; units that nothing reads count all the same. And two for each trained weight and step: the learning
rate, and the subtraction.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.network.dense_layers import LayerPlace
from carlemanc.model.network.dense_network import DenseNetwork
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.scheduled import NetworkTraining


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """Trained weights of one layer, and the degrees of its units' activation."""

    weights: int
    biases: int
    units: int
    degree: int | None

    @property
    def forward(self) -> int:
        """Flops of a sample's outputs."""
        activation = 1 if self.degree is None else self.degree - 1
        return 2 * self.weights + self.biases + activation * self.units

    @property
    def slopes(self) -> int:
        """Flops of the slopes of the layer's weights, from those of its outputs."""
        activation = 2 if self.degree is None else 2 * (self.degree > 1)
        return 2 * self.weights + self.biases + activation * self.units


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkDescent:
    """Gradient descent on a network.

    Args:
        lifted: its training.
        network: the network, with its batches.
    """

    lifted: Lifted
    network: NetworkTraining

    @property
    def is_exact(self) -> bool:
        """Whether the flops are counted layer by layer, and not taken to be six for each weight and sample."""
        return all(isinstance(info.network, DenseNetwork) for info in self.network.infos)

    @property
    def flops(self) -> int:
        """Flops of all steps."""
        uses = Counter(self.network.schedule)
        noise = 0 if self.network.noise is None else self.lifted.n
        each = [gradient_flops(info) + 2 * int(info.mask.sum()) + noise for info in self.network.infos]
        return sum(each[batch] * count for batch, count in uses.items())

    @property
    def loss_flops(self) -> int:
        """Flops of the loss over all data."""
        return sum(_loss_flops(info) for info in self.network.infos)

    @property
    def gradient_flops(self) -> int:
        """Flops of its gradient over all data."""
        return sum(gradient_flops(info) for info in self.network.infos)

    def moved(self) -> FloatArray:
        """Return theta(T) - center in the indices of the map, (n,)."""
        path = self.lifted.network_path
        assert path is not None
        return np.asarray(path[-1])

    def loss(self, u: FloatArray) -> float:
        """Return the loss over all data at theta = center + u: the mean over samples."""
        infos = self.network.infos
        samples = np.array([info.network.samples for info in infos], dtype=np.float64)
        losses = [info.network.loss(info.to_theta(u)) for info in infos]
        return float(np.dot(samples, losses) / samples.sum())

    def gradient_norm(self, u: FloatArray) -> float:
        """Return the 2-norm of the gradient of that loss in the trained weights."""
        infos = self.network.infos
        samples = np.array([info.network.samples for info in infos], dtype=np.float64)
        slopes = [np.where(info.mask, info.network.gradient(info.to_theta(u)), 0.0) for info in infos]
        return float(np.linalg.norm(samples @ np.array(slopes) / samples.sum()))


def network_descent(lifted: Lifted) -> NetworkDescent | None:
    """Return gradient descent on the network of a training, None where it has none."""
    network = lifted.training.network
    return None if network is None else NetworkDescent(lifted=lifted, network=network)


def gradient_flops(info: NetworkInfo) -> int:
    """Return the flops of one gradient over a batch."""
    network = info.network
    if not isinstance(network, DenseNetwork):
        return network.flops_per_gradient
    each = 2 * len(network.targets)
    for number, layer in enumerate(_layers(network, info)):
        each += layer.forward + layer.slopes + (2 * layer.weights if number else 0)
    return network.samples * each


def _loss_flops(info: NetworkInfo) -> int:
    """Return the flops of the loss of a batch: forward, three for each output, and the mean."""
    network = info.network
    if not isinstance(network, DenseNetwork):
        return network.flops_per_gradient
    each = 4 * len(network.targets)
    return network.samples * (each + sum(layer.forward for layer in _layers(network, info)))


def _layers(network: DenseNetwork, info: NetworkInfo) -> list[_Layer]:
    return [
        _layer(place, info, activation.degree)
        for place, activation in zip(network.places, network.activations, strict=True)
    ]


def _layer(place: LayerPlace, info: NetworkInfo, degree: int | None) -> _Layer:
    middle = place.start + place.outputs * place.inputs
    return _Layer(
        weights=int(info.mask[place.start : middle].sum()),
        biases=int(info.mask[middle : place.stop].sum()),
        units=place.outputs,
        degree=degree,
    )
