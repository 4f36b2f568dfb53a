"""A `[network]` unpacked: the polynomial map of each batch and what is known about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.progress import track
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.network.approximation import Approximation
from carlemanc.model.network.dense_layers import DenseLayer, count_weights
from carlemanc.model.network.derivation import dense_network, derive_network
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.limits import check_size
from carlemanc.model.network.loss import targets
from carlemanc.model.network.torch_derivation import derive_module
from carlemanc.model.network.torch_module import load_module
from carlemanc.model.network.torch_network import TorchNetwork, output_units
from carlemanc.model.network.trained_network import TrainedNetwork
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.pruning import load_mask
from carlemanc.model.upload import Upload
from carlemanc.sources.pruned import first_weights
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.schema_source import ApproximationTable

FloatArray = npt.NDArray[np.float64]
Derived = tuple[PolynomialMap, NetworkInfo]


def derive_networks(
    spec: ModelSpec, data: DataSet, rows: Sequence[tuple[int, int]], upload: Upload | None = None
) -> tuple[tuple[PolynomialMap, ...], tuple[NetworkInfo, ...]]:
    """Return the map and the information of each batch of `rows`; of all data where there are none.

    An upload says instead of the spec where the steps start, how many they are and which weights survive.
    Runs the code of a `network.module`.

    Raises:
        InputError: weights, mask, n, module or data that do not fit.
        TooLarge: a network over the limits of `model/network/limits.py`, or too many monomials.
    """
    assert spec.network is not None
    source = _layers(spec, data, upload) if spec.network.layers is not None else _module(spec, data, upload)
    batches: list[tuple[int, int] | None] = [*rows] or [None]
    every = spec.training.steps if upload is None else upload.steps
    steps = -(-every // len(batches))
    found = [source(batch, steps) for batch in track(batches, "derive network", total=len(batches))]
    _check_count(spec, found[0])
    return tuple(derived for derived, _ in found), tuple(info for _, info in found)


Source = Callable[[tuple[int, int] | None, int], Derived]
"""From the rows of a batch and the steps to follow to its map."""


def _layers(spec: ModelSpec, data: DataSet, upload: Upload | None) -> Source:
    layers = _layer_list(spec)
    check_size(layers, data.x.shape[1], data.samples)
    weights = count_weights(layers, data.x.shape[1])
    initial = first_weights(spec, weights, upload)
    options = _options(spec, weights, upload)
    return lambda rows, steps: derive_network(
        layers, data=data, initial=initial, rows=rows, steps=steps, **options
    )


def _layer_list(spec: ModelSpec) -> tuple[DenseLayer, ...]:
    assert spec.network is not None
    assert spec.network.layers is not None
    return tuple(
        DenseLayer(
            units=layer.units,
            activation=layer.activation,
            bias=layer.bias,
            approximation=_approximation(layer.approximation),
        )
        for layer in spec.network.layers
    )


def _module(spec: ModelSpec, data: DataSet, upload: Upload | None) -> Source:
    assert spec.network is not None
    assert spec.network.module is not None
    network = load_module(spec.network.module, base=spec.base, seed=spec.training.seed)
    given = upload is not None or spec.training.initial is not None
    initial = first_weights(spec, network.weights, upload) if given else None
    approximation = _approximation(spec.network.approximation)
    options = _options(spec, network.weights, upload)
    return lambda rows, steps: derive_module(
        network,
        data=data,
        initial=initial,
        approximation=approximation,
        rows=rows,
        steps=steps,
        **options,
    )


def networks_of(
    spec: ModelSpec, data: DataSet, rows: Sequence[tuple[int, int]]
) -> tuple[tuple[TrainedNetwork, ...], FloatArray]:
    """Return the network itself on each of `rows`, and theta(0) of all its weights: nothing is derived.

    Runs the code of a `network.module`.

    Raises:
        InputError: weights or data that do not fit.
        TooLarge: a network over the limits of `model/network/limits.py`.
    """
    assert spec.network is not None
    loss = spec.network.loss
    if spec.network.layers is not None:
        layers = _layer_list(spec)
        check_size(layers, data.x.shape[1], data.samples)
        weights = count_weights(layers, data.x.shape[1])
        start = first_weights(spec, weights)
        return tuple(dense_network(layers, data, loss, ends) for ends in rows), start
    assert spec.network.module is not None
    module = load_module(spec.network.module, base=spec.base, seed=spec.training.seed)
    wanted = targets(loss, data.y, output_units(module, data.x))
    found = tuple(
        TorchNetwork(module=module, loss_name=loss, x=data.x[slice(*ends)], targets=wanted[:, slice(*ends)])
        for ends in rows
    )
    if spec.training.initial is None:
        return found, module.initial
    return found, first_weights(spec, module.weights)


def _options(spec: ModelSpec, weights: int, upload: Upload | None) -> dict[str, Any]:
    """What layers and modules take alike."""
    assert spec.network is not None
    assert spec.training.learning_rate is not None
    mask = None if upload is None else upload.mask
    if upload is None and spec.model.mask is not None:
        mask = load_mask(spec.model.mask, spec.base, weights)
    return {
        "learning_rate": spec.training.learning_rate,
        "loss": spec.network.loss,
        "loss_approximation": _approximation(spec.network.loss_approximation),
        "center": spec.center,
        "sparsity": spec.model.sparsity if upload is None else None,
        "mask": mask,
        "address": spec.model.address,
        "degree": spec.network.degree,
    }


def _approximation(table: ApproximationTable | None) -> Approximation | None:
    if table is None:
        return None
    return Approximation(degree=table.degree, interval=table.interval, kind=table.kind)


def _check_count(spec: ModelSpec, derived: Derived) -> None:
    """Refuse a model.n that is not what the address option counts."""
    polynomial_map, info = derived
    if spec.model.n in (None, polynomial_map.n):
        return
    counted = "surviving weights" if info.address == "survivors" else "weights"
    problem = Problem(
        where=f"{spec.origin}: model.n",
        found=str(spec.model.n),
        allowed=f"{polynomial_map.n}, the number of {counted} of the network, or no model.n",
    )
    raise InputError("n does not fit the network", [problem])
