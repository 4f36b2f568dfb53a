"""The tables of a spec as a stranger wrote them, read by dotted keys; what is said of a key names its place.

A reader of one type gives None for a value of another: the schema reports those, so that every problem of a spec
comes out in one report and each of them once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from carlemanc.core.errors import Problem
from carlemanc.spec.problems import Origin

MISSING: Final = object()
"""What stands at a key that is not there."""


@dataclass(frozen=True, slots=True)
class Written:
    """Nested dictionaries, and where they came from."""

    tables: Mapping[str, object]
    origin: Origin

    def get(self, key: str, default: object = MISSING) -> Any:
        """Return the value at `training.steps` or `network.layers[0].units`, the default where the way is cut."""
        value: object = self.tables
        for name, index in re.findall(r"(?:^|\.)(\w+)|\[(\d+)\]", key):
            if name and isinstance(value, Mapping) and name in value:
                value = value[name]
            elif index and isinstance(value, list | tuple) and int(index) < len(value):
                value = value[int(index)]
            else:
                return default
        return value

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not MISSING

    def text(self, key: str) -> str | None:
        """Return the text at a key."""
        value = self.get(key)
        return value if isinstance(value, str) else None

    def integer(self, key: str) -> int | None:
        """Return the integer at a key."""
        value = self.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def number(self, key: str) -> float | None:
        """Return the finite number at a key."""
        value = self.get(key)
        return value if is_number(value) and abs(value) < math.inf else None

    def table(self, key: str) -> Mapping[str, Any] | None:
        """Return the table at a key."""
        value = self.get(key)
        return value if isinstance(value, Mapping) else None

    def items(self, key: str) -> Sequence[Any]:
        """Return the list at a key, empty where there is none."""
        value = self.get(key)
        return value if isinstance(value, list | tuple) else ()

    @property
    def dims(self) -> tuple[int, ...] | None:
        """`model.dims` where it is a list of one to three positive integers."""
        sizes = tuple(self.integer(f"model.dims[{axis}]") for axis in range(len(self.items("model.dims"))))
        known = tuple(size for size in sizes if size is not None and size >= 1)
        return known if len(known) == len(sizes) and 1 <= len(sizes) <= 3 else None

    @property
    def weights(self) -> int | None:
        """The number of weights, `model.n` or the product of `model.dims`, where one is given."""
        return self.integer("model.n") if self.dims is None else math.prod(self.dims)

    @property
    def is_pruned(self) -> bool:
        """Whether some weights are left out, so that a list may count the survivors."""
        return "model.sparsity" in self or "model.mask" in self

    def problem(self, key: str, found: str, allowed: str, help: str = "") -> Problem:
        """Return what is wrong at a key."""
        return Problem(where=self.origin.where(key), found=found, allowed=allowed, help=help)


def is_number(value: object) -> bool:
    """Return whether a value is a number, infinities included."""
    return isinstance(value, int | float) and not isinstance(value, bool)
