"""What a schedule trains, as functions of all its weights: one classical step, loss and accuracy.

Comes in: a `ModelSpec`. Goes out: a `Subject` of a network (its own activations, by backpropagation; layers need no
PyTorch, a `network.module` does) or of a polynomial loss or map. Nothing here is pruned: a mask says which weights a
step moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.model.network.registry import loss_named
from carlemanc.model.network.trained_network import TrainedNetwork
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import as_array
from carlemanc.sources.networks import networks_of
from carlemanc.sources.training import build_maps, data_of, rows_of
from carlemanc.spec.problems import located
from carlemanc.spec.schema import ModelSpec


class Subject(Protocol):
    """A model whose weights are one vector, (weights,)."""

    @property
    def weights(self) -> int:
        """The number of weights before pruning."""

    @property
    def learning_rate(self) -> float:
        """eta; 1 for a map, which holds it."""

    def gradient(self, theta: FloatArray, step: int) -> FloatArray:
        """Return the gradient of the loss of the batch of this step (counted from the upload), (weights,)."""

    def loss(self, theta: FloatArray) -> float:
        """Return the loss on all data; of a loss or map, less its value at the expansion point."""

    def accuracy(self, theta: FloatArray) -> float | None:
        """Return the fraction of samples put into their class; None where there are no classes."""

    @property
    def flops_per_step(self) -> int:
        """Floating-point operations of one classical step on all weights."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkSubject:
    """A network: `whole` on all data, `batches` on the rows of each step in turn."""

    whole: TrainedNetwork
    batches: tuple[TrainedNetwork, ...]
    learning_rate: float
    labels: IntArray | None
    """(m,) classes; None for regression."""

    @property
    def weights(self) -> int:
        """See `Subject`."""
        return self.whole.weights

    def gradient(self, theta: FloatArray, step: int) -> FloatArray:
        """See `Subject`."""
        return self.batches[step % len(self.batches)].gradient(theta)

    def loss(self, theta: FloatArray) -> float:
        """See `Subject`."""
        return self.whole.loss(theta)

    def accuracy(self, theta: FloatArray) -> float | None:
        """See `Subject`; the largest output, or the sign of a logit, is the class."""
        if self.labels is None:
            return None
        outputs = self.whole.outputs(theta)
        found = outputs.argmax(axis=0) if len(outputs) > 1 else (outputs[0] > 0).astype(np.int64)
        return float(np.mean(found == self.labels))

    @property
    def flops_per_step(self) -> int:
        """See `Subject`."""
        return max(network.flops_per_gradient for network in self.batches)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapSubject:
    """A polynomial loss or map: its maps of each batch, about one center."""

    maps: tuple[PolynomialMap, ...]
    samples: tuple[int, ...]
    """Rows of each batch: the loss is the mean over all."""

    @property
    def weights(self) -> int:
        """See `Subject`."""
        return self.maps[0].n

    @property
    def learning_rate(self) -> float:
        """See `Subject`."""
        return float(self.maps[0].learning_rate or 1.0)

    def gradient(self, theta: FloatArray, step: int) -> FloatArray:
        """See `Subject`."""
        item = self.maps[step % len(self.maps)]
        u = theta - item.center
        return np.asarray((u - item.step(u)) / self.learning_rate)

    def loss(self, theta: FloatArray) -> float:
        r"""See `Subject`: $L(c + u) - L(c) = -\sum_l u \cdot F_l u^{\otimes l} / (\eta (l + 1))$, from the ray to u."""
        parts = [self._loss(item, theta - item.center) for item in self.maps]
        return float(np.average(parts, weights=self.samples))

    def _loss(self, item: PolynomialMap, u: FloatArray) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return (
                -sum(float(u @ tensor.apply(u)) / (degree + 1) for degree, tensor in item.tensors.items())
                / self.learning_rate
            )

    def accuracy(self, theta: FloatArray) -> float | None:
        """None: a loss has no classes."""
        return None

    @property
    def flops_per_step(self) -> int:
        """See `Subject`."""
        return max(item.flops_per_step for item in self.maps)


def build_subject(spec: ModelSpec) -> tuple[Subject, FloatArray]:
    """Return what the spec trains and theta(0) of all its weights, before pre-training and pruning.

    Raises:
        InputError: data, weights or options that do not fit, or noise: segments draw none.
        TooLarge: a lattice of so many sites that its weights are not listed.
    """
    if spec.training.noise:
        problem = Problem(
            where=f"{spec.origin}: training.noise",
            found=f"{spec.training.noise:g}",
            allowed="0 for carlemanc train: the segments of a schedule have no noise",
        )
        raise InputError("a schedule cannot be run with noise", [problem])
    try:
        return _network(spec) if spec.network is not None else _maps(spec)
    except InputError as error:
        raise located(error, spec.origin) from None


def _network(spec: ModelSpec) -> tuple[Subject, FloatArray]:
    data = data_of(spec)
    assert spec.network is not None
    assert data is not None
    assert spec.training.learning_rate is not None
    every = (0, data.samples)
    networks, start = networks_of(spec, data, [every, *(rows_of(spec, data) or [every])])
    whole = networks[0]
    wanted = whole.targets
    labels = None
    if len(wanted) > 1:
        labels = wanted.argmax(axis=0)
    elif loss_named(spec.network.loss).is_of_classes:
        labels = wanted[0].astype(np.int64)
    subject = NetworkSubject(
        whole=whole, batches=networks[1:], learning_rate=spec.training.learning_rate, labels=labels
    )
    with np.errstate(over="ignore", invalid="ignore"):
        first = subject.loss(start)
    if not np.isfinite(first):
        problem = Problem(
            where="training.initial",
            found=f"a loss of {first} at the first weights",
            allowed="weights and data of a finite loss",
        )
        raise InputError("the model cannot be trained", [problem])
    return subject, start


def _maps(spec: ModelSpec) -> tuple[Subject, FloatArray]:
    data = data_of(spec)
    rows = rows_of(spec, data)
    maps, start = build_maps(spec, data, rows if len(rows) > 1 else [])
    if not maps[0].is_listed:
        raise TooLarge(
            "the lattice",
            size=f"{maps[0].n:,} sites",
            limit="a model whose F_l are listed",
            instead="A schedule downloads and uploads every weight: lower model.n.",
        )
    counts = tuple(stop - first for first, stop in rows) if len(maps) > 1 else (1,)
    return MapSubject(maps=maps, samples=counts), as_array(start)


def descend(
    subject: Subject, theta: FloatArray, mask: Mask, step: int, rate: float | None = None
) -> FloatArray:
    """Return theta after one classical step on the weights of the mask."""
    eta = subject.learning_rate if rate is None else rate
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(theta - eta * np.where(mask, subject.gradient(theta, step), 0.0))


def classical_path(
    subject: Subject, theta: FloatArray, mask: Mask, steps: int, rate: float | None = None
) -> FloatArray:
    """Return theta(0..steps), (steps + 1, weights)."""
    path = np.empty((steps + 1, len(theta)))
    path[0] = theta
    for step in range(steps):
        path[step + 1] = descend(subject, path[step], mask, step, rate)
    return path
