"""Output that is there whole or not at all: written beside its place under a hidden name, moved at the end.

An interrupt or an error before the end removes the hidden copy and the target stays as it was. A directory
that exists already keeps its other files; those of the same name are replaced one by one, with interrupts
held back. A file that is replaced keeps its mode and owner, and so do the links that lead to it; another hard link
to it keeps the old contents. What cannot be replaced, a device or a FIFO, is written into at the end; a FIFO that
nobody reads is refused before the work, as it would be waited for without end.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

from carlemanc.core.errors import InputError
from carlemanc.core.output_place import OutputPlace, anchor, directory_place, file_place

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
_APPENDING = os.O_WRONLY | os.O_NOCTTY | os.O_APPEND
_MADE = "output"
"""The name, in the hidden directory, of a directory that is made."""
_readers: dict[tuple[int, int] | None, int] = {}
"""Descriptors of FIFOs that have a reader, by device and inode, until they are written into: to close one before
would tell the reader that all is said."""
_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def atomic_directory(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty directory to write into; it becomes `path` where the block ends without an error.

    Raises:
        InputError: where `path` is a file, or no directory can be made there, or the disk is full.
    """
    target = directory_place(path)
    with _workshop(target) as workshop:
        made = workshop / _MADE
        made.mkdir()
        yield made
        with _uninterrupted():
            if target.path.is_dir():
                for item, place in list(_moves(made, target.path)):
                    _settle(item, place)
            else:
                target.path.parent.mkdir(parents=True, exist_ok=True)
                made.rename(target.path)


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the name of a file to write; it becomes `path` where the block ends without an error.

    Raises:
        InputError: where `path` is a directory, or no file can be made there, or the disk is full.
    """
    target = file_place(path)
    with _workshop(target) as workshop:
        made = workshop / target.path.name
        yield made
        if target.written_into:  # the reader of a FIFO may take long: interrupts pass
            _pour(made, target)
        else:
            with _uninterrupted():
                _settle(made, target)


def check_directory_place(path: str | os.PathLike[str]) -> None:
    """Refuse at once, before any work, a path where no directory can be written.

    Raises:
        InputError: where something else is there or its place takes no files.
    """
    target = directory_place(path)
    _try(target, target.path if target.status is not None else anchor(target.path))


def check_file_place(path: str | os.PathLike[str]) -> None:
    """Refuse at once, before any work, a path where no file can be written.

    Raises:
        InputError: where the path is a directory, its place takes no files, or it is a FIFO that nobody reads.
    """
    target = file_place(path)
    if target.written_into:
        _meet_reader(target)
    else:
        _try(target, anchor(target.path))


def _try(target: OutputPlace, directory: Path) -> None:
    """Make something in a directory and remove it: what its mode promises, the file system may refuse."""
    trial = directory / _hidden_name()
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError as error:
        target.refuse(f"a place in {directory}, which takes no files ({error.strerror})", "a writable place")


@contextmanager
def _workshop(target: OutputPlace) -> Iterator[Path]:
    """Yield a hidden directory on the file system of the target; remove it in the end."""
    parent = Path(tempfile.gettempdir()) if target.written_into else anchor(target.path)
    workshop = parent / _hidden_name()
    try:
        workshop.mkdir()
        yield workshop
    except (
        InputError
    ) as error:  # of a file in the directory that is made: the reader knows its place at the end
        inner = str(workshop / _MADE)
        problems = [replace(one, where=one.where.replace(inner, target.asked)) for one in error.problems]
        raise InputError(error.title, problems) from None
    except OSError as error:
        places = tuple(map(str, (workshop, target.path, target.path.parent)))
        inside = str(error.filename or "").startswith(places)
        if error.errno in _FULL or inside or (error.errno is None and type(error) is OSError):
            found = f"a place that cannot be written ({error.strerror or error})"
            target.refuse(found, "room for the output")
        raise
    finally:
        with _uninterrupted():
            shutil.rmtree(workshop, ignore_errors=True)


def _moves(made: Path, target: Path) -> Iterator[tuple[Path, OutputPlace]]:
    """Yield each file that was made with its place; a place that takes none is refused before any file moves."""
    for item in sorted(made.iterdir()):
        if item.is_dir():
            yield from _moves(item, directory_place(target / item.name).path)
        else:
            place = file_place(target / item.name)
            _meet_reader(place)
            yield item, place


def _settle(made: Path, place: OutputPlace) -> None:
    """Put a file that was made where it belongs, with the mode and the owner of the one it replaces."""
    if place.written_into:
        _pour(made, place)
        return
    place.path.parent.mkdir(parents=True, exist_ok=True)
    _like(made, place.status)
    try:
        made.replace(place.path)
    except OSError as error:
        if error.errno != errno.EXDEV:  # a link in the directory leads to another file system
            raise
        near = place.path.with_name(_hidden_name())
        try:
            shutil.copyfile(made, near)
            _like(near, place.status)
            near.replace(place.path)
        finally:
            near.unlink(missing_ok=True)


def _like(made: Path, status: os.stat_result | None) -> None:
    """Give a file the owner, as far as this user may, and the mode of what it replaces."""
    if status is not None:
        with suppress(PermissionError):
            os.chown(made, status.st_uid, status.st_gid)
        made.chmod(stat.S_IMODE(status.st_mode))


def _hidden_name() -> str:
    return f".carlemanc.{secrets.token_hex(6)}.partial"


def _pour(made: Path, place: OutputPlace) -> None:
    _meet_reader(place)
    descriptor = _readers.pop(_identity(place), None)
    if descriptor is None:
        descriptor = os.open(place.path, _APPENDING)
    with made.open("rb") as source, os.fdopen(descriptor, "wb") as sink:
        shutil.copyfileobj(source, sink)


def _meet_reader(place: OutputPlace) -> None:
    """Open a FIFO for its reader; InputError where it has none. Anything else is left alone."""
    if place.status is None or not stat.S_ISFIFO(place.status.st_mode) or _identity(place) in _readers:
        return
    try:
        descriptor = os.open(place.path, _APPENDING | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        place.refuse("a FIFO that nothing reads", "a file, or a FIFO whose reader is there first")
    os.set_blocking(descriptor, True)
    _readers[_identity(place)] = descriptor


def _identity(place: OutputPlace) -> tuple[int, int] | None:
    """The device and the inode of what is there."""
    return None if place.status is None else (place.status.st_dev, place.status.st_ino)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and the wish to end back until the block has ended (in the main thread; others never see them)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    previous: dict[signal.Signals, Callable[..., object] | int | None] = {}
    for held in _HELD:
        if signal.getsignal(held) is not signal.SIG_IGN:
            previous[held] = signal.signal(held, remember)
    try:
        yield
    finally:
        for held, handler in previous.items():
            signal.signal(held, handler if handler is not None else signal.SIG_DFL)
    for number in caught:
        signal.raise_signal(number)
