"""Whole documents as they were, and what differs from them now.

`pinned.json` holds the keys of each kind of object and each long text once; `read` undoes that. Floats are kept to 12
digits, more than `differences` looks at, so that the file is the same whatever processor wrote it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from estimates import results
from estimates.catalog import ROOT
from tests.documents import document
from tests.fixed import fixed_line
from tests.pins.cases import LINES

PLACE = Path(__file__).with_name("pinned.json")
LONG = 24
"""Texts of this length are kept once."""


def computed(line: str) -> Any:
    """Return the document of a command line, the keys of `FIXED` named, without what no two runs share."""
    with contextlib.chdir(ROOT.parent):
        found = document(fixed_line(line))
    found.pop("seconds", None)
    return found


def searched(line: str) -> Any:
    """Return the document of a command line as it stands: what it leaves out is chosen."""
    with contextlib.chdir(ROOT.parent):
        found = document(line)
    found.pop("seconds", None)
    return found


def differences(found: Any, pinned: Any) -> Iterator[str]:
    """Yield what differs: keys, their order, integers and texts at all, floats as `estimates.results` compares them."""
    yield from results.differences(found, pinned)
    yield from _reordered(found, pinned, "")


def _reordered(found: Any, pinned: Any, where: str) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(pinned, dict):
        shared = [key for key in found if key in pinned]
        if shared != [key for key in pinned if key in found]:
            yield f"{where}: its keys stand in another order"
        for key in shared:
            yield from _reordered(found[key], pinned[key], f"{where}.{key}")
    elif isinstance(found, list) and isinstance(pinned, list):
        for number, pair in enumerate(zip(found, pinned, strict=False)):
            yield from _reordered(*pair, f"{where}[{number}]")


def read() -> dict[str, Any]:
    """Return the pinned documents by command line."""
    kept = json.loads(PLACE.read_text(encoding="utf-8"))
    keys, texts = kept["keys"], kept["texts"]

    def unpacked(value: Any) -> Any:
        if isinstance(value, dict):
            return texts[value["text"]]
        if not isinstance(value, list):
            return value
        kind, *items = value
        items = list(map(unpacked, items))
        return items if kind is None else dict(zip(keys[kind], items, strict=True))

    return {line: unpacked(packed) for line, packed in kept["documents"].items()}


def write() -> None:
    """Compute every document now and pin it."""
    keys: dict[tuple[str, ...], int] = {}
    texts: dict[str, int] = {}

    def packed(value: Any) -> Any:
        if isinstance(value, dict):
            return [keys.setdefault(tuple(value), len(keys)), *map(packed, value.values())]
        if isinstance(value, list):
            return [None, *map(packed, value)]
        if isinstance(value, str) and len(value) >= LONG:
            return {"text": texts.setdefault(value, len(texts))}
        return float(f"{value:.12g}") if isinstance(value, float) else value

    documents = [f"{_line(line)}: {_line(packed(computed(line)))}" for line in LINES]
    parts = {
        "keys": "[\n" + ",\n".join(map(_line, keys)) + "\n]",
        "texts": "[\n" + ",\n".join(map(_line, texts)) + "\n]",
        "documents": "{\n" + ",\n".join(documents) + "\n}",
    }
    PLACE.write_text(
        "{\n" + ",\n".join(f'"{name}": {part}' for name, part in parts.items()) + "\n}\n", encoding="utf-8"
    )


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
