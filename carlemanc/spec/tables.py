"""Reading nested dictionaries by dotted keys, whatever a stranger put in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


def lookup(tables: Any, key: str) -> Any:
    """Return the value at a dotted key, or `MISSING` where any part of the way is absent or no table."""
    value = tables
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def text_at(tables: Any, key: str) -> str | None:
    """Return the text at a dotted key, or None where there is none."""
    value = lookup(tables, key)
    return value if isinstance(value, str) else None


def integer_at(tables: Any, key: str) -> int | None:
    """Return the integer at a dotted key, or None where there is none."""
    value = lookup(tables, key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def dims_at(tables: Any) -> tuple[int, ...] | None:
    """Return `model.dims` where it is a list of integers, or None."""
    value = lookup(tables, "model.dims")
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= 3:
        return None
    whole = [size for size in value if isinstance(size, int) and not isinstance(size, bool) and size >= 1]
    return tuple(whole) if len(whole) == len(value) else None


def weight_count(tables: Any) -> int | None:
    """Return the number of weights, `model.n` or the product of `model.dims`, where one is given."""
    dims = dims_at(tables)
    return integer_at(tables, "model.n") if dims is None else math.prod(dims)


def table_at(tables: Any, key: str) -> Mapping[str, Any]:
    """Return the table at a dotted key, empty where there is none."""
    value = lookup(tables, key)
    return value if isinstance(value, Mapping) else {}
