"""From pydantic's errors to `Problem`s: TOML path, what was written, the rule, the nearest valid key."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from carlemanc.core.errors import MOST_TOLD, InputError, Problem

_LONGEST_VALUE = 60
_LONGEST_INTEGER = 400
"""Bits of an integer that is told digit by digit."""
_KEY = re.compile(r"(loss|network|map|model|data|training|carleman|readout)(\.|\[|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a spec came from: its name in messages, its directory, the keys that `--set` gave, data held in memory.

    A text of the spec that is a key of `held` names that content; such a name has the digest of it.

    Origins compare equal: two specs are the same where their contents are.
    """

    label: str = field(default="ModelSpec", compare=False)
    base: Path = field(default_factory=Path.cwd, compare=False)
    overridden: frozenset[str] = field(default=frozenset(), compare=False)
    held: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def where(self, path: str) -> str:
        """Return the place of a dotted key as messages print it."""
        by_set = any(path == key or path.startswith((f"{key}.", f"{key}[")) for key in self.overridden)
        return f"--set {path}" if by_set else f"{self.label}: {path}"


def shown(value: object) -> str:
    """Return a value as TOML would write it, shortened."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {shown(item)}" for key, item in list(value.items())[:6])
        text = f"{{ {inner} }}" if inner else "{}"
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(shown(item) for item in list(value)[:12])}{', ...' if len(value) > 12 else ''}]"
    elif isinstance(value, str):
        text = json.dumps(value[: 2 * _LONGEST_VALUE], ensure_ascii=False)
    elif isinstance(value, bool):
        text = json.dumps(value)
    elif isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        text = f"an integer of about {value.bit_length() * 0.30103:,.0f} digits"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 4]} ..."


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice most like `word`, or None where none is near."""
    found = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return found[0] if found else None


def pydantic_problems(
    error: ValidationError, tables: object, origin: Origin, schema: type[BaseModel]
) -> list[Problem]:
    """Translate every error of a validation; `tables` is what was validated."""
    items = error.errors(include_url=False)
    told = [_problem(item, origin, schema) for item in items[:MOST_TOLD]]
    return told + [
        Problem(where=dotted(item["loc"]), found=item["type"], allowed="") for item in items[MOST_TOLD:]
    ]


def _problem(item: Mapping[str, Any], origin: Origin, schema: type[BaseModel]) -> Problem:
    path = tuple(part for part in item["loc"] if not (isinstance(part, str) and part.startswith("@")))
    where = origin.where(dotted(path))
    if item["type"] == "extra_forbidden":
        return _unknown_key(path, where, schema)
    rule = _rule(path, schema)
    if item["type"] == "missing":
        return Problem(where=where, found="nothing", allowed=rule or "a value")
    value = shown(item["input"])
    return Problem(where=where, found=value, allowed=rule or item["msg"])


def dotted(path: Iterable[str | int]) -> str:
    """Return a key path as TOML writes it: `training.initial[2]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text or "(the whole file)"


def _unknown_key(path: tuple[str | int, ...], where: str, schema: type[BaseModel]) -> Problem:
    key = str(path[-1])
    keys = _keys_at(path[:-1], schema)
    inside = f"[{dotted(path[:-1])}]" if len(path) > 1 else "the spec"
    allowed = f"the keys of {inside}: {', '.join(keys)}" if keys else _rule(path, schema)
    close = nearest(key, keys)
    if close:
        advice = f'did you mean "{close}"?'
    else:
        homes = [table for table in _keys_at((), schema) if key in _keys_at((table,), schema)]
        advice = f'"{key}" belongs in [{homes[0]}]' if homes else ""
    return Problem(where=where, found=f'an unknown key, "{key}"', allowed=allowed, help=advice)


def tables_in(annotation: object) -> tuple[type[BaseModel], ...]:
    """Return the tables that an annotation such as `Annotated[LossTable, ...] | None` may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple):
        return tuple(table for part in get_args(annotation) for table in tables_in(part))
    return ()


def _fields_along(path: tuple[str | int, ...], schema: type[BaseModel]) -> list[FieldInfo]:
    """Return the schema fields that the names on the path reach, until one is no key of a table."""
    tables: tuple[type[BaseModel], ...] = (schema,)
    fields: list[FieldInfo] = []
    for part in path:
        if isinstance(part, int):
            continue
        known = [table.model_fields[part] for table in tables if part in table.model_fields]
        if not known:
            break
        fields.append(known[0])
        tables = tables_in(known[0].annotation)
    return fields


def _keys_at(path: tuple[str | int, ...], schema: type[BaseModel]) -> list[str]:
    fields = _fields_along(path, schema)
    names = [part for part in path if isinstance(part, str)]
    if len(fields) < len(names):
        return []
    tables = tables_in(fields[-1].annotation) if fields else (schema,)
    return [key for table in tables for key in table.model_fields]


def _rule(path: tuple[str | int, ...], schema: type[BaseModel]) -> str:
    """Return the description of the deepest schema field on the path."""
    fields = _fields_along(path, schema)
    return fields[-1].description or "" if fields else ""


def located(error: InputError, label: str) -> InputError:
    """Return an error of a later stage with the name of the spec before each key that has none yet."""
    problems = [
        replace(problem, where=f"{label}: {problem.where}") if _KEY.match(problem.where) else problem
        for problem in error.problems
    ]
    return InputError(error.title, problems)
