"""A spec written out for a person: every key of the schema with its meaning, its rule and its default.

Keys that are set stand as they are; all others stand in comments, with their default where they have one
and an example where they have none. Everything is read from the schema, so nothing here can be out of date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from carlemanc.spec.problems import tables_in
from carlemanc.spec.schema import ModelSpec

_HEAD = """\
# A spec for carlemanc. A line "# key = value" shows the default of a key that is not set, or an example where
# it says so; remove the "# " to set it. Exactly one of [loss], [network], [map] and [system] says what is trained.
"""


def commented_spec(tables: Mapping[str, Any]) -> str:
    """Return the TOML text of a spec, as `ModelSpec.to_dict` gives it, with every other key in a comment."""
    top = [
        line
        for key, info in ModelSpec.model_fields.items()
        if not tables_in(info.annotation)
        for line in _key(key, info, tables)
    ]
    parts = [_HEAD, *top]
    for key, info in ModelSpec.model_fields.items():
        for table in tables_in(info.annotation):
            parts += ["", *_table(key, info, table, tables.get(key))]
    return "\n".join(parts) + "\n"


def _table(
    name: str, info: FieldInfo, table: type[BaseModel], given: Mapping[str, object] | None
) -> Iterator[str]:
    """Yield one table: in comments altogether where it is optional and not given."""
    needs = any(inner.is_required() for inner in table.model_fields.values())
    off = "# " if given is None and (info.default is None or needs) else ""
    yield f"{off}[{name}]".ljust(40) + f"# {info.title}"
    for key, inner in table.model_fields.items():
        yield from _key(key, inner, given or {})


def _key(key: str, info: FieldInfo, given: Mapping[str, object], *, indent: str = "") -> Iterator[str]:
    """Yield the line of a key, then the keys of the tables that its value may hold."""
    note = f"# {info.title}; {_rule(info)}"
    if key in given:
        line = f"{toml_key(key)} = {toml_value(given[key])}"
    elif info.is_required() or info.default is None:
        example = info.examples[0] if info.examples else None
        line = f"# {indent}{key} = {toml_value(example)}"
        note += "; an example" if info.is_required() else "; not set, an example"
    else:
        line = f"# {indent}{key} = {toml_value(info.get_default(call_default_factory=True))}"
    yield f"{line} ".ljust(40) + note
    if key not in given:
        for table in tables_in(info.annotation):
            for inner_key, inner in table.model_fields.items():
                yield from _inner(inner_key, inner, indent + "    ")


def _inner(key: str, info: FieldInfo, indent: str) -> Iterator[str]:
    """Yield a key of a table inside a value: always in a comment, without a value to set."""
    default = "" if info.is_required() or info.default is None else f"; default {toml_value(info.default)}"
    yield f"# {indent}{key} ".ljust(40) + f"# {info.title}; {_rule(info)}{default}"
    for table in tables_in(info.annotation):
        for inner_key, inner in table.model_fields.items():
            yield from _inner(inner_key, inner, indent + "    ")


def _rule(info: FieldInfo) -> str:
    """Return the rule of a key without the meaning that some rules end in."""
    return (info.description or "").split(": the ")[0]


def toml_value(value: object) -> str:
    """Return a value as TOML writes it.

    >>> toml_value({"normal": 0.1, "a b": [1, "x", True]})
    '{ normal = 0.1, "a b" = [1, "x", true] }'
    """
    if isinstance(value, Mapping):
        inner = ", ".join(f"{toml_key(str(key))} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return json.dumps(value)


def toml_key(key: str) -> str:
    """Return a key as TOML writes it, in quotes where it needs them."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_value(key)
