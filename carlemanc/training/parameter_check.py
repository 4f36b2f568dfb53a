"""What the parameters of a PyTorch model must be, seen without running it; each that is not, by name.

Comes in: a torch.nn.Module. Goes out: nothing, or one error with a problem for each parameter or layer: no
shape yet, no values, a number format without the digits a second derivative needs, a layer whose gradient is
that of no function.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.torch_module import require_torch

if TYPE_CHECKING:
    from torch import Tensor, nn

SHOWN = 8
"""Most problems that one error lists."""


def check_parameters(model: nn.Module, label: str) -> None:
    """Raise InputError where a parameter or layer of a model cannot be used for a Hessian.

    Args:
        model: the torch.nn.Module.
        label: what names it in messages.
    """
    owners = {path: type(item).__name__ for path, item in model.named_modules()}
    named = [
        (f"{name} of {owners[name.rpartition('.')[0]]}", item) for name, item in model.named_parameters()
    ]
    found = [*_shapes(model, owners, label)]
    if not found:  # what has no shape has no values either
        found = [*_values(named, label), *_layers(model, label), *_shared(named, label)]
    if found:
        more = len(found) - SHOWN
        last = [] if more <= 0 else [Problem(where=label, found=f"{more} more", allowed="none")]
        raise InputError("The model cannot be used.", [*found[:SHOWN], *last])


def _shapes(model: nn.Module, owners: dict[str, str], label: str) -> Iterator[Problem]:
    lazy = require_torch().nn.parameter.is_lazy
    tensors = [*model.named_parameters(), *model.named_buffers()]
    waiting = {name.rpartition(".")[0]: name for name, item in reversed(tensors) if lazy(item)}
    for path, name in reversed(waiting.items()):
        yield Problem(
            where=label,
            found=f"{name} of {owners[path]}, which has no shape yet",
            allowed="parameters whose shapes are given",
            help="run the model once on a batch before it is returned, or give the sizes",
        )


def _values(named: list[tuple[str, Tensor]], label: str) -> Iterator[Problem]:
    torch = require_torch()
    trained = [(name, item) for name, item in named if item.requires_grad]
    absent = [name for name, item in named if item.is_meta]
    if absent:
        yield Problem(
            where=label,
            found=f"no values, on the meta device: {_some(absent)}",
            allowed="parameters with values",
        )
    for kind in dict.fromkeys(item.dtype for _, item in trained):
        if kind in (torch.float32, torch.float64):
            continue
        what = "complex" if kind.is_complex else "half precision or less"
        change = "its real and imaginary parts" if kind.is_complex else "model.float() and data of float32"
        yield Problem(
            where=label,
            found=f"{_short(kind)}, {what}: {_some([name for name, item in trained if item.dtype == kind])}",
            allowed="parameters of float32 or float64",
            help=f"return {change}",
        )
    for kind in dict.fromkeys(item.layout for _, item in trained):
        if kind != torch.strided:
            names = [name for name, item in trained if item.layout == kind]
            yield Problem(
                where=label, found=f"layout {_short(kind)}: {_some(names)}", allowed="dense parameters"
            )


def _short(kind: object) -> str:
    return str(kind).removeprefix("torch.")


def _some(names: list[str]) -> str:
    """Return the first of some names and how many more there are.

    >>> _some(["a", "b", "c"])
    'a and 2 more'
    """
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _layers(model: nn.Module, label: str) -> Iterator[Problem]:
    nn = require_torch().nn
    for path, item in model.named_modules():
        if not isinstance(item, nn.Embedding | nn.EmbeddingBag) or not item.weight.requires_grad:
            continue
        name = f"{path or 'the model'} ({type(item).__name__})"
        if item.max_norm is not None:
            found = f"{name} with max_norm, which changes its weights in every forward pass"
            yield Problem(
                where=label, found=found, allowed="a forward pass that leaves the weights as they are"
            )
        if item.scale_grad_by_freq:
            found = f"{name} with scale_grad_by_freq, whose gradient is that of no loss"
            yield Problem(where=label, found=found, allowed="the gradient of the loss")


def _has_memory(item: Tensor) -> bool:
    """Return whether a parameter is trained and its place in memory can be compared."""
    torch = require_torch()
    dense = item.layout == torch.strided and not item.is_meta
    return bool(item.requires_grad and dense and item.numel() and item.is_contiguous())


def _shared(named: list[tuple[str, Tensor]], label: str) -> Iterator[Problem]:
    """Yield parameters that are views of the same memory: neither tied nor independent."""
    kept = [(name, item) for name, item in named if _has_memory(item)]
    ordered = sorted(kept, key=lambda pair: (str(pair[1].device), pair[1].data_ptr()))
    for (one, first), (two, second) in pairwise(ordered):
        if (
            first.device == second.device
            and second.data_ptr() < first.data_ptr() + first.numel() * first.element_size()
        ):
            yield Problem(
                where=label,
                found=f"{one} and {two}, two parameters in the same memory",
                allowed="parameters that are independent, or one that is tied",
                help="to tie them, assign the nn.Parameter itself",
            )
