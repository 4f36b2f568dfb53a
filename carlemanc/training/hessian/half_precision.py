"""Values of half precision inside a model of single or double precision: autocast, `x.half()`, quantized
arithmetic.

Three digits are too few for a second derivative, and the rounding of a cast, which PyTorch differentiates as
the identity, makes the loss a staircase. The weights alone do not show it; one forward pass does.
"""

from __future__ import annotations

from typing import Any

from carlemanc.model.network.torch_module import require_torch
from carlemanc.training.hessian.culprits import watched
from carlemanc.training.problem import TorchProblem


def half_value(problem: TorchProblem, batch: tuple[object, object]) -> str | None:
    """Return the first operation that gives a differentiable value of half precision or less, with its module."""
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
