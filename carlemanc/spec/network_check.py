"""What can be said about `[network]` from its text alone: layers or a module, and approximations that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carlemanc.core.errors import Problem
from carlemanc.spec.problems import Origin, shown
from carlemanc.spec.tables import MISSING, lookup

_POLYNOMIAL = ("identity", "square", "cubic")
_FITTED = ("tanh", "sigmoid", "softplus", "relu", "gelu")
_EXAMPLE = 'approximation = { degree = 5, interval = [-2, 2], kind = "chebyshev" }'
MAX_DEGREE = 40
_MAX_END = 1e6


def check_network(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    """Yield the problems between the keys of `[network]`."""
    network = tables.get("network")
    if not isinstance(network, Mapping):
        return
    if not isinstance(tables.get("data"), Mapping):
        yield Problem(
            where=origin.where("network"), found="no table [data]", allowed="a network beside a table [data]"
        )
    yield from _one_description(network, origin)
    layers = network.get("layers")
    for number, layer in enumerate(layers if isinstance(layers, list | tuple) else ()):
        if isinstance(layer, Mapping):
            yield from _activation(layer, f"network.layers[{number}]", origin)
    if "layers" in network and "approximation" in network:
        yield Problem(
            where=origin.where("network.approximation"),
            found="one approximation beside layers",
            allowed=f"in each layer whose activation is no polynomial: {_EXAMPLE}",
        )
    yield from _approximation(network, "network.approximation", origin)
    yield from _logistic(network, origin)


def _one_description(network: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    given = [key for key in ("layers", "module") if key in network]
    if len(given) != 1:
        yield Problem(
            where=origin.where("network"),
            found=" and ".join(given) or "neither layers nor module",
            allowed="exactly one of layers and module",
        )
    if "layers" in given and isinstance(network["layers"], list | tuple) and not network["layers"]:
        yield Problem(where=origin.where("network.layers"), found="no layer", allowed="at least one layer")


def _activation(layer: Mapping[str, Any], key: str, origin: Origin) -> Iterator[Problem]:
    name, given = layer.get("activation", "identity"), "approximation" in layer
    if name in _POLYNOMIAL and given:
        yield Problem(
            where=origin.where(f"{key}.approximation"),
            found=f"an approximation of {name}",
            allowed="none: it is a polynomial",
        )
    elif name in _FITTED and not given:
        yield Problem(
            where=origin.where(key),
            found=f"{name} without an approximation",
            allowed=f"{name} with {_EXAMPLE}",
        )
    else:
        yield from _approximation(layer, f"{key}.approximation", origin)


def _approximation(table: Mapping[str, Any], key: str, origin: Origin) -> Iterator[Problem]:
    value = lookup(table, key.rpartition(".")[2])
    if not isinstance(value, Mapping):
        return
    kind, interval, degree = value.get("kind", "chebyshev"), lookup(value, "interval"), value.get("degree")
    if isinstance(degree, int) and degree > MAX_DEGREE:
        yield Problem(
            where=origin.where(f"{key}.degree"), found=str(degree), allowed=f"an integer, 1 to {MAX_DEGREE}"
        )
    if kind == "taylor" and interval is not MISSING:
        yield Problem(
            where=origin.where(f"{key}.interval"),
            found=shown(interval),
            allowed="no interval for taylor: it expands about the center",
        )
    elif kind in ("chebyshev", "minimax") and interval is MISSING:
        yield Problem(
            where=origin.where(f"{key}.interval"),
            found="nothing",
            allowed="two numbers [low, high], low < high",
        )
    elif _is_pair(interval) and not -_MAX_END <= interval[0] < interval[1] <= _MAX_END:
        yield Problem(
            where=origin.where(f"{key}.interval"),
            found=shown(interval),
            allowed="two numbers [low, high] with -1e6 <= low < high <= 1e6",
        )


def _logistic(network: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    key = "network.loss_approximation"
    given = "loss_approximation" in network
    if network.get("loss", "mse") == "mse" and given:
        yield Problem(
            where=origin.where(key), found="an approximation of mse", allowed="none: it is a polynomial"
        )
    elif network.get("loss") == "logistic" and "layers" in network and not given:
        yield Problem(
            where=origin.where("network.loss"),
            found="logistic without an approximation",
            allowed=f"logistic with loss_{_EXAMPLE}",
        )
    else:
        yield from _approximation(network, key, origin)


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(end, int | float) and not isinstance(end, bool) for end in value)
    )
