"""A model of single precision evaluated in double precision, its own values unchanged.

Within `in_double` the floating-point parameters and buffers are float64 copies, and whatever else of lower
precision meets one of PyTorch's functions (constants of a loss, tensors kept as plain attributes, `x.float()`)
is taken as float64 too: the model computes the same function of the same weights, rounded 10^9 times more
finely. Afterwards every tensor is the one it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from carlemanc.model.network.torch_module import require_torch

if TYPE_CHECKING:
    from torch import dtype, nn


@contextmanager
def in_double(model: nn.Module) -> Iterator[None]:
    """Within the block, a torch.nn.Module computes in float64; its parameters and buffers come back bit for bit.

    What a forward pass writes into buffers is forgotten at the end. Parameters may be changed in place freely.
    """
    tensors = [*model.parameters(), *model.buffers()]
    own = [item.data for item in tensors]
    try:
        for item in tensors:
            item.data = raised(item.data, copy=True)
        with _mode():
            yield
    finally:
        for item, data in zip(tensors, own, strict=True):
            item.data = data


def raised(value: Any, *, copy: bool = False) -> Any:
    """Return tensors of single precision, alone or in lists, tuples and tables, in double precision."""
    torch = require_torch()
    if isinstance(value, torch.Tensor):
        return value.to(dtype=_wider(torch).get(value.dtype, value.dtype), copy=copy)
    if isinstance(value, dict):
        return {key: raised(item) for key, item in value.items()} if type(value) is dict else value
    if type(value) in (list, tuple):
        return type(value)(raised(item) for item in value)
    return value


def _wider(torch: ModuleType) -> dict[dtype, dtype]:
    return {torch.float32: torch.float64, torch.complex64: torch.complex128}


def _mode() -> Any:
    """Return the mode in which every function of PyTorch takes and gives double precision."""
    torch = require_torch()
    from torch.overrides import TorchFunctionMode

    wider = _wider(torch)
    narrow = {double: single for single, double in wider.items()}
    renamed = {torch.Tensor.float: torch.Tensor.double, torch.Tensor.cfloat: torch.Tensor.cdouble}

    def taken(value: Any) -> Any:
        if isinstance(value, torch.dtype):
            return wider.get(value, value)
        if type(value) in (list, tuple):
            return type(value)(taken(item) for item in value)
        if isinstance(value, torch.Tensor) and value.dtype in wider:
            return value.to(wider[value.dtype])
        return value

    class Double(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            name = getattr(function, "__name__", "")
            if name in ("__get__", "__set__", "__delete__"):
                return function(*args, **kwargs)
            if name in _DRAWN_IN_PLACE and args[0].dtype == torch.float64:
                drawn = torch.empty_like(args[0], dtype=torch.float32)
                return args[0].copy_(function(drawn, *args[1:], **kwargs))
            if name in _DRAWN_LIKE:
                return taken(function(*args, **{"dtype": torch.float32, **kwargs}))
            kept = args[:1] if _writes(name) else ()  # what is written to stays the tensor it is
            args = (*kept, *(taken(item) for item in args[len(kept) :]))
            kwargs = {key: item if key == "out" else taken(item) for key, item in kwargs.items()}
            if name in _DRAWN:
                kwargs = {
                    key: narrow.get(item, item) if key == "dtype" else item for key, item in kwargs.items()
                }
            found = renamed.get(function, function)(*args, **kwargs)
            return found if kept or "out" in kwargs else taken(found)

    return Double()


_DRAWN = {"rand", "randn", "normal"}
_DRAWN_LIKE = {"rand_like", "randn_like"}
_DRAWN_IN_PLACE = {"normal_", "uniform_", "exponential_", "log_normal_", "cauchy_", "bernoulli_"}
"""Functions that draw: a seed gives other numbers in double precision, so they draw in single."""


def _writes(name: str) -> bool:
    """Return whether a function of this name changes its first argument.

    >>> [name for name in ("add_", "add", "__setitem__", "__iadd__", "__add__") if _writes(name)]
    ['add_', '__setitem__', '__iadd__']
    """
    if name.startswith("__"):
        return name == "__setitem__" or (
            name.startswith("__i") and name not in ("__invert__", "__index__", "__int__")
        )
    return name.endswith("_")
