"""A model whose layers have second derivatives while a block lasts: the same function, by other kernels.

Plain convolutions take the double backward of `twice_backward_convolution`, embedding bags are written out,
embeddings give dense gradients whatever their `sparse` says, and recurrent layers on a GPU leave cuDNN, which
has no second derivative of them. Attention is in `plain_kernels` of the networks, with every evaluation of a loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from carlemanc.model.network.torch_module import require_torch
from carlemanc.training.hessian.plain_embedding_bag import bag_forward, is_plain_bag
from carlemanc.training.hessian.twice_backward_convolution import fast_double_backward

if TYPE_CHECKING:
    from torch import nn


@contextmanager
def twice_differentiable(model: nn.Module) -> Iterator[None]:
    """Within the block, every layer of the model that has such a form takes the one with second derivatives."""
    torch = require_torch()
    modules = [*model.modules()]
    with ExitStack() as stack:
        stack.enter_context(fast_double_backward(model))
        for item in modules:
            if is_plain_bag(item) and "forward" not in vars(item):
                item.forward = bag_forward(item)
                stack.callback(vars(item).pop, "forward")
            elif isinstance(item, torch.nn.Embedding) and item.sparse:
                item.sparse = False
                stack.callback(setattr, item, "sparse", True)
        if any(isinstance(item, torch.nn.RNNBase) for item in modules):
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        yield
