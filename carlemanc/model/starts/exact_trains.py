"""Trains of functions whose ranks are known: affine ones, exponentials and waves of them, and those on bits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from carlemanc.model.starts.train import Train, constant_train, product_train
from carlemanc.model.starts.tree import INDICES, Refused

LARGEST_EXPONENT = 700.0
"""exp of more is no double."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The bits of a lattice, axis after axis, highest bit first; all axes but the first fill theirs."""

    dims: tuple[int, ...]

    @property
    def bits_of_axes(self) -> tuple[int, ...]:
        """Bits of each axis."""
        return tuple((extent - 1).bit_length() for extent in self.dims)

    @property
    def bits(self) -> int:
        """All of them."""
        return sum(self.bits_of_axes)

    def weights(self, slopes: Mapping[str, float]) -> list[float]:
        """Return what each bit adds to sum slopes[index] index."""
        return [
            slopes.get(INDICES[axis], 0.0) * 2.0**place
            for axis, size in enumerate(self.bits_of_axes)
            for place in range(size - 1, -1, -1)
        ]

    def along(self, index: str, train: Train) -> Train:
        """Return the train of one axis as one of all bits."""
        sizes, axis = self.bits_of_axes, INDICES.index(index)
        before, after = sum(sizes[:axis]), sum(sizes[axis + 1 :])
        ones = np.ones((1, 2, 1))
        return Train(cores=(*[ones] * before, *train.cores, *[ones] * after))

    def constant(self, value: float) -> Train:
        """Return the same value everywhere."""
        return constant_train(value, self.bits)

    def affine(self, coefficients: Mapping[str, float]) -> Train:
        """Return c[""] + sum c[index] index: rank 2."""
        weights = self.weights(coefficients)
        cores = [np.array([[[1.0, x * w], [0.0, 1.0]] for x in (0, 1)]).transpose(1, 0, 2) for w in weights]
        last = cores[-1] @ np.array([[coefficients.get("", 0.0)], [1.0]])
        first = cores[0][:1] if len(cores) > 1 else last[:1]
        return Train(cores=(first, *cores[1:-1], last) if len(cores) > 1 else (first,))

    def exponential(self, coefficients: Mapping[str, float]) -> Train:
        """Return exp of that: rank 1. Raises Refused where it overflows."""
        weights = self.weights(coefficients)
        most = coefficients.get("", 0.0) + math.fsum(max(w, 0.0) for w in weights)
        if most > LARGEST_EXPONENT:
            raise Refused(
                f"exp of up to {most:.3g}", f"exp of at most {LARGEST_EXPONENT:g}: more is no double"
            )
        pairs = [(math.exp(-w), 1.0) if w > 0 else (1.0, math.exp(w)) for w in weights]
        return product_train(pairs).scaled(math.exp(most))

    def cosine(self, coefficients: Mapping[str, float]) -> Train:
        """Return cos of that: rank 2, a rotation for each bit."""
        cores = [
            np.array(
                [[[math.cos(x * w), -math.sin(x * w)], [math.sin(x * w), math.cos(x * w)]] for x in (0, 1)]
            )
            for w in self.weights(coefficients)
        ]
        turned = [core.transpose(1, 0, 2) for core in cores]
        phase = coefficients.get("", 0.0)
        turned[0] = np.einsum("a,axb->xb", np.array([math.cos(phase), -math.sin(phase)]), turned[0])[None]
        turned[-1] = turned[-1][:, :, :1]
        return Train(cores=tuple(turned))

    def interval(self, index: str, low: int, high: int) -> Train:
        """Return [low <= index < high]: rank 1 for an aligned power of two, 2 from 0, else 3."""
        bits = self.bits_of_axes[INDICES.index(index)]
        if not bits:
            return self.constant(float(low <= 0 < high))
        below = _below(bits, high)
        if low:
            below = below.plus(_below(bits, low).scaled(-1.0)).rounded()
        return self.along(index, below)

    def on_bits(self, name: str, index: str, numbers: list[int]) -> Train:
        """Return a function on the bits of an index: rank 1, `bent` rank 2."""
        bits = self.bits_of_axes[INDICES.index(index)]
        if name == "interval":
            return self.interval(index, *numbers)
        if not bits:
            return self.constant(0.0 if name == "bit" else 1.0)
        if name == "walsh":
            pairs = [(1.0, 1.0 - 2.0 * (numbers[0] >> place & 1)) for place in range(bits - 1, -1, -1)]
            return self.along(index, product_train(pairs))
        if name == "bit":
            pairs = [(0.0, 1.0) if place == numbers[0] else (1.0, 1.0) for place in range(bits - 1, -1, -1)]
            return self.along(index, product_train(pairs))
        high, low = np.eye(2)[None], np.array([[[1.0], [1.0]], [[1.0], [-1.0]]])
        cores = [high, low] * (bits // 2)
        return self.along(index, Train(cores=(*[np.ones((1, 2, 1))] * (bits % 2), *cores)))


def _below(bits: int, end: int) -> Train:
    """Return [x < end] on so many bits, 0 < end <= 2^bits: the bits so far equal those of `end`, or are smaller."""
    if end == 1 << bits:
        return constant_train(1.0, bits)
    cores = []
    for place in range(bits - 1, -1, -1):
        core = np.zeros((2, 2, 2))
        core[1, :, 1] = 1.0
        if end >> place & 1:
            core[0, 1, 0], core[0, 0, 1] = 1.0, 1.0
        else:
            core[0, 0, 0] = 1.0
        cores.append(core)
    cores[0] = cores[0][:1]
    cores[-1] = cores[-1][:, :, 1:]
    return Train(cores=tuple(cores)).rounded()
