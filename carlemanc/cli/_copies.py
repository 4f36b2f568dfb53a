"""A spec and the data files that it reads, written together: all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from carlemanc.cli._output import note
from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import exists, is_file


def check_free(contents: Mapping[Path, bytes], rule: str) -> None:
    """Refuse places that something else than these contents has already. Raises InputError with every one."""
    there = [
        Problem(
            where=f"-o {place}",
            found="a file" if is_file(place) else "no file",
            allowed=f"a name that is free: {rule}",
        )
        for place, content in contents.items()
        if exists(place) and not (is_file(place) and place.read_bytes() == content)
    ]
    if there:
        raise InputError("The spec is not written", there)


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write every file beside its place, then move them there; say so on stderr."""
    with ExitStack() as stack:
        places = [(stack.enter_context(atomic_file(place)), content) for place, content in contents.items()]
        for made, content in places:
            made.write_bytes(content)
    for place in contents:
        note(f"wrote {place}")
