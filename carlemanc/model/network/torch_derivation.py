"""A PyTorch model on data becomes the polynomial map of its surviving weights: `derive_module`.

A chain of dense layers is derived as such (`derivation.py`). Any other model enters through the Taylor
polynomial of its loss (`torch_taylor.py`), where `kind = "taylor"` asks for it; what that leaves out is
sampled along the path of gradient descent on the true model, not bounded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.network.approximation import Approximation, request_problems
from carlemanc.model.network.derivation import derive_network
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.registry import LOSSES
from carlemanc.model.network.survivors import Center, assemble, choose
from carlemanc.model.network.targets import targets
from carlemanc.model.network.torch_layers import NotDense, dense_layers, with_approximation
from carlemanc.model.network.torch_module import ModuleNetwork, refused
from carlemanc.model.network.torch_network import TorchNetwork, output_units
from carlemanc.model.network.torch_taylor import taylor_tensors
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.pruning import Address

MEASURED_STEPS = 1_000
"""At most so many steps of gradient descent on a model are compared with the map."""


def derive_module(
    network: ModuleNetwork,
    *,
    data: DataSet,
    learning_rate: float,
    initial: npt.ArrayLike | None = None,
    approximation: Approximation | None = None,
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
    """Return the gradient-descent map of a PyTorch model and what is known about it.

    Args:
        network: from `load_module`.
        initial: (weights,) theta(0); None takes the weights the model was built with.
        approximation: one for all activations of dense layers; kind "taylor" of degree d takes the loss of
            any model to degree d, so F_l to l = d - 1.
        loss_approximation: of softplus, for logistic and dense layers alone.

    The other arguments are those of `derive_network`.

    Raises:
        InputError: a model that is no chain of dense layers without kind "taylor" (the message names the
            submodule); outputs, data or weights that do not fit; an operation without enough derivatives.
        TooLarge: more derivatives, or monomials, than fit.
        CheckFailed: the Taylor polynomial does not follow the gradient (`torch_taylor.check`).
    """
    start = network.initial if initial is None else initial
    units = output_units(network, data.x)
    layers = dense_layers(network)
    if not isinstance(layers, NotDense):
        approximated = with_approximation(layers, approximation)
        return derive_network(
            approximated,
            data=data,
            learning_rate=learning_rate,
            initial=start,
            loss=loss,
            loss_approximation=loss_approximation,
            center=center,
            sparsity=sparsity,
            mask=mask,
            address=address,
            degree=_capped(degree, approximation),
            rows=rows,
            steps=steps,
        )
    order = _order(network, layers, approximation, loss, loss_approximation, degree)
    trained = TorchNetwork(
        module=network,
        loss_name=loss,
        x=data.x[slice(*rows)] if rows else data.x,
        targets=targets(loss, data.y, units)[:, slice(*(rows or (0, data.samples)))],
    )
    choice = choose(start, network.weights, center=center, sparsity=sparsity, mask=mask)
    if not np.array_equal(trained.outputs(choice.center), trained.outputs(choice.center), equal_nan=True):
        raise refused(f"{network.text} gives other outputs the second time", "a model without randomness")
    tensors = taylor_tensors(
        trained, degree=order, center=choice.center, mask=choice.mask, learning_rate=learning_rate
    )
    return assemble(
        tensors,
        choice,
        network=trained,
        fitted=trained,
        learning_rate=learning_rate,
        kept_degree=order - 1,
        source=f"{network.text}, {loss}, taylor of degree {order}",
        address=address,
        steps=min(steps, MEASURED_STEPS),
    )


def _capped(degree: int | None, approximation: Approximation | None) -> int | None:
    """Return the largest q for dense layers: a Taylor polynomial of degree d keeps F_l to l = d - 1."""
    if approximation is None or approximation.kind != "taylor":
        return degree
    cap = max(approximation.degree - 1, 1)
    return cap if degree is None else min(degree, cap)


def _order(
    network: ModuleNetwork,
    unknown: NotDense,
    approximation: Approximation | None,
    loss: str,
    loss_approximation: Approximation | None,
    degree: int | None,
) -> int:
    """Return the degree of the Taylor polynomial. Raises InputError with everything that is wrong."""
    problems = []
    if approximation is None or approximation.kind != "taylor":
        found = f"{network.text} is no chain of dense layers ({unknown})"
        allowed = 'approximation = { kind = "taylor", degree = 4 }: the Taylor polynomial of the loss'
        problems.append(Problem(where="network.approximation", found=found, allowed=allowed))
    else:
        problems.extend(request_problems("tanh", approximation, "network.approximation"))
    if loss not in LOSSES:
        problems.append(Problem(where="network.loss", found=repr(loss), allowed=", ".join(LOSSES)))
    has_function = loss in LOSSES and bool(LOSSES[loss].function)
    if loss_approximation is not None and (not has_function or loss_approximation.kind != "taylor"):
        found = "an approximation of the loss"
        allowed = "none: the loss is part of the Taylor polynomial"
        problems.append(Problem(where="network.loss_approximation", found=found, allowed=allowed))
    if degree is not None and degree < 1:
        problems.append(Problem(where="network.degree", found=str(degree), allowed="at least 1"))
    if problems:
        raise InputError("The PyTorch model cannot be derived.", problems)
    assert approximation is not None
    order = approximation.degree
    if loss_approximation is not None:
        order = min(order, loss_approximation.degree)
    return order if degree is None else min(order, degree + 1)
