"""A `[network]` unpacked: the polynomial map of each batch and what is known about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.progress import track
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.network.approximation import Approximation
from carlemanc.model.network.dense_layers import DenseLayer, check_size, count_weights
from carlemanc.model.network.derivation import dense_network, derive_network
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.targets import targets
from carlemanc.model.network.torch_derivation import derive_module
from carlemanc.model.network.torch_module import ModuleNetwork, load_module
from carlemanc.model.network.torch_network import TorchNetwork, output_units
from carlemanc.model.network.trained_network import TrainedNetwork
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.pruning import load_mask
from carlemanc.model.upload import Upload
from carlemanc.sources.pruned import first_weights
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.schema_source import ApproximationTable


def derive_networks(
    spec: ModelSpec, data: DataSet, rows: Sequence[tuple[int, int]], upload: Upload | None = None
) -> tuple[tuple[PolynomialMap, ...], tuple[NetworkInfo, ...]]:
    """Return the map and the information of each batch of `rows`; of all data where there are none.

    An upload says instead of the spec where the steps start, how many they are and which weights survive.
    Runs the code of a `network.module`.

    Raises:
        InputError: weights, mask, n, module or data that do not fit.
        TooLarge: a network over the limits of `dense_layers.check_size`, or too many monomials.
    """
    assert spec.network is not None
    network, weights = _unpacked(spec, data)
    given = upload is not None or spec.training.initial is not None
    initial = first_weights(spec, weights, upload) if given else None
    options = _options(spec, weights, upload)
    if isinstance(network, ModuleNetwork):
        options["approximation"] = _approximation(spec.network.approximation)
        derive = partial(derive_module, network, data=data, initial=initial, **options)
    else:
        assert initial is not None  # the schema has it of a spec with layers
        derive = partial(derive_network, network, data=data, initial=initial, **options)
    batches: list[tuple[int, int] | None] = [*rows] or [None]
    every = spec.training.steps if upload is None else upload.steps
    steps = -(-every // len(batches))
    found = [
        derive(rows=batch, steps=steps) for batch in track(batches, "derive network", total=len(batches))
    ]
    _check_count(spec, *found[0])
    return tuple(derived for derived, _ in found), tuple(info for _, info in found)


def _unpacked(spec: ModelSpec, data: DataSet) -> tuple[ModuleNetwork | tuple[DenseLayer, ...], int]:
    """Return the layers or the module of a `[network]`, and the number of its weights."""
    assert spec.network is not None
    if spec.network.layers is not None:
        layers = _layer_list(spec)
        check_size(layers, data.x.shape[1], data.samples)
        return layers, count_weights(layers, data.x.shape[1])
    assert spec.network.module is not None
    module = load_module(spec.network.module, base=spec.base, seed=spec.training.seed)
    return module, module.weights


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


def networks_of(
    spec: ModelSpec, data: DataSet, rows: Sequence[tuple[int, int]]
) -> tuple[tuple[TrainedNetwork, ...], FloatArray]:
    """Return the network itself on each of `rows`, and theta(0) of all its weights: nothing is derived.

    Runs the code of a `network.module`.

    Raises:
        InputError: weights or data that do not fit.
        TooLarge: a network over the limits of `dense_layers.check_size`.
    """
    assert spec.network is not None
    loss = spec.network.loss
    network, weights = _unpacked(spec, data)
    if not isinstance(network, ModuleNetwork):
        start = first_weights(spec, weights)
        return tuple(dense_network(network, data, loss, ends) for ends in rows), start
    wanted = targets(loss, data.y, output_units(network, data.x))
    found = tuple(
        TorchNetwork(module=network, loss_name=loss, x=data.x[slice(*ends)], targets=wanted[:, slice(*ends)])
        for ends in rows
    )
    return found, network.initial if spec.training.initial is None else first_weights(spec, weights)


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


def _check_count(spec: ModelSpec, polynomial_map: PolynomialMap, info: NetworkInfo) -> None:
    """Refuse a model.n that is not what the address option counts."""
    if spec.model.n in (None, polynomial_map.n):
        return
    counted = "surviving weights" if info.address == "survivors" else "weights"
    problem = Problem(
        where=f"{spec.origin}: model.n",
        found=str(spec.model.n),
        allowed=f"{polynomial_map.n}, the number of {counted} of the network, or no model.n",
    )
    raise InputError("n does not fit the network", [problem])
