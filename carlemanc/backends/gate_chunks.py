"""Gates a chunk at a time, those of one kind in a chunk together: how files of text and of bytes are written.

What stands for a gate is looked up or glued in numpy object arrays, so a million gates take about a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.progress import task
from carlemanc.programs.lowering import LOWERED_OPS, LoweredProgram

Pieces = npt.NDArray[np.object_]
"""Strings or bytes."""


def chunks(lowered: LoweredProgram, size: int) -> Iterator[slice]:
    """Yield the gates in slices of a size, with progress as each is done."""
    with task("writing gates", len(lowered)) as progress:
        for start in range(0, len(lowered), size):
            yield slice(start, start + size)
            progress.advance(min(size, len(lowered) - start))


def written(
    lowered: LoweredProgram, part: slice, write: Callable[[str, npt.NDArray[np.intp]], Any]
) -> list[Any]:
    """Return what stands for each gate of a chunk; `write` has the name of a gate and all its places in the program."""
    codes = lowered.codes[part]
    pieces: Pieces = np.empty(len(codes), dtype=object)
    for code in np.unique(codes).tolist():
        at = np.flatnonzero(codes == code)
        pieces[at] = write(LOWERED_OPS[code], at + part.start)
    found: list[Any] = pieces.tolist()
    return found


def pieces_of(items: Iterable[str] | Iterable[bytes]) -> Pieces:
    """Return strings, or bytes, as a one-dimensional object array."""
    return np.array(list(items), dtype=object)
