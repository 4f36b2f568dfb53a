"""The rows of a sweep on disk: append-only lines of JSON, each whole or not there, one writer at a time.

A process that is killed can leave at most one torn line, the last: it is cut off at the next opening. Rows
are found by digest, so that none is computed twice or stands twice.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.json_text import json_text

FILE = "rows.jsonl"


class RowStore:
    """The file `rows.jsonl` of a directory, open for appending, locked against a second writer.

    Raises InputError where the directory cannot be made or written, where another sweep is writing there,
    or where a line is no row.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b")
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise _unusable(self.path, "another sweep is writing there") from None
        self.rows = self._read()

    def _read(self) -> dict[str, dict[str, Any]]:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
        rows: dict[str, dict[str, Any]] = {}
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            try:
                row = json.loads(line)
                rows[row["digest"]] = row
            except (ValueError, TypeError, KeyError):
                self.close()
                raise _unusable(self.path, f"line {number} is no row of a sweep") from None
        return rows

    def append(self, row: Mapping[str, Any]) -> None:
        """Write a row through to the disk. A digest that is there already is left as it is."""
        digest = str(row["digest"])
        if digest in self.rows:
            return
        line = json_text(row, indent=None).encode() + b"\n"
        self._file.write(line)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.rows[digest] = dict(row)

    def close(self) -> None:
        """Release the file and its lock."""
        self._file.close()

    def __enter__(self) -> RowStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _unusable(path: Path, found: str) -> InputError:
    return InputError(
        "the sweep cannot be written",
        [Problem(where=str(path), found=found, allowed="a directory this sweep alone writes to")],
    )
