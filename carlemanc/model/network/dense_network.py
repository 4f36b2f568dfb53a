"""A dense network on a data set as a function of its weights: outputs, loss and gradient by backpropagation.

The same class serves twice: with the true activations it is what a user wants trained, with their polynomials
it is what the quantum computer trains. Gradients are exact (reverse mode), so that one step of gradient
descent can be compared with the polynomial map to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.model.network.activation import ScalarFunction
from carlemanc.model.network.dense_layers import LayerPlace
from carlemanc.model.network.loss import OutputError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DenseNetwork:
    """Layers, loss and data.

    Attributes:
        places: where the weights of each layer sit in theta.
        activations: one function for each layer.
        error: the loss of one output of one sample.
        x: (m, k) inputs.
        targets: (units, m) what the outputs are compared with.
    """

    places: tuple[LayerPlace, ...]
    activations: tuple[ScalarFunction, ...]
    error: OutputError
    x: FloatArray
    targets: FloatArray

    @property
    def weights(self) -> int:
        """The number of weights and biases."""
        return self.places[-1].stop

    @property
    def samples(self) -> int:
        """The number of samples m."""
        return len(self.x)

    @property
    def degree(self) -> int | None:
        """The degree of the loss in the weights, None where it is no polynomial."""
        degree = 0
        for activation in self.activations:
            if activation.degree is None:
                return None
            degree = activation.degree * (degree + 1)
        return None if self.error.degree is None else self.error.degree * degree

    @property
    def flops_per_gradient(self) -> int:
        """Floating-point operations of one gradient: about six for each weight of W and sample."""
        return 6 * self.samples * sum(prod((place.outputs, place.inputs)) for place in self.places)

    def pre_activations(self, theta: FloatArray) -> list[FloatArray]:
        """Return z of each layer, shape (units, m)."""
        result = []
        values = self.x.T
        for place, activation in zip(self.places, self.activations, strict=True):
            z = place.matrix(theta) @ values + place.bias(theta)[:, None]
            result.append(z)
            values = activation.value(z)
        return result

    def outputs(self, theta: FloatArray) -> FloatArray:
        """Return f, shape (units, m)."""
        return self.activations[-1].value(self.pre_activations(theta)[-1])

    def loss(self, theta: FloatArray) -> float:
        """Return the loss: the sum over outputs, the mean over samples."""
        return float(self.error.value(self.outputs(theta), self.targets).sum()) / self.samples

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Return the gradient of the loss in all weights, shape (weights,)."""
        layers = self.pre_activations(theta)
        values = [self.x.T, *[f.value(z) for f, z in zip(self.activations, layers, strict=True)]]
        result = np.zeros(self.weights)
        back = self.error.slope(values[-1], self.targets) / self.samples
        for index in reversed(range(len(layers))):
            place = self.places[index]
            delta = back * self.activations[index].slope(layers[index])
            place.matrix(result)[:] = delta @ values[index].T
            if place.bias_start is not None:
                place.bias(result)[:] = delta.sum(axis=1)
            back = place.matrix(theta).T @ delta
        return result

    def layout(self, mask: Mask) -> tuple[str, ...]:
        """Return one line for each layer: its addresses, activation and survivors."""
        return tuple(
            f"layer {number}: {place.describe()}, {activation.name}, "
            f"{int(mask[place.start : place.stop].sum())} of {place.stop - place.start} trained"
            for number, (place, activation) in enumerate(zip(self.places, self.activations, strict=True))
        )
