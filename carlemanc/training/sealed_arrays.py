"""Arrays that an unfinished run keeps to go on from: sealed, written whole or not at all, read as a stranger's."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import Array
from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.sealed import read_sealed, sealed, set_aside
from carlemanc.model.array_file import ArrayFileError, archive_arrays


def write_arrays(path: Path, arrays: Mapping[str, npt.ArrayLike]) -> None:
    """Write named arrays beside their place and move them there."""
    content = io.BytesIO()
    named = {name: np.asarray(item) for name, item in arrays.items()}
    np.savez(content, **named)  # type: ignore[arg-type, unused-ignore]
    with atomic_file(path) as place:
        place.write_bytes(sealed(content.getvalue()))


def read_arrays(path: Path, instead: str) -> dict[str, Array] | None:
    """Return the arrays of a file; None where there is none, or where it is damaged and set aside.

    Args:
        path: the file.
        instead: what is done without it, in words, for the warning.
    """
    content = read_sealed(path, instead)
    if content is None:
        return None
    try:
        return archive_arrays(io.BytesIO(content), path.name, largest=len(content))
    except ArrayFileError:
        set_aside(path, instead)
        return None
