"""A data file that is held in memory: what is read of it is what would be read of such a file on disk."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A name and its content, opened as a path is.

    >>> HeldFile("b.npy", b"abc").open().read()
    b'abc'
    """

    name: str
    content: bytes

    def open(self, mode: Literal["rb"] = "rb") -> BinaryIO:
        """Return its bytes as an open file."""
        return io.BytesIO(self.content)


DataFile = Path | HeldFile
"""A file on disk, or one that is held."""
