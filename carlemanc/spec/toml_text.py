"""TOML text to nested dictionaries, with syntax errors as `Problem`s that name the line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.spec.toml_limits import MAX_BYTES, excess


def read_toml(path: Path, label: str) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        InputError: where the file cannot be read, is not UTF-8, is over 2 MB or is not TOML.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            label, f"a file that cannot be read ({error.strerror})", "a readable file"
        ) from None
    if len(raw) > MAX_BYTES:
        raise _unreadable(
            label, f"more than {MAX_BYTES:,} bytes", f"at most {MAX_BYTES:,}; lists go in .npy files"
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(label, f"bytes that are not UTF-8, from byte {error.start}", "UTF-8 text") from None
    return parse_toml(text, label)


def parse_toml(text: str, label: str) -> dict[str, Any]:
    """Return the tables of a TOML text. Raises InputError where it is none or beyond a limit of `toml_limits`."""
    beyond = excess(text)
    if beyond is not None:
        line, found, allowed = beyond
        problem = Problem(where=f"{label}: line {line}", found=found, allowed=allowed)
        raise InputError(f"{label} cannot be read", [problem])
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and dates that are none
        raise _syntax_error(text, label, str(error)) from None


def parse_value(text: str) -> Any:
    """Return a value in TOML notation, or the text itself where it is none.

    Raises InputError where it is beyond a limit, such as a number of 5,000 digits.

    >>> parse_value("[1, 2]"), parse_value("plain text")
    ([1, 2], 'plain text')
    """
    beyond = excess(f"value = {text}")
    if beyond is not None:
        problem = Problem(where="the value", found=beyond[1], allowed=beyond[2])
        raise InputError("the value cannot be read", [problem])
    try:
        tables = tomllib.loads(f"value = {text}")
    except ValueError:
        return text
    return tables["value"] if set(tables) == {"value"} else text


def _syntax_error(text: str, label: str, message: str) -> InputError:
    place = re.search(r"\(at line (\d+), column (\d+)\)", message)
    reason = re.sub(r" \(at .*\)$", "", message)
    if place is None:
        return _unreadable(label, reason, "TOML (https://toml.io)")
    line = int(place[1])
    lines = text.splitlines()
    written = lines[line - 1].strip() if line <= len(lines) else ""
    where = f"{label}: line {line}, column {place[2]}"
    problem = Problem(where=where, found=written[:80] or "the end of the file", allowed="TOML", help=reason)
    return InputError(f"{label} is not TOML", [problem])


def _unreadable(label: str, found: str, allowed: str) -> InputError:
    return InputError(f"{label} cannot be read", [Problem(where=label, found=found, allowed=allowed)])
