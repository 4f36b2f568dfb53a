"""Directories of results, written by hand."""

from pathlib import Path
from typing import Any

from carlemanc.core.json_text import json_text


def put(place: Path, **documents: Any) -> Path:
    """Write documents as NAME.json, or rows.jsonl from a list of rows."""
    place.mkdir(exist_ok=True)
    for name, content in documents.items():
        if name == "rows":
            lines = "".join(f"{json_text(row, indent=None)}\n" for row in content)
            (place / "rows.jsonl").write_text(lines, encoding="utf-8")
        elif name == "spec":
            (place / "spec.toml").write_text(content, encoding="utf-8")
        else:
            (place / f"{name}.json").write_text(json_text(content), encoding="utf-8")
    return place


def row(number: int, estimate: Any, *overrides: str, status: int = 0, message: str = "") -> dict[str, Any]:
    """A row of a sweep."""
    return {
        "digest": f"{number:032x}",
        "overrides": list(overrides),
        "status": status,
        "message": message,
        "estimate": estimate,
    }
