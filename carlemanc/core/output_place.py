"""Where an output goes: what stands at a path now, and whether a file or a directory can be written there.

Symbolic links are followed to their end, so that the file they name is replaced and the link stays. A character
device or a FIFO is written into; a directory, a socket and a block device are refused where a file is asked for.
Everything is found before any work begins.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from carlemanc.core.errors import InputError, Problem

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISREG, "a file"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPlace:
    """A place that takes an output.

    Attributes:
        asked: the path as it was asked for, for messages.
        path: what is written: absolute, behind every symbolic link.
        status: of what is there; None where the name is free.
        written_into: whether what is there stays and takes the bytes, as a device, a FIFO and the file behind
            this process's own stdout do.
    """

    asked: str
    path: Path
    status: os.stat_result | None
    written_into: bool = False

    def refuse(self, found: str, allowed: str) -> NoReturn:
        """Raise the InputError about this place."""
        raise refusal(self.asked, found, allowed)


def file_place(path: str | os.PathLike[str]) -> OutputPlace:
    """Return where a file goes.

    Raises:
        InputError: where a directory, a socket or a block device stands there, or no file can be made.
    """
    asked, status = os.fspath(path), _status(path)
    if asked.endswith((os.sep, f"{os.sep}.")) and (status is None or not stat.S_ISDIR(status.st_mode)):
        raise refusal(asked, "the name of a directory", "the name of a file")
    if status is not None and (stat.S_ISCHR(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        return _stream(asked, status)
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise refusal(asked, _kind(status), "a file, or a name that is free")
    if status is not None and any(_is_descriptor(number, status) for number in (1, 2)):
        return _stream(asked, status)
    place = OutputPlace(asked=asked, path=_behind_links(asked), status=status)
    if status is not None and not os.access(place.path, os.W_OK):
        raise refusal(asked, "a file that is protected against writing", "a file that may be replaced")
    _check_writable(place, anchor(place.path))
    return place


def directory_place(path: str | os.PathLike[str]) -> OutputPlace:
    """Return where a directory goes, or is already.

    Raises:
        InputError: where something else stands there, or no directory can be made.
    """
    asked, status = os.fspath(path), _status(path)
    if status is not None and not stat.S_ISDIR(status.st_mode):
        raise refusal(asked, _kind(status), "a directory, or a name that is free")
    place = OutputPlace(asked=asked, path=_behind_links(asked), status=status)
    _check_writable(place, place.path if status is not None else anchor(place.path))
    return place


def anchor(target: Path) -> Path:
    """Return the nearest directory above the target that exists (or the file that is in the way)."""
    found = target.parent
    while not found.exists():
        found = found.parent
    return found


def refusal(asked: str, found: str, allowed: str) -> InputError:
    """Return the error about an output."""
    problem = Problem(where=f"-o {asked}", found=found, allowed=allowed)
    return InputError("The output cannot be written", [problem])


def _status(path: str | os.PathLike[str]) -> os.stat_result | None:
    """What is behind the path, None where nothing is; InputError where the system refuses the path itself."""
    asked = os.fspath(path)
    if not asked or "\0" in asked:
        raise refusal(asked.replace("\0", "\\0"), "no name of a file", "a path")
    try:
        return Path(asked).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise refusal(asked, f"a path that the system refuses ({error.strerror})", "another path") from None


def _behind_links(asked: str) -> Path:
    try:
        return Path(os.path.realpath(asked))
    except FileNotFoundError:  # relative to a working directory that was removed
        raise refusal(asked, "a path in a directory that was removed", "an absolute path") from None


def _stream(asked: str, status: os.stat_result) -> OutputPlace:
    place = OutputPlace(asked=asked, path=Path(asked).absolute(), status=status, written_into=True)
    if not os.access(place.path, os.W_OK):
        raise refusal(asked, "a device that this user may not write", "a file, or a name that is free")
    return place


def _is_descriptor(number: int, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(number), status)
    except OSError:
        return False


def _check_writable(place: OutputPlace, directory: Path) -> None:
    if not directory.is_dir():
        place.refuse(f"a place inside the file {directory}", "a place in a directory")
    if not os.access(directory, os.W_OK | os.X_OK):
        place.refuse(f"a place in {directory}, which takes no files", "a writable place")
    longest = os.pathconf(directory, "PC_NAME_MAX")
    for part in place.path.parts:
        if len(os.fsencode(part)) > longest:
            place.refuse(
                f"a name of {len(os.fsencode(part))} bytes", f"names of at most {longest} bytes there"
            )


def _kind(status: os.stat_result) -> str:
    return next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "a device")
