"""`schema`: the JSON schema of a spec."""

from __future__ import annotations

from typing import Any

from carlemanc.spec.json_schema import json_schema


def schema() -> dict[str, Any]:
    """Return the JSON schema of a spec; TOML tables are its objects."""
    return json_schema()
