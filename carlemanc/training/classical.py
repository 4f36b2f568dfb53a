"""Classical training: stochastic gradient descent with momentum, on all or only the surviving parameters.

Used to bring a network to the point where its Hessian is taken. Training mode is on while it lasts (batch
normalization sees its batches and keeps running statistics); the model is left in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from carlemanc.core.arrays import Mask
from carlemanc.core.progress import track
from carlemanc.model.network.torch_module import require_torch
from carlemanc.training.flat_weights import flat_weights
from carlemanc.training.problem import TorchProblem

if TYPE_CHECKING:
    from torch import Tensor


def train_classically(
    problem: TorchProblem,
    batches: Iterable[tuple[object, object]],
    *,
    steps: int,
    learning_rate: float,
    momentum: float = 0.9,
    mask: Mask | None = None,
) -> list[float]:
    """Train the problem's model in place and return the loss of each step before its update.

    Args:
        problem: its model and loss; its own batches are not used.
        batches: (inputs, targets), at least `steps` of them (`ImageSet.random_batches` never ends).
        steps: updates.
        learning_rate: constant.
        momentum: of PyTorch's SGD; 0 is plain gradient descent.
        mask: (n,) True for parameters that are trained; the others stay as they are.

    Raises InputError where the loss becomes NaN or infinite.
    """
    torch = require_torch()
    weights = flat_weights(problem.model)
    masks = None if mask is None else weights.cut(mask)
    optimizer = torch.optim.SGD(weights.tensors, lr=learning_rate, momentum=momentum)
    losses = []
    problem.model.train(True)
    try:
        for inputs, targets in track(islice(batches, steps), "train", total=steps):
            optimizer.zero_grad()
            value = problem.batch_loss(inputs, targets)
            value.backward()
            if masks is not None:
                _keep(weights.tensors, masks)
            optimizer.step()
            losses.append(float(value.detach()))
    finally:
        problem.model.train(False)
        optimizer.zero_grad()
    return losses


def _keep(tensors: Iterable[Tensor], masks: Iterable[Tensor]) -> None:
    """Zero the gradients of frozen entries."""
    for item, kept in zip(tensors, masks, strict=True):
        if item.grad is not None:
            item.grad.mul_(kept)
