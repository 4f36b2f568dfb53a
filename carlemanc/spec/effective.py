"""The spec that results were made from, as files to stand beside them: overrides set in it, data files copied.

`carlemanc estimate spec.toml`, in a directory that holds them, makes the same result again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.spec.commented import toml_key, toml_value
from carlemanc.spec.inputs import data_file
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema import ModelSpec

SPEC_FILE = "spec.toml"
_HEAD = "# What the results in this directory were made from, every --set included. Written by carlemanc.\n"
_HEAD_RESOLVED = "# Every choice written in: this spec gives the same numbers again. Written by carlemanc.\n"
_RECORDS = ("about.json", "sweep.json")
"""Documents that say which files of a directory carlemanc wrote (see `EffectiveSpec.record`)."""
_LARGEST_COPY = 64_000_000
"""A data file of more bytes is not copied: the spec keeps its full path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSpec:
    """The files to write, by their path in the directory, and the SHA-256 of spec.toml in hexadecimal."""

    files: Mapping[str, bytes]
    digest: str

    def write(self, directory: Path) -> None:
        """Write the files into a directory, each whole or not at all."""
        for name, content in self.files.items():
            with atomic_file(directory / name) as place:
                place.write_bytes(content)

    def record(self) -> dict[str, Any]:
        """Return what the results say about these files: the SHA-256 of spec.toml and of each that is written."""
        files = {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}
        return {"spec_sha256": self.digest, "files": files}


def effective_spec(spec: ModelSpec, directory: Path) -> EffectiveSpec:
    """Return what makes `directory` hold its own spec and data; a spec.toml that says the same already stays.

    Raises InputError where the directory holds another spec that carlemanc did not write, or other data.
    """
    tables, data = _gathered(spec.to_dict(), spec.base.absolute(), directory.absolute())
    data |= spec.held
    kept = _kept(directory / SPEC_FILE, spec)
    for name, content in data.items():
        if is_file(directory / name) and (there := (directory / name).read_bytes()) != content:
            raise _other_data(directory, name, there)
    if kept is not None:
        return EffectiveSpec(files=data, digest=hashlib.sha256(kept).hexdigest())
    files = {SPEC_FILE: (_HEAD + toml_text(tables)).encode(), **data}
    return EffectiveSpec(files=files, digest=hashlib.sha256(files[SPEC_FILE]).hexdigest())


def resolved(spec: ModelSpec, choices: Mapping[str, Mapping[str, Any]]) -> ModelSpec:
    """Return a spec with every key that was chosen for it written in: it gives the same numbers again."""
    return load_spec(spec, [f"{key}={toml_value(found['value'])}" for key, found in choices.items()])


def resolved_text(spec: ModelSpec, choices: Mapping[str, Mapping[str, Any]], directory: Path) -> str:
    """Return a resolved spec as TOML, to stand in a directory: files that it names keep their place."""
    tables = _placed(resolved(spec, choices).to_dict(), spec.base.absolute(), directory.absolute())
    return _HEAD_RESOLVED + toml_text(tables)


def _placed(value: object, base: Path, directory: Path) -> Any:
    """The tables with every data file named as it is found from a directory."""
    return _named(value, base, lambda name, path: name if base == directory else str(path.absolute()))


def _named(value: object, base: Path, rename: Callable[[str, Path], str]) -> Any:
    """The tables with every data file renamed, from what it is called there and where it stands."""
    if isinstance(value, Mapping):
        return {key: _named(inner, base, rename) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_named(inner, base, rename) for inner in value]
    path = data_file(value, base) if isinstance(value, str) else None
    return value if path is None else rename(str(value), path)


def toml_text(tables: Mapping[str, object]) -> str:
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


def _line(key: str, value: object) -> str:
    return f"{toml_key(key)} = {toml_value(value)}\n"


def _gathered(value: object, base: Path, directory: Path) -> tuple[Any, dict[str, bytes]]:
    """The tables with every data file named as it will be found, and the contents of those to copy."""
    data: dict[str, bytes] = {}

    def rename(name: str, path: Path) -> str:
        inside = not PurePath(name).is_absolute() and ".." not in PurePath(name).parts
        if not inside or path.stat().st_size > _LARGEST_COPY:
            return str(path.absolute())
        if base != directory:
            data[name] = path.read_bytes()
        return name

    return _named(value, base, rename), data


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


def _other_data(directory: Path, name: str, there: bytes) -> InputError:
    """The error about a data file that stands where this spec's own has to go, with how it came there."""
    written = {str(files[name]) for files in _recorded(directory) if name in files}
    if hashlib.sha256(there).hexdigest() in written:
        found = f"the {name} that results here were made from: the one that the spec names has changed since"
    elif written:
        found = f"the copy of {name} that carlemanc wrote there, changed since"
    else:
        found = "another file of this name, and no record that carlemanc wrote it"
    problem = Problem(
        where=f"-o {directory / name}",
        found=found,
        allowed="the data of this spec, or no such file",
        help=f"choose another directory, or remove {directory} with its results",
    )
    return InputError("The output cannot be written beside results of other inputs", [problem])


def _recorded(directory: Path) -> list[Mapping[str, Any]]:
    """What each record of a directory says of the files that were written: name -> SHA-256."""
    found = []
    for record in _RECORDS:
        try:
            document = json.loads((directory / record).read_bytes())
        except (OSError, ValueError, RecursionError):
            continue  # a directory without that record
        files = document.get("files") if isinstance(document, Mapping) else None
        found += [files] if isinstance(files, Mapping) else []
    return found
