"""Results on stdout or in a file, notes on stderr."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from carlemanc.cli._options import Common
from carlemanc.core.atomic_output import atomic_file, check_directory_place, check_file_place
from carlemanc.core.double_precision import within_double_precision
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.json_text import json_text
from carlemanc.core.visible_text import visible

_IN_A_PIPE = 100
_NARROWEST, _WIDEST = 20, 120
"""Columns of text: longer lines are hard to read."""


class Result(Protocol):
    """What every command returns."""

    def to_json(self) -> dict[str, Any]:
        """Return the JSON document of the command."""

    def to_text(self, *, all: bool = False, width: int = 100) -> str:
        """Return the same for humans: the first screen or all, in lines of a width."""


def say(text: str) -> None:
    """Write a result to stdout."""
    sys.stdout.write(visible(text if text.endswith("\n") else f"{text}\n"))
    sys.stdout.flush()


def note(text: str) -> None:
    """Write a remark to stderr; where stderr takes none, the work goes on without it."""
    with suppress(OSError):
        sys.stderr.write(visible(f"{text}\n"))
        sys.stderr.flush()


def columns() -> int:
    """Return how wide text may be: as the terminal, or COLUMNS, but no line is over `_WIDEST`; in a pipe 100."""
    return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_IN_A_PIPE, 24)).columns))


def deliver(result: Result, common: Common, *, text: str | None = None) -> int:
    """Print a result and save it where `-o FILE` says; return the exit status.

    The file holds JSON with `--json` or where its name ends in `.json`, else the whole text. With `-o` alone stdout
    stays empty. A result whose own check failed (`failure` is a sentence) gives status 1.
    """
    as_json = common.json or (common.output is not None and Path(common.output).suffix == ".json")
    with within_double_precision():
        if text is not None:
            words = text
        elif common.output is None:
            words = result.to_text(all=common.all, width=columns())
        else:
            words = result.to_text(all=True)
        document = json_text(result.to_json()) if as_json else ""
    if common.json:
        say(document)
    elif common.output is None:
        say(words)
    if common.output is not None:
        save(common.output, document if as_json else words)
    return status_of(result)


def show(result: Result, common: Common) -> int:
    """Print a result whose files are already written; return the exit status."""
    say(rendered(result, common))
    return status_of(result)


def rendered(result: Result, common: Common) -> str:
    """Return what `show` prints, for a result of which parts are found when they are first read."""
    with within_double_precision():
        if common.json:
            return json_text(result.to_json())
        return result.to_text(all=common.all, width=columns())


def status_of(result: Result) -> int:
    """Return 1, after saying why, where a result failed its own check; else 0."""
    failure: str | None = getattr(result, "failure", None)
    if failure:
        note(f"check failed: {failure}")
        return 1
    return 0


def save(path: str, text: str) -> None:
    """Write a text file, whole or not at all, and say so on stderr."""
    with atomic_file(path) as place:
        place.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    note(f"wrote {path}")


def expect_file(common: Common) -> None:
    """Refuse an `-o` that cannot become a file before the work begins."""
    if common.output is not None:
        check_file_place(common.output)


def required_directory(common: Common, verb: str) -> Path:
    """Return the directory of `-o`, which this verb cannot do without."""
    if common.output is None:
        problem = Problem(where="-o", found="nothing", allowed=f"a directory: carlemanc {verb} SPEC -o DIR")
        raise InputError(f"carlemanc {verb} writes files and needs -o DIR", [problem])
    check_directory_place(common.output)
    return Path(common.output)
