"""Numbers that took long to compute, kept between processes: a small file each, named by what they follow from.

A cache is never needed and changes no result: what it returns is what would be computed. It lies in the directory
that `CARLEMANC_CACHE` names, else in `carlemanc` under `XDG_CACHE_HOME`, else in `~/.cache/carlemanc`;
`CARLEMANC_CACHE=off` turns it off. A file is written whole or not at all. One that cannot be read as what was written
is reported and replaced; a directory that takes no files is none.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from carlemanc import __version__

VARIABLE = "CARLEMANC_CACHE"
_FORMAT = "carlemanc.cache/1"
Numbers = dict[str, float]


def cache_directory() -> Path | None:
    """Return where numbers are kept between processes; None where the cache is turned off or has no place."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() in ("off", "0", "no", "none"):
        return None
    if chosen:
        return Path(chosen).absolute()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if shared and Path(shared).is_absolute():  # the XDG rules: a relative path is to be ignored
        return Path(shared) / "carlemanc"
    try:
        return Path.home() / ".cache" / "carlemanc"
    except RuntimeError:  # no home is known
        return None


def remembered(kind: str, inputs: str, compute: Callable[[], Numbers]) -> Numbers:
    """Return `compute()`, finite positive numbers by name, or what it gave before for the same kind and inputs.

    Args:
        kind: what is computed, the name of a folder.
        inputs: a text that everything the numbers depend on is in; the version of carlemanc is added.
        compute: makes the numbers; its errors pass through, and nothing is kept then.
    """
    place = _place(kind, inputs)
    if place is not None and (found := _read(place, kind)) is not None:
        return found
    numbers = compute()
    if place is not None:
        _write(place, kind, numbers)
    return numbers


def _place(kind: str, inputs: str) -> Path | None:
    directory = cache_directory()
    if directory is None:
        return None
    digest = hashlib.sha256(f"{_FORMAT}|{__version__}|{kind}|{inputs}".encode()).hexdigest()
    return directory / kind / f"{digest}.json"


def _read(place: Path, kind: str) -> Numbers | None:
    try:
        text = place.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        text = ""
    except OSError:
        return None
    numbers = _parsed(text, kind)
    if numbers is None:
        warnings.warn(f"the cache entry {place} is damaged: it is computed anew and replaced", stacklevel=4)
    return numbers


def _parsed(text: str, kind: str) -> Numbers | None:
    """Return the numbers of an entry whose checksum holds, None for any other text."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, Mapping) or document.get("format") != _FORMAT or document.get("kind") != kind:
        return None
    numbers = document.get("numbers")
    if not isinstance(numbers, dict) or document.get("checksum") != _checksum(numbers):
        return None
    is_whole = all(isinstance(value, float) and 0.0 < value < math.inf for value in numbers.values())
    return dict(numbers) if numbers and is_whole else None


def _write(place: Path, kind: str, numbers: Numbers) -> None:
    document = {"format": _FORMAT, "kind": kind, "numbers": numbers, "checksum": _checksum(numbers)}
    draft = place.with_name(f".{place.stem}.{secrets.token_hex(6)}.partial")
    with suppress(OSError):
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(document) + "\n", encoding="utf-8")
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)


def _checksum(numbers: object) -> str:
    return hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()
