"""Output that is there whole or not at all: written beside its place under a hidden name, moved at the end.

An interrupt or an error before the end removes the hidden copy and the target stays as it was. A directory
that exists already keeps its other files; those of the same name are replaced one by one, with interrupts
held back.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from carlemanc.core.errors import InputError, Problem

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


@contextmanager
def atomic_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty directory to write into; it becomes `path` where the block ends without an error.

    Raises:
        InputError: where `path` is a file, or no directory can be made there, or the disk is full.
    """
    target = Path(path).absolute()
    check_directory_place(target)
    with _workshop(target) as workshop:
        made = workshop / "output"
        made.mkdir()
        yield made
        with _uninterrupted():
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                _merge(made, target)
            else:
                made.rename(target)


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the name of a file to write; it becomes `path` where the block ends without an error.

    Raises:
        InputError: where `path` is a directory, or no file can be made there, or the disk is full.
    """
    target = Path(path).absolute()
    check_file_place(target)
    with _workshop(target) as workshop:
        made = workshop / target.name
        yield made
        with _uninterrupted():
            target.parent.mkdir(parents=True, exist_ok=True)
            made.replace(target)


def check_directory_place(path: str | os.PathLike[str]) -> None:
    """Refuse at once, before any work, a path where no directory can be written.

    Raises:
        InputError: where the path is a file or its place takes no files.
    """
    target = Path(path).absolute()
    if target.exists() and not target.is_dir():
        raise _refusal(target, "a file", "a directory, or a name that is free")
    _check_writable(target, target if target.is_dir() else _anchor(target))


def check_file_place(path: str | os.PathLike[str]) -> None:
    """Refuse at once, before any work, a path where no file can be written.

    Raises:
        InputError: where the path is a directory or its place takes no files.
    """
    target = Path(path).absolute()
    if target.is_dir():
        raise _refusal(target, "a directory", "a file, or a name that is free")
    _check_writable(target, _anchor(target))


def _check_writable(target: Path, place: Path) -> None:
    if not place.is_dir():
        raise _refusal(target, f"a place inside the file {place}", "a place in a directory")
    if not os.access(place, os.W_OK | os.X_OK):
        raise _refusal(target, f"a place in {place}, which takes no files", "a writable place")


def _anchor(target: Path) -> Path:
    """Return the nearest directory above the target that exists (or the file that is in the way)."""
    anchor = target.parent
    while not anchor.exists():
        anchor = anchor.parent
    return anchor


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    """Yield a hidden directory on the file system of the target; remove it in the end."""
    workshop = _anchor(target) / f".{target.name[:100]}.{secrets.token_hex(6)}.partial"
    try:
        workshop.mkdir()
        yield workshop
    except OSError as error:
        inside = str(error.filename or "").startswith((str(workshop), str(target)))
        if error.errno in _FULL or inside:
            raise _refusal(target, f"a place that cannot be written ({error.strerror})", "room") from None
        raise
    finally:
        with _uninterrupted():
            shutil.rmtree(workshop, ignore_errors=True)


def _merge(made: Path, target: Path) -> None:
    for item in sorted(made.iterdir()):
        place = target / item.name
        if item.is_dir():
            place.mkdir(exist_ok=True)
            _merge(item, place)
        else:
            item.replace(place)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until the block has ended (in the main thread; others never see it)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    previous = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if caught:
        raise KeyboardInterrupt


def _refusal(target: Path, found: str, allowed: str) -> InputError:
    problem = Problem(where=f"-o {target}", found=found, allowed=allowed)
    return InputError("The output cannot be written", [problem])
