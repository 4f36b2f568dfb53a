"""The rows of a sweep on disk: append-only lines of JSON, each whole or not there, one writer at a time.

A process that is killed can leave at most one torn line, the last: it is cut off at the next opening. Rows
are found by digest, so that none is computed twice or stands twice. Each line carries a check of itself: a damaged
one is never used, but set aside in a file of its own, and its point is computed again.
"""

from __future__ import annotations

import fcntl
import os
import warnings
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.checked_lines import checked_line, row_of
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.output_place import file_place
from carlemanc.core.sealed import DAMAGED

FILE = "rows.jsonl"
Row = dict[str, Any]


class RowStore:
    """The file `rows.jsonl` of a directory, open for appending, locked against a second writer.

    Raises InputError where the directory cannot be made or written, or another sweep is writing there.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from None
        self._file = self._opened()
        self.rows = self._read()

    def _opened(self) -> FileIO:
        """Return the file with its lock."""
        if file_place(self.path).written_into:
            raise _unusable(self.path, "a device")
        try:
            file = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise _unusable(self.path, "another sweep is writing there") from None
        return file

    def _read(self) -> dict[str, Row]:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
        rows: dict[str, Row] = {}
        damaged = []
        for line in content[:whole].split(b"\n")[:-1]:
            row = row_of(line)
            if row is None:
                damaged.append(line)
            else:
                rows[row["digest"]] = row
        if damaged:
            self._set_aside(damaged, rows)
        return rows

    def _set_aside(self, damaged: list[bytes], rows: Mapping[str, Row]) -> None:
        """Move damaged lines to a file of their own; the others are in the file as they were."""
        aside = self.path.with_name(FILE + DAMAGED)
        with aside.open("ab") as file:
            file.writelines(line + b"\n" for line in damaged)
        with atomic_file(self.path) as place:
            place.write_bytes(b"".join(map(checked_line, rows.values())))
        self._file.close()
        self._file = self._opened()
        warnings.warn(
            f"{self.path}: {len(damaged)} damaged line{'s are' if len(damaged) > 1 else ' is'} set aside in "
            f"{aside.name}; what they were of is computed again",
            stacklevel=4,
        )

    def append(self, row: Mapping[str, object]) -> None:
        """Write a row through to the disk. A digest that is there already is left as it is.

        Raises InputError where the disk takes no more; the rows before stay whole.
        """
        digest = str(row["digest"])
        if digest in self.rows:
            return
        end = self._file.seek(0, os.SEEK_END)
        try:
            self._write(checked_line(row))
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(end)
            raise _unusable(self.path, f"{error.strerror}; the rows so far are kept") from None
        self.rows[digest] = dict(row)

    def _write(self, content: bytes) -> None:
        while content:
            content = content[self._file.write(content) :]

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
