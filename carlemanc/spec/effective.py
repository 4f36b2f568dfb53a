"""The spec that results were made from, as files to stand beside them: overrides set in it, data files copied.

`carlemanc estimate spec.toml`, in a directory that holds them, makes the same result again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.spec.commented import toml_key, toml_value
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema import ModelSpec

SPEC_FILE = "spec.toml"
_HEAD = "# What the results in this directory were made from, every --set included. Written by carlemanc.\n"
_DATA = (".npy", ".npz", ".csv", ".parquet")
_LARGEST_COPY = 64_000_000
"""A data file of more bytes is not copied: the spec keeps its full path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSpec:
    """The files to write, by their path in the directory, and the SHA-256 of spec.toml in hexadecimal."""

    files: Mapping[str, bytes]
    digest: str

    def write(self, directory: Path) -> None:
        """Write the files into a directory."""
        for name, content in self.files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_bytes(content)


def effective_spec(spec: ModelSpec, directory: Path) -> EffectiveSpec:
    """Return what makes `directory` hold its own spec; nothing where its spec.toml says the same already.

    Raises InputError where the directory holds another spec, or another data file, that carlemanc did not write.
    """
    tables, data = _gathered(spec.to_dict(), spec.base.absolute(), directory.absolute())
    text = _HEAD + toml_text(tables)
    kept = _kept(directory / SPEC_FILE, spec)
    if kept is not None:
        return EffectiveSpec(files={}, digest=hashlib.sha256(kept).hexdigest())
    for name, content in data.items():
        place = directory / name
        if is_file(place) and place.read_bytes() != content:
            raise _occupied(place, "another file of this name")
    files = {SPEC_FILE: text.encode(), **data}
    return EffectiveSpec(files=files, digest=hashlib.sha256(files[SPEC_FILE]).hexdigest())


def toml_text(tables: Mapping[str, Any]) -> str:
    """Return a spec, as `ModelSpec.to_dict` gives it, as TOML.

    >>> print(toml_text({"name": "a", "model": {"n": 2}}), end="")
    name = "a"
    <BLANKLINE>
    [model]
    n = 2
    """
    plain = [_line(key, value) for key, value in tables.items() if not isinstance(value, Mapping)]
    parts = [
        f"\n[{key}]\n" + "".join(_line(name, item) for name, item in value.items())
        for key, value in tables.items()
        if isinstance(value, Mapping)
    ]
    return "".join([*plain, *parts])


def _line(key: str, value: Any) -> str:
    return f"{toml_key(key)} = {toml_value(value)}\n"


def _gathered(value: Any, base: Path, directory: Path) -> tuple[Any, dict[str, bytes]]:
    """The tables with every data file named as it will be found, and the contents of those to copy."""
    data: dict[str, bytes] = {}

    def visit(item: Any) -> Any:
        if isinstance(item, Mapping):
            return {key: visit(inner) for key, inner in item.items()}
        if isinstance(item, list | tuple):
            return [visit(inner) for inner in item]
        if not isinstance(item, str) or not item.lower().endswith(_DATA) or not is_file(base / item):
            return item
        inside = not PurePath(item).is_absolute() and ".." not in PurePath(item).parts
        if not inside or (base / item).stat().st_size > _LARGEST_COPY:
            return str((base / item).absolute())
        if base != directory:
            data[item] = (base / item).read_bytes()
        return item

    return visit(value), data


def _kept(place: Path, spec: ModelSpec) -> bytes | None:
    """The spec.toml that stands there and says the same; None where there is none, or one that may be replaced."""
    if not is_file(place):
        return None
    content = place.read_bytes()
    if content.startswith(_HEAD.encode()):
        return None
    try:
        same = load_spec(place).to_dict() == spec.to_dict()
    except InputError:
        same = False
    if not same:
        raise _occupied(place, "another spec")
    return content


def _occupied(place: Path, found: str) -> InputError:
    problem = Problem(
        where=f"-o {place}",
        found=f"{found}, which carlemanc did not write",
        allowed="a directory without it: results stand beside the spec they were made from",
    )
    return InputError("The output cannot be written", [problem])
