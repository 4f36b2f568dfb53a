"""`--set KEY=VALUE`: dotted keys, values in TOML notation or, failing that, plain text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.spec.problems import shown
from carlemanc.spec.toml_text import excess, parse_value

_SHOWN = 60


def apply_overrides(
    tables: Mapping[str, object], overrides: Iterable[str]
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the tables with each override written in, and the dotted keys that were set.

    Raises:
        InputError: where an override is no KEY=VALUE, or its key runs through something that is no table.
    """
    result: dict[str, object] = _copy(tables)
    problems: list[Problem] = []
    keys: set[str] = set()
    for text in overrides:
        path = key_path(text)
        if path is None:
            problems.append(
                Problem(
                    where=f"--set {text[:_SHOWN]}", found=shown(text), allowed="KEY=VALUE, such as model.n=8"
                )
            )
            continue
        try:
            value = parse_value(text.partition("=")[2].strip())
        except InputError as error:
            problems += [replace(problem, where=f"--set {text[:_SHOWN]}") for problem in error.problems]
            continue
        blocked = _write(result, path, value)
        if blocked:
            where = f"--set {text[:_SHOWN]}"
            problems.append(Problem(where=where, found=f"{blocked}, which is no table", allowed="a table"))
        keys.add(".".join(path))
    if problems:
        raise InputError("--set cannot be applied", problems)
    return result, frozenset(keys)


def key_path(text: str) -> tuple[str, ...] | None:
    """Return the parts of the dotted key of `KEY=VALUE`; None where the text is none, or no UTF-8.

    >>> key_path(' training . "steps" = 3')
    ('training', 'steps')
    """
    key, equals, _ = text.partition("=")
    if not equals or "\n" in key or "#" in key or not is_unicode(text) or excess(f"{key} = 0"):
        return None
    try:
        node: object = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return None
    path = []
    while isinstance(node, dict):
        if len(node) != 1:
            return None
        ((part, node),) = node.items()
        path.append(part)
    return tuple(path)


def is_unicode(text: str) -> bool:
    """Return whether a text is one, and not bytes of the command line that are no UTF-8."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _write(tables: dict[str, object], path: tuple[str, ...], value: object) -> str:
    """Write the value; return the dotted key that is in the way, or an empty text."""
    node = tables
    for depth, part in enumerate(path[:-1], start=1):
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            return ".".join(path[:depth])
        node = child
    node[path[-1]] = value
    return ""


def _copy(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _copy(item) for key, item in value.items()}
    return value
