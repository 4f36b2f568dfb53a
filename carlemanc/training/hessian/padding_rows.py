"""Rows of embeddings that are constants by agreement: those of `padding_idx`.

PyTorch uses such a row in the forward pass and gives it no gradient, so that it stays what it is. It is a frozen
weight within a trained tensor: its row and column of the Hessian are zero, and a comparison with differences leaves
it where it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from carlemanc.core.arrays import Mask
from carlemanc.training.flat_weights import FlatWeights
from carlemanc.training.hessian.culprits import nodes_by_module
from carlemanc.training.problem import TorchProblem

_UNSET = 1 << 63
"""PyTorch keeps "no padding" as -1, unsigned."""


def padding_rows(problem: TorchProblem, batch: tuple[object, object], weights: FlatWeights) -> Mask:
    """Return which parameters lie in a padding row of an embedding that the batch uses, (n,)."""
    found = np.zeros(weights.n, dtype=bool)
    starts = dict(zip(map(id, weights.tensors), np.cumsum([0, *weights.sizes[:-1]]), strict=True))
    for node, _ in nodes_by_module(problem, batch):
        row = getattr(node, "_saved_padding_idx", None)
        below = node.next_functions[0][0] if node.next_functions else None
        table: Any = getattr(below, "variable", None)
        if row is None or not 0 <= row < _UNSET or id(table) not in starts:
            continue
        width = table.numel() // len(table)
        first = int(starts[id(table)]) + int(row) * width
        found[first : first + width] = True
    return found
