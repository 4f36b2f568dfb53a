"""A PyTorch model read as dense layers, where it is a chain of nn.Linear and known activations.

Understood: nn.Sequential (nested), nn.Linear, nn.Identity, nn.Flatten, nn.Dropout (evaluation mode), nn.Tanh,
nn.Sigmoid, nn.Softplus, nn.ReLU, nn.GELU, modules of the classes Square and Cubic, and any module without weights
that says what it is: `carlemanc_activation = "square"`. Nothing is believed: every activation is
compared with its function on a grid, and the layers with the model at random weights and inputs, so that
other settings (beta, approximate), hooks and reparametrizations are noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.approximation import Approximation, request_problems
from carlemanc.model.network.dense_layers import DenseLayer, lay_out
from carlemanc.model.network.dense_network import DenseNetwork
from carlemanc.model.network.loss import SquaredError
from carlemanc.model.network.registry import ACTIVATIONS, activation_named
from carlemanc.model.network.torch_module import ModuleNetwork, require_torch
from carlemanc.model.network.torch_network import TorchNetwork

if TYPE_CHECKING:
    from torch import nn


TOLERANCE = 1e-8
"""Largest deviation of an activation or of the layers, relative to 1 + |value| (softplus beyond 20: 2e-9)."""

_NAMES = {entry.torch: name for name, entry in ACTIVATIONS.items() if entry.torch}
_OURS = {"Square": "square", "Cubic": "cubic"}
_SILENT = ("Identity", "Flatten", "Dropout")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDense:
    """Why a model is no chain of dense layers.

    Attributes:
        submodule: its name in the model ("" for the model itself) and class.
        reason: what is not understood about it.
    """

    submodule: str
    reason: str

    def __str__(self) -> str:
        return f"{self.submodule}: {self.reason}"


class _Unknown(Exception):
    def __init__(self, name: str, module: nn.Module, reason: str) -> None:
        self.found = NotDense(submodule=f"{name or 'the model'} ({type(module).__name__})", reason=reason)


def dense_layers(network: ModuleNetwork) -> tuple[DenseLayer, ...] | NotDense:
    """Return the layers whose weights, in order, are those of the model; without approximations."""
    torch = require_torch()
    try:
        layers = _layers(torch, network.model)
        _compare(torch, network, layers)
    except _Unknown as unknown:
        return unknown.found
    return tuple(layers)


def with_approximation(
    layers: tuple[DenseLayer, ...], approximation: Approximation | None
) -> tuple[DenseLayer, ...]:
    """Return the layers with one approximation for every activation that is no polynomial.

    Where all are polynomials only kind "taylor" has a meaning, as the degree at which the loss is cut.

    Raises InputError for an approximation that is missing, without a use, or out of range.
    """
    where = "network.approximation"
    needy = {layer.activation for layer in layers if not ACTIVATIONS[layer.activation].is_polynomial}
    problems: list[Problem] = []
    if needy and approximation is None:
        allowed = '{ degree = 5, interval = [-2, 2], kind = "chebyshev" } for all activations'
        found = f"{', '.join(sorted(needy))} without an approximation"
        problems = [Problem(where=where, found=found, allowed=allowed)]
    elif not needy and approximation is not None and approximation.kind != "taylor":
        found = "an approximation of a polynomial network"
        problems = [Problem(where=where, found=found, allowed='none, or kind = "taylor" to cut the loss')]
    elif approximation is not None:
        problems = request_problems(min(needy, default="tanh"), approximation, where)
    if problems:
        raise InputError("The network cannot be approximated.", problems)
    return tuple(
        replace(layer, approximation=approximation if layer.activation in needy else None) for layer in layers
    )


def _layers(torch: ModuleType, model: nn.Module) -> list[DenseLayer]:
    layers: list[DenseLayer] = []
    seen: set[int] = set()
    bare = False
    for name, module in _leaves(torch, model, ""):
        if type(module) is torch.nn.Linear:
            _check_own(name, module, seen)
            layers.append(DenseLayer(units=module.out_features, bias=module.bias is not None))
            bare = True
            continue
        function = _function(torch, name, module)
        if function == "identity":
            continue
        if not bare:
            reason = "a second activation in a row" if layers else "an activation before the first nn.Linear"
            raise _Unknown(name, module, reason)
        layers[-1] = replace(layers[-1], activation=function)
        bare = False
    if not layers:
        raise _Unknown("", model, "no nn.Linear")
    return layers


def _leaves(torch: ModuleType, module: nn.Module, name: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield (name, module) of everything that nested nn.Sequential run in order."""
    if isinstance(module, torch.nn.Sequential) and type(module).forward is torch.nn.Sequential.forward:
        for child, inner in enumerate(module):
            yield from _leaves(torch, inner, f"{name}.{child}" if name else str(child))
    else:
        yield name, module


def _check_own(name: str, module: nn.Module, seen: set[int]) -> None:
    """Refuse weights that are constants, computed from others or used before."""
    given = dict(module.named_parameters())
    if set(given) != {"weight"} | ({"bias"} if module.bias is not None else set()):
        raise _Unknown(name, module, f"weights computed from {', '.join(sorted(given))}")
    if not all(parameter.requires_grad for parameter in given.values()):
        raise _Unknown(name, module, "weights that require no gradient")
    fresh = {id(parameter) for parameter in given.values()}
    if fresh & seen:
        raise _Unknown(name, module, "weights shared with an earlier layer")
    seen |= fresh


def _function(torch: ModuleType, name: str, module: nn.Module) -> str:
    """Return the activation that a module without weights computes, "identity" for none."""
    kind = type(module).__name__
    standard = type(module) is getattr(torch.nn, kind, None)
    said = getattr(module, "carlemanc_activation", None)
    if said is not None:
        function = str(said)
    elif standard and kind in _SILENT:
        function = "identity"
    else:
        function = (_NAMES if standard else _OURS).get(kind, "")
    if function not in ACTIVATIONS or any(True for _ in module.parameters()):
        raise _Unknown(name, module, "neither nn.Linear nor a known activation")
    grid = np.linspace(-30.0, 30.0, 602).reshape(43, 14)
    wanted = activation_named(function).value(grid)
    try:
        with torch.no_grad():
            found = module(torch.tensor(grid))
    except Exception as error:
        raise _Unknown(name, module, f"raises {type(error).__name__} on a batch of vectors") from None
    if not isinstance(found, torch.Tensor) or not _close(found.numpy(), wanted):
        raise _Unknown(name, module, f"it does not compute {function}")
    return function


def _compare(torch: ModuleType, network: ModuleNetwork, layers: list[DenseLayer]) -> None:
    """Refuse a model that differs from its layers at random weights and inputs."""
    features = next(m.in_features for _, m in _leaves(torch, network.model, "") if type(m) is torch.nn.Linear)
    rng = np.random.default_rng(0)
    x, theta = rng.normal(size=(16, features)), rng.normal(size=network.weights) / np.sqrt(features)
    targets = np.zeros((layers[-1].units, len(x)))
    dense = DenseNetwork(
        places=lay_out(layers, features),
        activations=tuple(activation_named(layer.activation) for layer in layers),
        error=SquaredError(),
        x=x,
        targets=targets,
    )
    if dense.weights != network.weights:
        raise _Unknown("", network.model, f"{network.weights} weights, {dense.weights} of them in nn.Linear")
    try:
        found = TorchNetwork(module=network, loss_name="mse", x=x, targets=targets).outputs(theta)
    except InputError as error:
        raise _Unknown("", network.model, error.problems[0].found) from None
    if not _close(found, dense.outputs(theta)):
        raise _Unknown(
            "", network.model, "it computes something else than its layers, by a hook or otherwise"
        )


def _close(found: FloatArray, wanted: FloatArray) -> bool:
    if found.shape != wanted.shape:
        return False
    return bool(np.all(np.abs(found - wanted) <= TOLERANCE * (1 + np.abs(wanted))))
