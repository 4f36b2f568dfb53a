"""What a name stands for on disk. A name that no file system takes, or that may not be looked at, stands for nothing.

`Path.is_file` answers False for a name that is free and raises for one that is too long or lies behind a closed
directory: for whoever asks, both are no file.
"""

from __future__ import annotations

import os

Place = str | os.PathLike[str]


def is_file(path: Place) -> bool:
    """Return whether a regular file, or a link to one, has this name.

    >>> is_file("x" * 5000)
    False
    """
    return os.path.isfile(path)  # noqa: PTH113


def is_directory(path: Place) -> bool:
    """Return whether a directory, or a link to one, has this name."""
    return os.path.isdir(path)  # noqa: PTH112


def exists(path: Place) -> bool:
    """Return whether anything has this name."""
    return os.path.exists(path)  # noqa: PTH110
