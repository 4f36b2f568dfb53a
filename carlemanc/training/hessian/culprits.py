"""Which layer of a model an operation belongs to, so that what cannot be differentiated twice is refused by name.

The forward pass of one batch is run once more with hooks on each module. Operations that a module's inputs hang on
belong to what called it, those that are new in its outputs to the module; what is left belongs to the loss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from carlemanc.core.errors import CarlemancError
from carlemanc.model.network.torch_module import one_line, require_torch
from carlemanc.training.hessian.twice_differentiable import twice_differentiable
from carlemanc.training.problem import TorchProblem, refused

if TYPE_CHECKING:
    from torch import Tensor, nn

Batch = tuple[Any, Any]
_DOUBTFUL = {
    "WeightNormInterfaceBackward": "weight_norm, whose second derivative in PyTorch is not symmetric"
}
"""Operations of PyTorch whose second derivative is known to be wrong, by the names of their nodes."""


class Derivative(Enum):
    """Which derivative was asked for."""

    FIRST = "differentiating the loss"
    SECOND = "differentiating the loss twice"


@contextmanager
def missing_derivative(problem: TorchProblem, batch: Batch, which: Derivative) -> Iterator[None]:
    """Within the block, turn an error of PyTorch's differentiation into an InputError that names its layer."""
    try:
        yield
    except (CarlemancError, MemoryError):
        raise
    except Exception as error:
        found = f"{which.value} raises {one_line(error)}{_place(problem, batch, str(error))}"
        raise refused(problem.label, found, "a loss with two derivatives") from error


def doubtful_operations(problem: TorchProblem, batch: Batch) -> tuple[str, ...]:
    """Return the operations of a batch whose second derivative need not be right, each with its layer.

    These are the functions whose backward pass is Python of the model's author, and those in `_DOUBTFUL`.
    """
    function = require_torch().autograd.function.BackwardCFunction
    found = []
    for node, place in nodes_by_module(problem, batch):
        name = _plain_name(node)
        if isinstance(node, function) and not type(node).__module__.startswith("carlemanc."):
            found.append(f"the autograd function {name.removesuffix('Backward')} in {place}")
        elif name in _DOUBTFUL:
            found.append(f"{_DOUBTFUL[name]}, in {place}")
    return tuple(dict.fromkeys(found))


def nodes_by_module(problem: TorchProblem, batch: Batch) -> list[tuple[Any, str]]:
    """Return the nodes of the graph of a batch's loss, each with the innermost module that made it."""
    torch = require_torch()
    inside, seen = ["the loss"], dict[Any, str]()

    def enter(name: str, inputs: object) -> None:
        _claim(seen, inputs, inside[-1])
        inside.append(name)

    with ExitStack() as stack:
        stack.enter_context(torch.enable_grad())
        stack.enter_context(twice_differentiable(problem.model))
        stack.enter_context(
            watched(problem.model, enter, lambda outputs: _claim(seen, outputs, inside.pop()))
        )
        _claim(seen, problem.batch_loss(*batch), inside[-1])
    return list(seen.items())


def _claim(seen: dict[object, str], values: object, place: str) -> None:
    for node in _graph(values, seen):
        seen[node] = place


@contextmanager
def watched(
    model: nn.Module, enter: Callable[[str, Any], None], leave: Callable[[Any], None]
) -> Iterator[None]:
    """Within the block, call `enter(name, inputs)` and `leave(outputs)` around the forward pass of each module.

    Compiled modules (torch.jit) take no such calls and count as part of what is around them.
    """
    torch = require_torch()

    def before(name: str, _module: object, args: object, kwargs: object) -> None:
        enter(name, [args, kwargs])

    def after(_module: object, _args: object, outputs: object) -> None:
        leave(outputs)

    with ExitStack() as stack:
        for path, item in model.named_modules():
            if not isinstance(item, torch.jit.ScriptModule):
                name = f"{path or 'the model'} ({type(item).__name__})"
                hook = item.register_forward_pre_hook(partial(before, name), with_kwargs=True)
                stack.callback(hook.remove)
                stack.callback(item.register_forward_hook(after).remove)
        yield


def _graph(outputs: object, seen: dict[object, str]) -> list[Any]:
    """Return the nodes that outputs hang on and nobody has claimed."""
    waiting = [item.grad_fn for item in _tensors(outputs) if item.grad_fn is not None]
    found: dict[Any, None] = {}
    while waiting:
        node = waiting.pop()
        if node not in seen and node not in found:
            found[node] = None
            waiting += [further for further, _ in node.next_functions if further is not None]
    return list(found)


def _tensors(value: object) -> list[Tensor]:
    if isinstance(value, require_torch().Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in _tensors(item)]
    return []


def _place(problem: TorchProblem, batch: Batch, message: str) -> str:
    """Return ", in LAYER" for an operation that a message names; "" where it names none that is found."""
    named = re.search(r"derivative for '?(?:aten::)?(\w+?)'? is not implemented", message)
    if named is None:
        return ""
    wanted = named[1].replace("_", "").lower()
    for node, place in nodes_by_module(problem, batch):
        if wanted.startswith(_plain_name(node).lower()):
            return f", in {place}"
    return ""


def _plain_name(node: Any) -> str:
    """Return the name of a node without its number: EmbeddingBagBackward of EmbeddingBagBackward0."""
    return str(node.name()).rpartition("::")[2].rstrip("0123456789")


def half_value(problem: TorchProblem, batch: tuple[object, object]) -> str | None:
    """Return the first operation that gives a differentiable value of half precision or less, with its module.

    Such values stand inside a model of single or double precision: autocast, `x.half()`, quantized arithmetic. Three
    digits are too few for a second derivative, and the rounding of a cast, which PyTorch differentiates as the
    identity, makes the loss a staircase. The weights alone do not show it; one forward pass does.
    """
    torch = require_torch()
    from torch.overrides import TorchFunctionMode

    exact = {torch.float32, torch.float64, torch.complex64, torch.complex128}
    inside = ["the loss"]
    found: list[str] = []

    def leave(_: object) -> None:
        inside.pop()

    class Watch(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            value = function(*args, **(kwargs or {}))
            if isinstance(value, torch.Tensor) and value.requires_grad and value.dtype not in exact:
                name, kind = getattr(function, "__name__", "?"), str(value.dtype).removeprefix("torch.")
                found.append(f"{kind} values, of {name} in {inside[-1]}")
            return value

    with (
        torch.enable_grad(),
        watched(problem.model, lambda name, _: inside.append(name), leave),
        Watch(),
    ):
        problem.batch_loss(*batch)
    return found[0] if found else None
