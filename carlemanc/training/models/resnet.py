"""Residual networks for small images: the ResNet-18 shape and CIFAR's 6n + 2 layers, at any width.

He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (CVPR 2016, arXiv:1512.03385): basic
blocks of two 3 x 3 convolutions; the stem is one 3 x 3 convolution without pooling, as for CIFAR in their
section 4.2. `depth = 18` has four stages of two blocks with w, 2w, 4w, 8w channels; `depth = 6n + 2` three
stages of n blocks with w, 2w, 4w. Where the shape changes the shortcut is a strided 1 x 1 convolution (their
option B). With 100 classes, depth 18 has 7.1 million parameters at width 51 and 102.7 million at width 194.

Normalization: "batch" (default) or "group". A Hessian is taken in evaluation mode, where batch normalization
is an affine map with the running statistics held constant: the loss is then a sum over samples, so that the
Hessian does not depend on how the samples are cut into micro-batches. Group normalization has no such choice.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.torch_module import require_torch

if TYPE_CHECKING:
    from torch import Tensor, nn

Normalization = Literal["batch", "group"]

_GROUPS = 8
"""Most groups of a group normalization; the largest divisor of the channels up to it is taken."""


def resnet(
    *,
    depth: int = 18,
    width: int = 64,
    classes: int = 100,
    channels: int = 3,
    normalization: Normalization = "batch",
) -> nn.Module:
    """Return a residual network, a torch.nn.Module from (m, channels, H, W) to (m, classes).

    Args:
        depth: 18, or 6n + 2 (8, 14, 20, 32, 44, 56, 110, ...).
        width: channels of the first stage.
        classes: outputs.
        channels: of the images.
        normalization: after each convolution.

    Raises InputError for another depth or a width below 1, or without PyTorch.
    """
    stages = stage_blocks(depth)
    if width < 1 or classes < 1 or channels < 1:
        raise _refused("width, classes, channels", f"{width}, {classes}, {channels}", "integers above 0")
    nn = require_torch().nn
    layers = [_convolution(channels, width, 3), _normalization(normalization, width), nn.ReLU()]
    size = width
    for stage, blocks in enumerate(stages):
        for block in range(blocks):
            out = width * 2**stage
            stride = 2 if stage and not block else 1
            layers.append(_basic_block()(size, out, stride, normalization))
            size = out
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(size, classes))
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def stage_blocks(depth: int) -> tuple[int, ...]:
    """Return the number of basic blocks of each stage.

    >>> stage_blocks(18), stage_blocks(20)
    ((2, 2, 2, 2), (3, 3, 3))
    """
    if depth == 18:
        return (2, 2, 2, 2)
    if depth < 8 or depth % 6 != 2:
        raise _refused("depth", str(depth), "18, or 6n + 2: 8, 14, 20, 26, 32, ...")
    return ((depth - 2) // 6,) * 3


def _refused(where: str, found: str, allowed: str) -> InputError:
    return InputError("The network cannot be built.", [Problem(where=where, found=found, allowed=allowed)])


def _convolution(size: int, out: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    nn = require_torch().nn
    return nn.Conv2d(size, out, kernel, stride=stride, padding=kernel // 2, bias=False)


def _normalization(kind: Normalization, size: int) -> nn.Module:
    nn = require_torch().nn
    if kind == "batch":
        return nn.BatchNorm2d(size)
    if kind != "group":
        raise _refused("normalization", repr(kind), '"batch" or "group"')
    return nn.GroupNorm(max(k for k in range(1, _GROUPS + 1) if size % k == 0), size)


@cache
def _basic_block() -> Any:
    """Return the class of a basic block; made once, when PyTorch is there."""
    nn: Any = require_torch().nn
    module: Any = nn.Module

    class BasicBlock(module):
        """relu(shortcut(x) + norm(conv(relu(norm(conv(x))))))."""

        def __init__(self, size: int, out: int, stride: int, normalization: Normalization) -> None:
            super().__init__()
            self.branch = nn.Sequential(
                _convolution(size, out, 3, stride),
                _normalization(normalization, out),
                nn.ReLU(),
                _convolution(out, out, 3),
                _normalization(normalization, out),
            )
            same = stride == 1 and size == out
            self.shortcut = (
                nn.Identity()
                if same
                else nn.Sequential(_convolution(size, out, 1, stride), _normalization(normalization, out))
            )
            self.relu = nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.relu(self.branch(x) + self.shortcut(x))

    return BasicBlock
