"""Activations and losses of networks by the names they have in a spec (`activation`, `network.loss`).

Either is one file and one line here: the schema, its checks, dense layers and PyTorch models read this. Nothing
numerical is imported before one is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from carlemanc.core.lazy import loaded

if TYPE_CHECKING:
    from carlemanc.model.network.activation import Monomial, ScalarFunction, Smooth
    from carlemanc.model.network.loss import OutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """An activation.

    Args:
        place: "module:object", a `Monomial` or a `Smooth`.
        is_polynomial: whether it needs no approximation.
        torch: the class of `torch.nn` that computes it; "" for none.
    """

    place: str
    is_polynomial: bool = False
    torch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss of the outputs of a network.

    Args:
        place: "module:class", an `OutputError`.
        function: the activation in it that is no polynomial, which `network.loss_approximation` approximates; "" where
            the loss is a polynomial.
    """

    place: str
    function: str = ""


ACTIVATIONS: Final[dict[str, Activation]] = {
    "identity": Activation(place="carlemanc.model.network.activation:IDENTITY", is_polynomial=True),
    "square": Activation(place="carlemanc.model.network.activation:SQUARE", is_polynomial=True),
    "cubic": Activation(place="carlemanc.model.network.activation:CUBIC", is_polynomial=True),
    "tanh": Activation(place="carlemanc.model.network.activation:TANH", torch="Tanh"),
    "sigmoid": Activation(place="carlemanc.model.network.activation:SIGMOID", torch="Sigmoid"),
    "softplus": Activation(place="carlemanc.model.network.activation:SOFTPLUS", torch="Softplus"),
    "relu": Activation(place="carlemanc.model.network.activation:RELU", torch="ReLU"),
    "gelu": Activation(place="carlemanc.model.network.activation:GELU", torch="GELU"),
}
LOSSES: Final[dict[str, Loss]] = {
    "mse": Loss(place="carlemanc.model.network.loss:SquaredError"),
    "logistic": Loss(place="carlemanc.model.network.loss:LogisticError", function="softplus"),
}


def activation_named(name: str) -> Monomial | Smooth:
    """Return the activation of a name in `ACTIVATIONS`."""
    found: Monomial | Smooth = loaded(ACTIVATIONS[name].place)
    return found


def loss_named(name: str, function: ScalarFunction | None = None) -> OutputError:
    """Return the loss of a name in `LOSSES`, with `function` in place of the activation in it where one is given."""
    loss = LOSSES[name]
    made = loaded(loss.place)
    if not loss.function:
        polynomial: OutputError = made()
        return polynomial
    found: OutputError = made(function=function or activation_named(loss.function))
    return found
