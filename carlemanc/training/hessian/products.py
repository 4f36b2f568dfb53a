"""Hessian-vector products of a loss over batches, on all or only the surviving parameters.

H v = d/dt grad L(theta + t v) at t = 0 by backward through the gradient (Pearlmutter 1994, "Fast exact
multiplication by the Hessian"); the loss is the mean over all samples, so the products of the batches, each
weighted by its samples, add up. Products are computed in float32 and summed over the batches in float64, in
the order of the batches: neither processes nor resuming change a bit of the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError
from carlemanc.model.network.torch_module import one_line, require_torch
from carlemanc.model.pruning import checked_mask
from carlemanc.training.flat_weights import FlatWeights, Mask, Vector, flat_weights
from carlemanc.training.hessian.step_log import digest_of
from carlemanc.training.hessian.twice_backward_convolution import fast_double_backward, is_fast
from carlemanc.training.problem import TrainingProblem, refused

Vectors = npt.NDArray[np.float32]


@dataclass(kw_only=True, eq=False)
class BatchProducts:
    """Products of the Hessian of single batches with vectors of survivors.

    Attributes:
        problem: the model at the point where its Hessian is taken.
        weights: its parameters.
        mask: (n,) which of them survive; the others are constants.
        keep_graphs: keep the graph of every batch's gradient between calls: about a third faster, with the
            memory of all activations, forward and backward.
    """

    problem: TrainingProblem
    weights: FlatWeights
    mask: Mask
    keep_graphs: bool = False
    _graphs: dict[int, Any] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """The digest of weights, buffers, mask and data: two processes with the same one have the same Hessian."""
        problem = self.problem
        return digest_of({"state": problem.model.state_dict(), "mask": self.mask, "batches": problem.batches})

    @property
    def size(self) -> int:
        """The number of survivors d."""
        return int(self.mask.sum())

    def product(self, batch: int, vectors: Vectors) -> Vectors:
        """Return H_batch v for each row of (k, d) vectors, times its share of all samples; float32 (k, d).

        Raises InputError where the loss is no finite scalar or cannot be differentiated twice.
        """
        torch = require_torch()
        gradient = self._gradient(batch)
        share = len(self.problem.batches[batch][1]) / self.problem.samples
        result = np.empty((len(vectors), self.size), dtype=np.float32)
        curved = [place for place, part in enumerate(gradient) if part.requires_grad]
        for row, vector in enumerate(vectors):
            last = row == len(vectors) - 1 and not self.keep_graphs
            spread = self._spread(vector)
            parts = [None] * len(gradient)
            if curved:
                parts = torch.autograd.grad(
                    [gradient[place] for place in curved],
                    self.weights.tensors,
                    [spread[place] for place in curved],
                    retain_graph=not last,
                    allow_unused=True,
                )
            result[row] = share * self._gathered(parts)
        return result

    def _gradient(self, batch: int) -> Any:
        """Return the gradient of one batch with its graph."""
        if batch in self._graphs:
            return self._graphs[batch]
        torch = require_torch()
        with fast_double_backward(self.problem.model):
            value = self.problem.batch_loss(*self.problem.batches[batch])
            try:
                found = torch.autograd.grad(value, self.weights.tensors, create_graph=True, allow_unused=True)
            except RuntimeError as error:
                raise _no_derivative(self.problem.label, error) from error
        gradient = [
            torch.zeros_like(item) if part is None else part
            for part, item in zip(found, self.weights.tensors, strict=True)
        ]
        if self.keep_graphs:
            self._graphs[batch] = gradient
        return gradient

    def _spread(self, vector: Vector) -> list[Any]:
        """Return a vector of survivors as tensors of the parameters' shapes and memory layouts."""
        full = np.zeros(len(self.mask), dtype=np.float32)
        full[self.mask] = vector
        return [
            part.to(memory_format=_layout(item)) if part.ndim == 4 else part
            for part, item in zip(self.weights.cut(full), self.weights.tensors, strict=True)
        ]

    def _gathered(self, parts: Any) -> Vector:
        torch = require_torch()
        filled = [
            torch.zeros_like(item) if part is None else part
            for part, item in zip(parts, self.weights.tensors, strict=True)
        ]
        return self.weights.joined(filled)[self.mask]


def batch_products(
    problem: TrainingProblem, mask: npt.ArrayLike | None = None, *, keep_graphs: bool = False
) -> BatchProducts:
    """Return the Hessian of a problem; None as a mask keeps all parameters.

    Parameters that do not survive are set to zero in the model. Raises InputError for a mask of another
    length than the number of trainable parameters, or one that keeps nothing.
    """
    weights = flat_weights(problem.model)
    kept = np.ones(weights.n, dtype=bool) if mask is None else checked_mask(mask, weights.n)
    if not kept.all():
        weights.write(weights.read() * kept)
    if is_fast(problem.model):  # others would meet the kernel that `twice_backward_convolution` avoids
        problem.model.to(memory_format=require_torch().channels_last)
    return BatchProducts(problem=problem, weights=weights, mask=kept, keep_graphs=keep_graphs)


def _layout(item: Any) -> Any:
    torch = require_torch()
    channels_last = item.ndim == 4 and item.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if channels_last else torch.contiguous_format


def _no_derivative(label: str, error: RuntimeError) -> InputError:
    return refused(label, f"differentiating the loss raises {one_line(error)}", "a loss with two derivatives")
