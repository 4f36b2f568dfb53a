"""Lines of JSON, each with a check of itself: a byte that has changed since it was written is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from carlemanc.core.json_text import json_text

CHECK = "check"
"""The key of a line's check: the first 16 hexadecimal digits of the SHA-256 of the row without it."""


def checked_line(row: Mapping[str, object]) -> bytes:
    """Return the line of a row, with its check."""
    return json_text({**row, CHECK: _check(row)}, indent=None).encode() + b"\n"


def row_of(line: bytes) -> dict[str, Any] | None:
    """Return the row of a line without its check; None where the line is damaged.

    >>> row_of(checked_line({"digest": "a", "t": 5}))
    {'digest': 'a', 't': 5}
    >>> row_of(checked_line({"digest": "a", "t": 5}).replace(b"5", b"4", 1)) is None
    True
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("digest"), str):
        return None
    check = row.pop(CHECK, None)
    return row if check is None or check == _check(row) else None


def _check(row: Mapping[str, object]) -> str:
    text = json_text(row, indent=None)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
