"""TOML text to nested dictionaries, with syntax errors as `Problem`s that name the line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from carlemanc.core.errors import InputError, Problem

_LARGEST_FILE = 8_000_000


def read_toml(path: Path, label: str) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises:
        InputError: where the file cannot be read, is not UTF-8, is over 8 MB or is not TOML.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unreadable(
            label, f"a file that cannot be read ({error.strerror})", "a readable file"
        ) from None
    if len(raw) > _LARGEST_FILE:
        raise _unreadable(label, f"{len(raw)} bytes", f"at most {_LARGEST_FILE} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(label, f"bytes that are not UTF-8, from byte {error.start}", "UTF-8 text") from None
    return parse_toml(text, label)


def parse_toml(text: str, label: str) -> dict[str, Any]:
    """Return the tables of a TOML text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(text, label, str(error)) from None
    except RecursionError:
        raise _unreadable(label, "arrays or tables nested too deeply", "TOML of ordinary depth") from None


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
