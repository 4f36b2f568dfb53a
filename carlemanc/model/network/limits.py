"""How large a network may be before anything is computed: refused in one sentence rather than by memory or time."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.core.errors import TooLarge
from carlemanc.model.network.dense_layers import DenseLayer, count_weights

MAX_WEIGHTS = 10_000_000
"""Most weights before pruning: theta(0) and every point of a path hold them all."""
MAX_VALUES = 20_000_000
"""Most values of units, samples times units of all layers, that one gradient holds (160 MB)."""


def check_size(layers: Sequence[DenseLayer], features: int, samples: int) -> None:
    """Raise TooLarge for more weights or units than fit."""
    weights, values = count_weights(layers, features), samples * sum(layer.units for layer in layers)
    for size, limit, what in (
        (weights, MAX_WEIGHTS, "weights before pruning"),
        (values, MAX_VALUES, "values of units, samples times units"),
    ):
        if size > limit:
            raise TooLarge(
                "the network",
                size=f"{size:,} {what}",
                limit=f"{limit:,}",
                instead="Use fewer units, features or samples.",
            )
