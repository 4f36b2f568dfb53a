"""The JSON documents of results: a class names its keys once, in their order, and where each value comes from."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from carlemanc.core.json_text import plain


class Document:
    """A dataclass with a JSON document: its fields in their order, or the words of `KEYS` in theirs.

    A word is a key and the attribute (field or property) that holds its value:

    * `n`: the attribute of that name.
    * `T=steps`, `degree=plan.degree`: an attribute under another name, or one of an attribute; null where that is None.
    * `queries.L=plan.queries_L`: the key "L" of an object "queries".
    * `reason?`: left out where the value is None.
    * `*=outlook`: every entry of a document or a mapping, in place; `readout.*=plan` puts them in an object.
    """

    __slots__ = ()
    KEYS: ClassVar[str] = ""
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return the document, with values as JSON has them."""
        document: dict[str, Any] = {}
        for objects, key, path, is_optional in _entries(self.KEYS or " ".join(self.__dataclass_fields__)):
            value: Any = self
            for name in path:
                value = None if value is None else getattr(value, name)
            inside = document
            for name in objects:
                inside = inside.setdefault(name, {})
            if key == "*":
                inside.update(plain(value))
            elif value is not None or not is_optional:
                inside[key] = plain(value)
        return document


@cache
def _entries(words: str) -> tuple[tuple[list[str], str, list[str], bool], ...]:
    """Return for each word the objects around its key, the key, the way to its value, and whether it may be missing."""
    entries = []
    for word in words.split():
        place, _, path = word.rstrip("?").partition("=")
        *objects, key = place.split(".")
        entries.append((objects, key, (path or key).split("."), word.endswith("?")))
    return tuple(entries)
