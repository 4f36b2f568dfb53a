"""Results as JSON: infinities and NaN, which JSON lacks, become null; arrays become lists, dataclasses objects."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from carlemanc.core.double_precision import as_float

_NO_TEXT = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs, which stand for bytes of a file's name that are no UTF-8: no encoding takes them."""


def json_text(document: Mapping[str, object], *, indent: int | None = 1) -> str:
    """Return one JSON document; with `indent=None` on one line."""
    text = json.dumps(plain(document), indent=indent, ensure_ascii=False, allow_nan=False)
    return _NO_TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def plain(value: Any) -> Any:
    """Return a value in what JSON has; integers of any size stay exact."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | bool | None):
        return value
    if hasattr(value, "to_json"):
        return plain(value.to_json())
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return plain(as_float(value)) if hasattr(value, "numerator") else str(value)
