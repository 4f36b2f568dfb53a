"""Hessian-vector products of a loss over batches, on all or only the surviving parameters.

H v = d/dt grad L(theta + t v) at t = 0 by backward through the gradient (Pearlmutter 1994, "Fast exact
multiplication by the Hessian"); the loss is the mean over all samples, so the products of the batches, each
weighted by its samples, add up. Products are computed in the precision of the model, or in double precision where
that is asked for (`BatchProducts.doubled`), and summed over the batches in float64, in the order of the batches:
neither processes nor resuming change a bit of the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import Mask
from carlemanc.model.network.torch_module import require_torch
from carlemanc.model.pruning import checked_mask
from carlemanc.training.flat_weights import FlatWeights, Vector, flat_weights
from carlemanc.training.hessian.culprits import Derivative, missing_derivative
from carlemanc.training.hessian.doubled_model import in_double, raised
from carlemanc.training.hessian.step_log import digest_of
from carlemanc.training.hessian.twice_backward_convolution import is_fast
from carlemanc.training.hessian.twice_differentiable import twice_differentiable
from carlemanc.training.problem import TorchProblem, refused

if TYPE_CHECKING:
    from torch import Tensor

Vectors = Vector
"""(k, d), float32 or float64."""


@dataclass(kw_only=True, eq=False)
class BatchProducts:
    """Products of the Hessian of single batches with vectors of survivors.

    Attributes:
        problem: the model at the point where its Hessian is taken.
        weights: its parameters.
        mask: (n,) which of them survive; the others are constants.
        keep_graphs: keep the graph of every batch's gradient between calls: about a third faster, with the
            memory of all activations, forward and backward.
        in_double: whether batches are taken in double precision, as the model of `doubled` is.
    """

    problem: TorchProblem
    weights: FlatWeights
    mask: Mask
    keep_graphs: bool = False
    in_double: bool = False
    _graphs: dict[int, list[Tensor]] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """The digest of weights, buffers, mask and data: two processes with the same one have the same Hessian."""
        problem = self.problem
        return digest_of({"state": problem.model.state_dict(), "mask": self.mask, "batches": problem.batches})

    @property
    def size(self) -> int:
        """The number of survivors d."""
        return int(self.mask.sum())

    @cached_property
    def kept(self) -> Any:
        """The mask as an index: a slice, which copies nothing, where every parameter survives."""
        return slice(None) if self.mask.all() else self.mask

    def share(self, batch: int) -> float:
        """Return the fraction of all samples that a batch has."""
        return len(self.problem.batches[batch][1]) / self.problem.samples

    def fresh(self) -> BatchProducts:
        """Return the same products, each graph made anew."""
        return BatchProducts(problem=self.problem, weights=self.weights, mask=self.mask)

    @contextmanager
    def doubled(self) -> Iterator[BatchProducts]:
        """Yield the same products in double precision; the parameters are float64 copies while the block lasts.

        This object must not be used within the block.
        """
        with in_double(self.problem.model):
            yield BatchProducts(problem=self.problem, weights=self.weights, mask=self.mask, in_double=True)

    def product(self, batch: int, vectors: Vectors) -> Vectors:
        """Return H_batch v for each row of (k, d) vectors, times its share of all samples; (k, d).

        Raises InputError where the loss is no finite scalar or cannot be differentiated twice.
        """
        torch = require_torch()
        gradient = self._graph(batch)
        share = self.share(batch)
        result = np.empty((len(vectors), self.size), dtype=self.weights.dtype)
        curved = [place for place, part in enumerate(gradient) if part.requires_grad]
        for row, vector in enumerate(vectors):
            last = row == len(vectors) - 1 and not self.keep_graphs
            spread = self._spread(vector)
            parts = [None] * len(gradient)
            if curved:
                with missing_derivative(self.problem, self._batch(batch), Derivative.SECOND):
                    parts = torch.autograd.grad(
                        [gradient[place] for place in curved],
                        self.weights.tensors,
                        [spread[place] for place in curved],
                        retain_graph=not last,
                        allow_unused=True,
                    )
            result[row] = share * self._gathered(parts)
        return result

    def loss_and_gradient(self, batch: int) -> tuple[float, Vectors]:
        """Return (loss, gradient (d,)) of a batch, both times its share, without a graph of the gradient."""
        value, gradient = self._differentiated(batch, graph=False)
        share = self.share(batch)
        return share * float(value.detach()), share * self._gathered(gradient)

    def _graph(self, batch: int) -> list[Tensor]:
        """Return the gradient of one batch with its graph."""
        if batch in self._graphs:
            return self._graphs[batch]
        gradient = self._differentiated(batch, graph=True)[1]
        if self.keep_graphs:
            self._graphs[batch] = gradient
        return gradient

    def _differentiated(self, batch: int, *, graph: bool) -> tuple[Tensor, list[Tensor]]:
        """Return the loss of one batch and its gradient as tensors of the parameters' shapes."""
        torch = require_torch()
        with torch.enable_grad(), twice_differentiable(self.problem.model):
            value = self.problem.batch_loss(*self._batch(batch))
            with missing_derivative(self.problem, self._batch(batch), Derivative.FIRST):
                found = torch.autograd.grad(
                    value, self.weights.tensors, create_graph=graph, allow_unused=True
                )
        for name, part in zip(self.weights.names, found, strict=True):
            if part is not None and part.layout != torch.strided:
                layout = f"a gradient of layout {str(part.layout).removeprefix('torch.')} for {name}"
                raise refused(self.problem.label, layout, "dense gradients: sparse = False")
        gradient = [
            torch.zeros_like(item) if part is None else part
            for part, item in zip(found, self.weights.tensors, strict=True)
        ]
        return value, gradient

    def _batch(self, batch: int) -> tuple[Any, Any]:
        pair = self.problem.batches[batch]
        return raised(pair) if self.in_double else pair

    def _spread(self, vector: Vector) -> list[Tensor]:
        """Return a vector of survivors as tensors of the parameters' shapes and memory layouts."""
        full = np.zeros(len(self.mask), dtype=self.weights.dtype)
        full[self.kept] = vector
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
        return np.asarray(self.weights.joined(filled)[self.kept])


def batch_products(
    problem: TorchProblem, mask: npt.ArrayLike | None = None, *, keep_graphs: bool = False
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


def _layout(item: Tensor) -> object:
    torch = require_torch()
    channels_last = item.ndim == 4 and item.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if channels_last else torch.contiguous_format
