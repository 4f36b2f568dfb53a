"""A place for Matplotlib, which cirq imports, to keep its fonts in: the user's own where that can be written."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_CHOICE = "MPLCONFIGDIR"
_BASES = (("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache"))


def give_matplotlib_a_place() -> None:
    """Name a temporary directory, removed at the end, where the places that Matplotlib would take cannot be written.

    It would do the same, and say so in two lines on stderr; worker processes inherit this one.
    """
    if all(map(_takes_files, _places())):
        return
    place = tempfile.mkdtemp(prefix="carlemanc.matplotlib.")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    os.environ[_CHOICE] = place


def _places() -> list[Path]:
    """The directories of settings and of the cache, by the rules of Matplotlib."""
    if chosen := os.environ.get(_CHOICE):
        return [Path(chosen)]
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises where there is none
    return [Path(os.environ.get(name) or Path(home, base), "matplotlib") for name, base in _BASES]


def _takes_files(place: Path) -> bool:
    """Return whether a directory can be written, or made."""
    place = Path(os.path.realpath(place))
    while not os.path.lexists(place):
        place = place.parent
    try:  # what its mode promises, the file system may refuse
        with tempfile.TemporaryDirectory(prefix=".carlemanc.", dir=place):
            return True
    except OSError:
        return False
