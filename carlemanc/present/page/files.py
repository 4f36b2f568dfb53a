"""Files of a directory as documents: read whole, parsed, and of the form that a report takes, or refused by name."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.present.page.shapes import Fields, faults
from carlemanc.spec.toml_text import parse_toml

Json = Mapping[str, Any]
_REMEDY = "run the command that made it again, or remove the file"
_LARGEST, LARGEST_ROWS = 256 << 20, 2 << 30
"""Bytes of a document, and of the rows of a sweep: an estimate has some ten thousand."""
_LONGEST_INTEGER = 4_000
"""Digits: those of a count at n = 2^200 and order 16 are some hundred."""
_MOST_FAULTS = 10
"""Keys that one message names."""


def table(value: object) -> Json:
    """Return a value that should be a JSON object, an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}


def document(path: Path, form: Fields) -> Json | None:
    """Return the document in a file, None where there is none. Raises InputError where it has another form."""
    return parsed(contents(path), str(path), form) if is_file(path) else None


def parsed(content: bytes, where: str, form: Fields) -> Json:
    """Return a document of a form. Raises InputError with every key that has another one."""
    try:
        document = json.loads(content, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise damaged(where, f"no JSON ({' '.join(str(error).split())[:120]})") from None
    found = list(islice(faults(document, form), _MOST_FAULTS))
    if found:
        problems = [
            Problem(where=f"{where}: {one.path}" if one.path else where, found=one.found, allowed=one.allowed)
            for one in found
        ]
        problems[-1] = replace(problems[-1], help=_REMEDY)
        raise InputError("the report cannot be written from JSON of another form", problems)
    return document  # type: ignore[no-any-return]


def _integer(text: str) -> int | float:
    """An integer of JSON; one that is longer than any of a result is infinite, so that its key can be named."""
    return int(text) if len(text) <= _LONGEST_INTEGER else math.inf


def spec_text(path: Path) -> str:
    """Return the text of a spec, empty where there is none. Raises InputError."""
    if not is_file(path):
        return ""
    try:
        return contents(path).decode()
    except UnicodeDecodeError:
        raise damaged(str(path), "bytes that are not UTF-8") from None


def spec_tables(text: str, path: Path) -> Json:
    """Return the tables of a spec. Raises InputError where it is no TOML or has no key."""
    try:
        tables = parse_toml(text, path.name)
    except InputError as error:
        raise damaged(str(path), f"no TOML ({' '.join(str(error).split())[:120]})") from None
    if not tables and is_file(path):
        raise damaged(str(path), "a spec without a key")
    return tables


def contents(path: Path, largest: int = _LARGEST) -> bytes:
    """Return the bytes of a file. Raises InputError where it is too large or cannot be read."""
    try:
        if (size := path.stat().st_size) > largest:
            raise damaged(str(path), f"a file of {size:,} bytes, above {largest:,}")
        return path.read_bytes()
    except OSError as error:
        raise damaged(str(path), f"a file that cannot be read ({error.strerror})") from None


def damaged(where: str, found: str, allowed: str = "the file as carlemanc wrote it") -> InputError:
    """Return what is raised for a file that is not what carlemanc wrote."""
    problem = Problem(where=where, found=found, allowed=allowed, help=_REMEDY)
    return InputError("the report cannot be written", [problem])
