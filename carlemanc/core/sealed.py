"""Files that carlemanc writes for itself to go on from, sealed: a byte that has changed since is found.

The seal is a last line with the SHA-256 of what stands before it; readers of zip archives, `numpy.load` among
them, do not mind it. What is damaged is set aside under another name, never used and never removed.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path

from carlemanc.core.places import is_file

_MARK = b"\ncarlemanc.seal/1 "
_LENGTH = len(_MARK) + 64 + 1
DAMAGED = ".damaged"


def sealed(content: bytes) -> bytes:
    """Return the content with its seal."""
    return content + _MARK + hashlib.sha256(content).hexdigest().encode() + b"\n"


def unsealed(whole: bytes) -> bytes | None:
    """Return the content under a seal; None where it is another, torn or without one.

    >>> unsealed(sealed(b"abc"))
    b'abc'
    >>> unsealed(sealed(b"abc").replace(b"b", b"c")) is None
    True
    """
    content = whole[:-_LENGTH]
    return content if len(whole) >= _LENGTH and sealed(content) == whole else None


def read_sealed(path: Path, instead: str) -> bytes | None:
    """Return the content of a sealed file; None where there is none, or where it was damaged and is set aside.

    Args:
        path: the file.
        instead: what is done without it, in words, for the warning.
    """
    if not path.exists():
        return None
    content = unsealed(path.read_bytes()) if is_file(path) and _has_seal(path) else None
    if content is None:
        set_aside(path, instead)
    return content


def _has_seal(path: Path) -> bool:
    """Whether a file ends as a sealed one does, found without reading the rest: it may be of any size."""
    with path.open("rb") as file:
        file.seek(-min(_LENGTH, path.stat().st_size), os.SEEK_END)
        return file.read(len(_MARK)) == _MARK


def set_aside(path: Path, instead: str) -> None:
    """Rename a damaged file, and warn of it in a sentence."""
    place = path.with_name(path.name + DAMAGED)
    path.replace(place)
    warnings.warn(f"{path} is damaged and is set aside as {place.name}: {instead}", stacklevel=3)
