"""TOML text to nested dictionaries, with syntax errors as `Problem`s that name the line.

What a text may be before it is parsed: nesting, words and size are counted in one pass over its signs. `tomllib` takes
seconds and gigabytes for a key of 50,000 parts, Python refuses integers of more than 4,300 digits, and both walk nested
values recursively. So the text is refused first, at the first place that is beyond a limit.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from carlemanc.core.errors import InputError, Problem

MAX_BYTES = 2_000_000
"""Of a file: longer lists of numbers belong in .npy files."""
MAX_DEPTH = 32
"""Tables and arrays inside one another, whether by dots, headers or brackets."""
MAX_WORD = 400
"""Characters of a number or a bare key."""

# A string or a comment is one sign, closed or not, so that each character is looked at once.
_SIGN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|'[^'\n]*'?"
    r"|\#[^\n]*"
    rf"|[A-Za-z0-9_+-]{{{MAX_WORD + 1},}}"
    r"|[\[\]{}.,\n]",
    re.DOTALL,
)


def excess(text: str) -> tuple[int, str, str] | None:
    """Return line, what was found and what is allowed where a text is beyond a limit, or None.

    >>> excess("a.b = [1, 2]")
    >>> excess("x = 1\\n" + "[" * 99)
    (2, 'arrays or tables nested more than 32 deep', 'at most 32 levels')
    """
    if len(text) > MAX_BYTES:
        return 1, f"{len(text):,} characters", f"at most {MAX_BYTES:,}"
    table = 0  # levels of the table whose lines these are
    outer: list[int] = []  # levels above each open bracket
    levels, heading, begun = (
        0,
        False,
        0,
    )  # of the key or value that is read; whether it is a header; where its line begins
    for found in _SIGN.finditer(text):
        sign = found[0]
        if len(sign) > MAX_WORD and sign[0] not in "\"'#":
            said = f"a number or a bare word of {len(sign):,} characters"
            return _line(text, found.start()), said, f"at most {MAX_WORD} outside quotes"
        if sign in "[{":
            if not outer and not text[begun : found.start()].strip():
                heading, levels, table = True, 0, 0
            outer.append(levels)
            levels += 1
        elif sign in "]}":
            if heading:
                table = max(table, levels)
            levels = outer.pop() if outer else 0
        elif sign == ".":
            levels += 1
        elif outer and not heading:
            levels = outer[-1] + 1
        elif sign == "\n":
            levels, heading, begun, outer = table, False, found.end(), []
        if levels > MAX_DEPTH + 1:
            said = f"arrays or tables nested more than {MAX_DEPTH} deep"
            return _line(text, found.start()), said, f"at most {MAX_DEPTH} levels"
    return None


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


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
    """Return the tables of a TOML text. Raises InputError where it is none or beyond a limit."""
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
