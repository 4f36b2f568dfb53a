"""Normalization and attention in plain operations, whose derivatives of every order are right.

PyTorch's third derivatives of its fused normalizations are wrong (measured with PyTorch 2.13: the saved mean and
deviation count as constants in the formula of the second derivative).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from carlemanc.model.network.torch_module import require_torch

if TYPE_CHECKING:
    from torch import Tensor


def plain_normalization() -> AbstractContextManager[object]:
    """Return a context in which layer, batch and instance normalization are made of plain operations."""
    torch = require_torch()
    functional = torch.nn.functional
    replaced: dict[Any, Callable[..., Any]] = {
        functional.layer_norm: _layer_norm,
        functional.batch_norm: _batch_norm,
        functional.instance_norm: _instance_norm,
    }

    class PlainNormalization(torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined, unused-ignore]
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return replaced.get(func, func)(*args, **(kwargs or {}))

    return PlainNormalization()


def _normalized(x: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    centered = x - x.mean(axes, keepdim=True)
    return centered / ((centered**2).mean(axes, keepdim=True) + eps).sqrt()


def _affine(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Return x times weight plus bias, each a number for each channel (axis 1) or None."""
    shape = (1, -1, *[1] * (x.ndim - 2))
    x = x if weight is None else x * weight.reshape(shape)
    return x if bias is None else x + bias.reshape(shape)


def _layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    result = _normalized(input, tuple(range(-len(normalized_shape), 0)), eps)
    result = result if weight is None else result * weight
    return result if bias is None else result + bias


def _batch_norm(
    input: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    if training:
        return _affine(_normalized(input, (0, *range(2, input.ndim)), eps), weight, bias)
    return _affine(
        _affine(input - _channels(running_mean, input), (running_var + eps).rsqrt(), None), weight, bias
    )


def _instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    if use_input_stats:
        return _affine(_normalized(input, tuple(range(2, input.ndim)), eps), weight, bias)
    return _batch_norm(input, running_mean, running_var, weight, bias, eps=eps)


def _channels(values: Tensor, x: Tensor) -> Tensor:
    return values.reshape(1, -1, *[1] * (x.ndim - 2))


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Within the block, attention runs on PyTorch's math kernel, and nothing is compiled.

    PyTorch's fused attention (flash, memory-efficient, cuDNN) has a first derivative and no second; the math kernel
    computes the same from operations that have all. The fast path of nn.MultiheadAttention and
    nn.TransformerEncoderLayer, taken where nothing needs a gradient, is off too, so that a loss is the same function
    whether it is evaluated or differentiated. A model under torch.compile, which has no second derivatives either,
    runs as it was before.
    """
    torch = require_torch()
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with ExitStack() as stack:
        stack.callback(torch.backends.mha.set_fastpath_enabled, torch.backends.mha.get_fastpath_enabled())
        torch.backends.mha.set_fastpath_enabled(False)
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):  # of PyTorch 2.6
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield
