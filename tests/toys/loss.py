"""A toy loss of networks: the fourth power of the error."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from carlemanc.model.network.loss import OutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy(OutputError):
    """(f - y)^4 / 4."""

    @property
    def degree(self) -> int:
        return 4

    def value(self, f: Any, y: Any) -> Any:
        return (f - y) ** 4 / 4

    def slope(self, f: Any, y: Any) -> Any:
        return (f - y) ** 3

    def series(self, f: Any, y: Any, order: int) -> Any:
        terms = [math.comb(4, k) * (f - y) ** (4 - k) / 4 for k in range(5)]
        return np.stack([*terms, *[np.zeros_like(f)] * order])[: order + 1]

    def torch_value(self, f: Any, y: Any) -> Any:
        return (f - y) ** 4 / 4
