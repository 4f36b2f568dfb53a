"""A dense network on data becomes the polynomial map of its surviving weights: `derive_network`.

Polynomial activations and mse are exact. Other functions stand as fits (`approximation.py`) or, for taylor,
enter with their exact derivatives: the loss is then its Taylor polynomial of that degree about the center.
The map may be cut at a degree; `NetworkInfo.remainder` says what either costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.network.approximation import Approximation, approximate, request_problems
from carlemanc.model.network.dense_layers import DenseLayer, lay_out
from carlemanc.model.network.dense_network import DenseNetwork
from carlemanc.model.network.forecast import check_expansion
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.polynomial import gradient_tensors, loss_polynomial
from carlemanc.model.network.registry import LOSSES, activation_named, loss_named
from carlemanc.model.network.survivors import Center, assemble, choose
from carlemanc.model.network.targets import targets
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.pruning import Address


def derive_network(
    layers: Sequence[DenseLayer],
    *,
    data: DataSet,
    learning_rate: float,
    initial: npt.ArrayLike,
    loss: str = "mse",
    loss_approximation: Approximation | None = None,
    center: Center = "initial",
    sparsity: float | None = None,
    mask: npt.ArrayLike | None = None,
    address: Address = "survivors",
    degree: int | None = None,
    rows: tuple[int, int] | None = None,
    steps: int = 1,
) -> tuple[PolynomialMap, NetworkInfo]:
    """Return the gradient-descent map of a network and what is known about it.

    Args:
        layers: at least one.
        data: x (m, k) and y (m,); labels become one-hot where the last layer has several units.
        learning_rate: eta.
        initial: (weights,) theta(0) of all weights, `dense_layers.count_weights` of them.
        loss: a name in `LOSSES`.
        loss_approximation: of the function in a loss that is no polynomial, for such a loss alone.
        center: "initial", "zero", or all weights (weights,) or the surviving ones (s,).
        sparsity: keep this fraction of the largest |initial|; the others are zero and frozen.
        mask: (weights,) ones are trained, instead of sparsity.
        address: whether the map counts survivors, or all weights at their original places.
        degree: the largest q kept; None keeps all.
        rows: first row and last row + 1 of a batch: the loss is the mean over these samples, the classes are
            those of all data. None takes every sample.
        steps: how many steps of gradient descent to compare with the map (fewer where that is long).

    Raises:
        InputError: anything above that does not fit, all together.
        TooLarge: a degree over `forecast.MAX_DEGREE`, or more monomials or operations than fit; the message names a
            degree that would do.
    """
    problems = _problems(layers, loss, loss_approximation, degree, sparsity, mask)
    if problems:
        raise InputError("The network cannot be derived.", problems)
    network, fitted = _networks(layers, data, loss, loss_approximation, rows or (0, data.samples))
    choice = choose(initial, network.weights, center=center, sparsity=sparsity, mask=mask)
    cap = _cap(fitted.degree, layers, loss_approximation, degree)
    check_expansion(fitted, choice.mask, choice.center[choice.mask], cap)
    polynomial = loss_polynomial(fitted, choice.center[choice.mask], choice.mask, cap)
    return assemble(
        gradient_tensors(polynomial, learning_rate),
        choice,
        network=network,
        fitted=fitted,
        learning_rate=learning_rate,
        kept_degree=cap - 1,
        source=_source(layers, data, loss),
        address=address,
        steps=steps,
    )


def dense_network(
    layers: Sequence[DenseLayer], data: DataSet, loss: str, rows: tuple[int, int]
) -> DenseNetwork:
    """Return the network itself, with its own activations, on these rows of the data.

    Raises InputError for labels that do not fit the outputs.
    """
    return DenseNetwork(
        places=lay_out(layers, data.x.shape[1]),
        activations=tuple(activation_named(layer.activation) for layer in layers),
        error=loss_named(loss),
        x=data.x[slice(*rows)],
        targets=targets(loss, data.y, layers[-1].units)[:, slice(*rows)],
    )


def _problems(
    layers: Sequence[DenseLayer],
    loss: str,
    loss_approximation: Approximation | None,
    degree: int | None,
    sparsity: float | None,
    mask: npt.ArrayLike | None,
) -> list[Problem]:
    problems = []
    if not layers:
        problems.append(Problem(where="network.layers", found="no layer", allowed="at least one"))
    for number, layer in enumerate(layers):
        where = f"network.layers[{number}]"
        if layer.units < 1:
            problems.append(Problem(where=where, found=f"{layer.units} units", allowed="at least 1"))
        problems.extend(request_problems(layer.activation, layer.approximation, where))
    if loss not in LOSSES:
        problems.append(Problem(where="network.loss", found=repr(loss), allowed=", ".join(LOSSES)))
    function = LOSSES[loss].function if loss in LOSSES else ""
    if function:
        problems.extend(request_problems(function, loss_approximation, "network.loss_approximation"))
    elif loss_approximation is not None:
        found = f"an approximation of {loss}"
        problems.append(Problem(where="network.loss_approximation", found=found, allowed="none"))
    if degree is not None and degree < 1:
        problems.append(Problem(where="network.degree", found=str(degree), allowed="at least 1"))
    if sparsity is not None and mask is not None:
        problems.append(Problem(where="model.mask", found="sparsity and mask", allowed="one of them"))
    return problems


def _networks(
    layers: Sequence[DenseLayer],
    data: DataSet,
    loss: str,
    loss_approximation: Approximation | None,
    rows: tuple[int, int],
) -> tuple[DenseNetwork, DenseNetwork]:
    """Return the network itself and the one with polynomials in place of its fitted functions."""
    network = dense_network(layers, data, loss, rows)
    fits = tuple(
        approximate(layer.activation, layer.approximation, f"network.layers[{number}]")
        for number, layer in enumerate(layers)
    )
    error, function = network.error, LOSSES[loss].function
    if function:
        error = loss_named(loss, approximate(function, loss_approximation, "network.loss_approximation"))
    return network, replace(network, activations=fits, error=error)


def _cap(
    full: int | None,
    layers: Sequence[DenseLayer],
    loss_approximation: Approximation | None,
    degree: int | None,
) -> int:
    """Return the largest degree of the loss to keep."""
    requests = [*(layer.approximation for layer in layers), loss_approximation]
    caps = [request.degree for request in requests if request is not None and request.kind == "taylor"]
    if full is not None:
        caps.append(full)
    if degree is not None:
        caps.append(degree + 1)
    return max(min(caps), 1)


def _source(layers: Sequence[DenseLayer], data: DataSet, loss: str) -> str:
    sizes = "-".join(str(size) for size in (data.x.shape[1], *(layer.units for layer in layers)))
    names = ", ".join(layer.activation for layer in layers)
    return f"network {sizes} ({names}), {loss}"
