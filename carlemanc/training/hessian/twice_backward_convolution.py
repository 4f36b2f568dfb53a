"""2-D convolutions whose double backward takes the fast kernels.

PyTorch differentiates the backward pass of a convolution by convolutions of transposed tensors with kernels as
large as an image, which is slow on a CPU. Here the backward pass is a function of its own, and each of its
derivatives is one ordinary forward, data-gradient or weight-gradient convolution. With y = x * w and the
cotangent g of y, the pass returns (g x_ w, g w_ x); for cotangents (p, q) of these two,

    dg = p * w + x * q,    dx = data gradient of (g, q),    dw = weight gradient of (p, g),

because the scalar <p, data gradient(g, w)> + <q, weight gradient(x, g)> = <g, p * w + x * q> is linear in each
of g, x, w (derived here; tested against PyTorch's own in float64).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from carlemanc.model.network.torch_module import require_torch

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.autograd.function import FunctionCtx


@contextmanager
def fast_double_backward(model: nn.Module) -> Iterator[None]:
    """Within the block, every plain nn.Conv2d of the model takes the convolution of this file.

    Modules of a subclass, with groups or with another padding mode, are left as they are.
    """
    nn = require_torch().nn
    changed = [item for item in model.modules() if type(item) is nn.Conv2d and _is_plain(item)]
    for item in changed:
        item.forward = partial(_forward, item)
    try:
        yield
    finally:
        for item in changed:
            del item.forward


def is_fast(model: nn.Module) -> bool:
    """Return whether a model has convolutions and all of them are those of this file."""
    nn = require_torch().nn
    kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    found = [item for item in model.modules() if isinstance(item, kinds)]
    return bool(found) and all(type(item) is nn.Conv2d and _is_plain(item) for item in found)


def _is_plain(module: nn.Conv2d) -> bool:
    return module.groups == 1 and module.padding_mode == "zeros" and not isinstance(module.padding, str)


def _forward(module: nn.Conv2d, x: Tensor) -> Tensor:
    y = _functions()[0].apply(x, module.weight, module.stride, module.padding, module.dilation)
    return y if module.bias is None else y + module.bias.view(1, -1, 1, 1)


@cache
def _functions() -> tuple[Any, Any]:
    """Return the two autograd functions; made once, when PyTorch is there."""
    torch = require_torch()
    base: Any = torch.autograd.Function

    def backward(
        g: Tensor, x: Tensor, w: Tensor, place: Sequence[object], wanted: tuple[bool, bool]
    ) -> tuple[Tensor, Tensor]:
        if w.shape[2:] == (1, 1):
            # PyTorch 2.13 on AVX2 writes beyond the weight gradient of a strided 1 x 1 convolution of
            # channels-last tensors (the heap is corrupted). Plain strides take another kernel; `contiguous`
            # would leave those of a 1 x 1 kernel as they are, since they pass for both layouts.
            g, x, w = (item.reshape(-1).view(item.shape) for item in (g, x, w))
        data, weights, _ = torch.ops.aten.convolution_backward(
            g, x, w, None, *place, False, [0, 0], 1, [*wanted, False]
        )
        return data, weights

    class Convolution(base):
        """y = x * w."""

        @staticmethod
        def forward(ctx: FunctionCtx, x: Tensor, w: Tensor, *place: object) -> Tensor:
            ctx.save_for_backward(x, w)
            ctx.place = place
            return torch.conv2d(x, w, None, *place)

        @staticmethod
        def backward(ctx: FunctionCtx, g: Tensor) -> tuple[Tensor | None, ...]:
            x, w = ctx.saved_tensors
            found = ConvolutionBackward.apply(g, x, w, ctx.place, tuple(ctx.needs_input_grad[:2]))
            return (*found, None, None, None)

    class ConvolutionBackward(base):
        """(data gradient, weight gradient) of one convolution, as a function of g, x and w."""

        @staticmethod
        def forward(
            ctx: FunctionCtx,
            g: Tensor,
            x: Tensor,
            w: Tensor,
            place: Sequence[object],
            wanted: tuple[bool, bool],
        ) -> tuple[Tensor, Tensor]:
            ctx.save_for_backward(g, x, w)
            ctx.place = place
            ctx.set_materialize_grads(False)
            return backward(g, x, w, place, wanted)

        @staticmethod
        def backward(ctx: FunctionCtx, p: Tensor | None, q: Tensor | None) -> tuple[Tensor | None, ...]:
            g, x, w = ctx.saved_tensors
            for_g, for_x, for_w = ctx.needs_input_grad[:3]
            parts = []
            if for_g and p is not None:
                parts.append(torch.conv2d(p, w, None, *ctx.place))
            if for_g and q is not None:
                parts.append(torch.conv2d(x, q, None, *ctx.place))
            dg = sum(parts[1:], parts[0]) if parts else None
            dx = backward(g, x, q, ctx.place, (True, False))[0] if for_x and q is not None else None
            dw = backward(g, p, w, ctx.place, (False, True))[1] if for_w and p is not None else None
            return dg, dx, dw, None, None

    return Convolution, ConvolutionBackward
