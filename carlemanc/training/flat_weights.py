"""The trainable parameters of a model as one vector, and the mask of those that survive pruning.

Order: `model.named_parameters()`, each row-major, as in CONTRACT section 1 (d). A vector of survivors has
one entry for each True of the mask; everything else is zero and frozen. Vectors are float64 where a parameter is,
else float32: what is read and written back has the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from carlemanc.core.arrays import Array, Mask
from carlemanc.model.network.torch_module import require_torch
from carlemanc.model.pruning import largest_weights

if TYPE_CHECKING:
    from torch import Tensor, nn

Vector = Array
"""(n,), float32 or float64."""
_CHUNK = 1 << 17
Scope = Literal["global", "layer"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlatWeights:
    """The parameters of a model with their names, and how they lie in one vector of n entries."""

    names: tuple[str, ...]
    tensors: tuple[Tensor, ...]

    @property
    def n(self) -> int:
        """The number of parameters."""
        return sum(item.numel() for item in self.tensors)

    @property
    def sizes(self) -> list[int]:
        """The number of entries of each tensor."""
        return [item.numel() for item in self.tensors]

    @property
    def dtype(self) -> type[np.float32] | type[np.float64]:
        """The type of vectors: that of the most precise parameter as it is now."""
        torch = require_torch()
        return np.float64 if any(item.dtype == torch.float64 for item in self.tensors) else np.float32

    def read(self) -> Vector:
        """Return all parameters, (n,)."""
        return self.joined([item.detach() for item in self.tensors])

    def write(self, values: Vector) -> None:
        """Set all parameters from (n,) values, in place."""
        with require_torch().no_grad():
            for item, part in zip(self.tensors, self.cut(values), strict=True):
                item.copy_(part)

    def joined(self, parts: Sequence[Tensor]) -> Vector:
        """Return tensors of the parameters' shapes as one vector."""
        result = np.empty(self.n, dtype=self.dtype)
        start = 0
        for part in parts:
            result[start : start + part.numel()] = part.reshape(-1).numpy(force=True)
            start += part.numel()
        return result

    def cut(self, values: Vector) -> list[Tensor]:
        """Return (n,) values as tensors of the parameters' shapes and types, on their device; copied where needed."""
        torch = require_torch()
        flat = torch.from_numpy(np.require(values, dtype=self.dtype, requirements=["C", "W"]))
        parts = torch.split(flat, self.sizes)
        return [
            part.view(item.shape).to(device=item.device, dtype=item.dtype)
            for part, item in zip(parts, self.tensors, strict=True)
        ]


def flat_weights(model: nn.Module) -> FlatWeights:
    """Return the trainable parameters of a torch.nn.Module."""
    found = {name: item for name, item in model.named_parameters() if item.requires_grad}
    return FlatWeights(names=tuple(found), tensors=tuple(found.values()))


def magnitude_mask(weights: FlatWeights, fraction: float, scope: Scope = "global") -> Mask:
    """Return the mask (n,) of the surviving `fraction` of the parameters.

    Args:
        weights: at the values that decide.
        fraction: in (0, 1].
        scope: "global" keeps round(fraction n) of the largest |values| of all (CONTRACT, model.sparsity).
            "layer" keeps every vector (biases, normalization) and the same fraction of each larger tensor,
            so that all together are close to fraction n: deep layers, whose weights are smaller, are not
            emptied. Where the vectors alone are more than that it is the fraction of each tensor.

    Raises InputError for a fraction that is not in (0, 1].
    """
    values = weights.read().astype(np.float64)
    if scope == "global" or fraction == 1:
        return largest_weights(values, fraction)
    vectors = sum(item.numel() for item in weights.tensors if item.ndim < 2)
    rest = (fraction * weights.n - vectors) / max(weights.n - vectors, 1)
    parts = np.split(values, np.cumsum(weights.sizes)[:-1])
    masks = [
        np.ones(len(part), dtype=bool)
        if rest > 0 and item.ndim < 2
        else largest_weights(part, rest if rest > 0 else fraction)
        for part, item in zip(parts, weights.tensors, strict=True)
    ]
    return np.concatenate(masks)


def prune(weights: FlatWeights, mask: Mask) -> None:
    """Set the parameters outside the mask to zero, in place."""
    weights.write(weights.read() * mask)


def chunks(size: int) -> list[slice]:
    """Return the parts of a vector that are converted to float64 one after the other, so that memory stays small."""
    return [slice(start, start + _CHUNK) for start in range(0, size, _CHUNK)]
