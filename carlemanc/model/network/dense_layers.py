"""The weights of a dense network as one vector: layer by layer, W[out, in] row-major, then biases.

CONTRACT section 1 (d). A layout knows where each weight sits and nothing about values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import TooLarge
from carlemanc.model.network.approximation import Approximation


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseLayer:
    """z = W a + b, then the activation of each unit."""

    units: int
    activation: str = "identity"
    bias: bool = True
    approximation: Approximation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPlace:
    """Where the weights of one layer sit.

    Attributes:
        outputs, inputs: the shape of W.
        start: the address of W[0, 0].
        bias_start: the address of b[0], None without biases.
    """

    outputs: int
    inputs: int
    start: int
    bias_start: int | None

    @property
    def stop(self) -> int:
        """The first address after this layer."""
        weights = self.start + self.outputs * self.inputs
        return weights if self.bias_start is None else weights + self.outputs

    def matrix(self, theta: FloatArray) -> FloatArray:
        """Return W, shape (outputs, inputs)."""
        return theta[self.start : self.start + self.outputs * self.inputs].reshape(self.outputs, self.inputs)

    def bias(self, theta: FloatArray) -> FloatArray:
        """Return b, shape (outputs,), zero without biases."""
        if self.bias_start is None:
            return np.zeros(self.outputs)
        return theta[self.bias_start : self.bias_start + self.outputs]

    def describe(self) -> str:
        """Return one line: the addresses and what they hold."""
        weights = f"W[{self.outputs}, {self.inputs}] from {self.start}"
        return weights if self.bias_start is None else f"{weights}, b[{self.outputs}] from {self.bias_start}"


def lay_out(layers: Sequence[DenseLayer], features: int) -> tuple[LayerPlace, ...]:
    """Return the place of each layer for inputs of so many features."""
    places: list[LayerPlace] = []
    start, inputs = 0, features
    for layer in layers:
        bias_start = start + layer.units * inputs if layer.bias else None
        place = LayerPlace(outputs=layer.units, inputs=inputs, start=start, bias_start=bias_start)
        places.append(place)
        start, inputs = place.stop, layer.units
    return tuple(places)


def count_weights(layers: Sequence[DenseLayer], features: int) -> int:
    """Return the number of weights and biases before pruning."""
    return lay_out(layers, features)[-1].stop


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """The surviving weights of one layer, ascending in `outputs`.

    Attributes:
        outputs, inputs: (e,) the two units of each surviving entry of W.
        weights: (e,) their numbers, counting the survivors of the whole network.
        bias_outputs, biases: (f,) units with a surviving bias, and its number.
    """

    outputs: IntArray
    inputs: IntArray
    weights: IntArray
    bias_outputs: IntArray
    biases: IntArray

    def of_output(self, unit: int) -> Edges:
        """Return those of one unit, renumbered as output 0."""
        chosen, biased = self.outputs == unit, self.bias_outputs == unit
        return Edges(
            outputs=self.outputs[chosen] - unit,
            inputs=self.inputs[chosen],
            weights=self.weights[chosen],
            bias_outputs=self.bias_outputs[biased] - unit,
            biases=self.biases[biased],
        )


def surviving_edges(place: LayerPlace, mask: Mask) -> Edges:
    """Return the weights of a layer that survive in a mask over all addresses."""
    number = np.cumsum(mask) - 1
    kept = np.flatnonzero(mask[place.start : place.start + place.outputs * place.inputs])
    biased = np.zeros(0, dtype=np.int64)
    if place.bias_start is not None:
        biased = np.flatnonzero(mask[place.bias_start : place.stop])
    return Edges(
        outputs=kept // place.inputs,
        inputs=kept % place.inputs,
        weights=number[kept + place.start],
        bias_outputs=biased,
        biases=number[biased + (place.bias_start or 0)],
    )


MAX_WEIGHTS = 10_000_000
"""Most weights before pruning: theta(0) and every point of a path hold them all."""
MAX_VALUES = 20_000_000
"""Most values of units, samples times units of all layers, that one gradient holds (160 MB)."""


def check_size(layers: Sequence[DenseLayer], features: int, samples: int) -> None:
    """Raise TooLarge, before anything is computed, for more weights or units than fit."""
    weights, values = count_weights(layers, features), samples * sum(layer.units for layer in layers)
    for size, limit, what in (
        (weights, MAX_WEIGHTS, "weights before pruning"),
        (values, MAX_VALUES, "values of units, samples times units"),
    ):
        if size > limit:
            raise TooLarge(
                "the network",
                size=f"{size:,} {what}",
                limit=f"{limit:,}",
                instead="Use fewer units, features or samples.",
            )
