"""The steps of a Lanczos run on disk, each file whole or not there, under a digest of all that decides them.

A run that finds its own digest goes on after the last step that is there; another model, mask, data, seed or
number of probes has another digest and never meets these files.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.core.arrays import Array
from carlemanc.core.json_text import json_text
from carlemanc.training.sealed_arrays import read_arrays, write_arrays

FOLDER = ".lanczos"
"""Where, in the output directory, the steps of unfinished runs are."""


class FileLog:
    """One `.npz` a step in a directory of its own.

    Attributes:
        seconds: the time of all steps, of those of earlier runs too.
        resumed: how many steps were there already.
        written: how many were added.
    """

    def __init__(self, directory: Path, digest: str) -> None:
        self.place = directory / FOLDER / digest[:24]
        self.seconds = 0.0
        self.resumed = 0
        self.written = 0
        self._since = time.monotonic()

    def read(self, step: int) -> dict[str, Array] | None:
        """Return the arrays of a step, or None."""
        arrays = read_arrays(self._file(step), "the steps from there on are computed again")
        if arrays is None:
            self._forget_after(step)
            return None
        self.seconds += float(arrays.pop("seconds"))
        self.resumed = step + 1
        self._since = time.monotonic()
        return arrays

    def write(self, step: int, arrays: dict[str, Array]) -> None:
        """Write a step beside its place and move it there."""
        taken = time.monotonic() - self._since
        write_arrays(self._file(step), {"seconds": np.array(taken), **arrays})
        self.seconds += taken
        self.written += 1
        self._since = time.monotonic()

    def remove(self) -> None:
        """Forget the steps, after the result that they led to is written."""
        shutil.rmtree(self.place, ignore_errors=True)
        with suppress(OSError):  # other runs may have steps there
            self.place.parent.rmdir()

    def _forget_after(self, step: int) -> None:
        """Remove what was computed from a step that is computed again."""
        for file in self.place.glob("step-*.npz"):
            if file.name > self._file(step).name:
                file.unlink(missing_ok=True)

    def _file(self, step: int) -> Path:
        return self.place / f"step-{step:05d}.npz"


def digest_of(inputs: Mapping[str, object]) -> str:
    """Return the SHA-256 of named inputs: numbers, texts, arrays, tensors, and lists and tables of these."""
    hasher = sha256()
    _feed(hasher, dict(inputs))
    return hasher.hexdigest()


def _feed(hasher: Any, value: Any) -> None:
    if isinstance(value, Mapping):
        for key in sorted(value, key=str):
            hasher.update(f"{{{key}:".encode())
            _feed(hasher, value[key])
    elif isinstance(value, list | tuple):
        hasher.update(f"[{len(value)}".encode())
        for item in value:
            _feed(hasher, item)
    elif hasattr(value, "detach"):
        _feed(hasher, value.detach().cpu().numpy())
    elif isinstance(value, np.ndarray):
        hasher.update(f"{value.dtype.str}{value.shape}".encode())
        hasher.update(np.ascontiguousarray(value).data)
    else:
        hasher.update(json_text({"value": value}, indent=None).encode())
