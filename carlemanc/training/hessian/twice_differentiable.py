"""A model whose layers have second derivatives while a block lasts: the same function, by other kernels.

Plain convolutions take the double backward of `twice_backward_convolution`, embedding bags are written out,
embeddings give dense gradients whatever their `sparse` says, and recurrent layers on a GPU leave cuDNN, which
has no second derivative of them. Attention is in `plain_kernels` of the networks, with every evaluation of a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from carlemanc.model.network.torch_module import require_torch
from carlemanc.training.hessian.twice_backward_convolution import fast_double_backward

if TYPE_CHECKING:
    from torch import Tensor, nn


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


def is_plain_bag(module: object) -> bool:
    """Return whether a module is an nn.EmbeddingBag itself, whose forward pass `bag_forward` replaces."""
    return type(module) is require_torch().nn.EmbeddingBag


def bag_forward(module: nn.EmbeddingBag) -> Callable[..., Tensor]:
    """Return the forward function of an nn.EmbeddingBag in operations that can be differentiated twice.

    PyTorch's `embedding_bag` is one fused operation with a first derivative and no second. Here a bag is what its
    documentation says: the sum, mean or elementwise maximum of the rows of its indices, entries equal to `padding_idx`
    left out, an empty bag zero.
    """
    return partial(_forward, module)


def _forward(
    module: nn.EmbeddingBag,
    ids: Tensor,
    offsets: Tensor | None = None,
    per_sample_weights: Tensor | None = None,
) -> Tensor:
    torch = require_torch()
    ends = _ends(module, ids, offsets)
    flat = ids.reshape(-1)
    bags = len(ends) - 1
    bag = torch.repeat_interleave(torch.arange(bags, device=flat.device), ends.diff())
    flat = flat[: len(bag)]
    rows = torch.nn.functional.embedding(flat, module.weight, module.padding_idx)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1)[: len(bag), None]
    if module.padding_idx is not None:
        kept = flat != module.padding_idx % module.num_embeddings
        rows, bag = rows[kept], bag[kept]
    counts = torch.bincount(bag, minlength=bags)
    if module.mode == "max":
        return _largest(rows, bag, counts)
    total = rows.new_zeros(bags, rows.shape[1]).index_add(0, bag, rows)
    return total / counts.clamp(min=1)[:, None] if module.mode == "mean" else total


def _ends(module: nn.EmbeddingBag, ids: Tensor, offsets: Tensor | None) -> Tensor:
    """Return where each bag begins, and where the last ends, in the flat indices: (bags + 1,)."""
    torch = require_torch()
    if ids.ndim == 2:
        if offsets is not None:
            raise ValueError("an embedding bag takes offsets with indices of one dimension only")
        return torch.arange(len(ids) + 1, device=ids.device) * ids.shape[1]
    if ids.ndim != 1 or offsets is None or offsets.ndim != 1:
        raise ValueError("an embedding bag takes indices of two dimensions, or of one with offsets")
    last = ids.new_tensor([len(ids)])
    return offsets if module.include_last_offset else torch.cat([offsets.to(last), last])


def _largest(rows: Tensor, bag: Tensor, counts: Tensor) -> Tensor:
    """Return the elementwise maximum of the rows of each bag, 0 where it has none."""
    torch = require_torch()
    place = torch.arange(len(bag), device=bag.device) - (counts.cumsum(0) - counts)[bag]
    shape = (len(counts), max(int(counts.max()), 1), rows.shape[1])
    padded = rows.new_full(shape, -torch.inf).index_put((bag, place), rows)
    return padded.max(dim=1).values.where(counts[:, None] > 0, rows.new_zeros(()))
