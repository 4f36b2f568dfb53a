"""Everything that a result depends on, as digests: version, spec, the files it names or runs, options.

One digest for all that is kept on disk to be used again: the rows of a sweep, the checkpoint of a training. Where
two of them differ, `changes` says in what.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carlemanc import __version__
from carlemanc.core.document import Document
from carlemanc.core.json_text import plain
from carlemanc.core.places import is_file
from carlemanc.spec.module_sources import module_files

DATA_SUFFIXES = (".npy", ".npz", ".csv", ".parquet")
"""A text of a spec that ends so names a data file, relative to the spec, where there is one."""

_MODULE_KEY = "module"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs(Document):
    """What a result was made from; equal inputs give equal results.

    Attributes:
        version: of carlemanc.
        spec: SHA-256 of the tables.
        files: name -> SHA-256 of data files and module sources.
        options: what was asked for beside the spec, as JSON has it.
    """

    version: str
    spec: str
    files: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, object],
        base: Path,
        options: Mapping[str, object],
        *,
        held: Mapping[str, bytes] | None = None,
        known: dict[Path, str] | None = None,
    ) -> Inputs:
        """Return the inputs of a spec.

        Args:
            tables: of the spec, overrides written in.
            base: the folder its files are relative to.
            options: plain values.
            held: contents of data files that are held in memory, by their names.
            known: SHA-256 of files that were read already; what is read now is added.
        """
        known = {} if known is None else known
        found = {name: _sha256(path, known) for name, path in input_files(tables, base).items()}
        found |= {name: hashlib.sha256(content).hexdigest() for name, content in (held or {}).items()}
        files = dict(sorted(found.items()))
        given = plain({str(key): value for key, value in options.items()})
        return cls(version=__version__, spec=_text_digest(tables), files=files, options=given)

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, its first 32 hexadecimal digits."""
        return _text_digest(self.to_json())[:32]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Inputs:
        """Return what `to_json` wrote."""
        names = ("version", "spec", "files", "options")
        return cls(**{name: document[name] for name in names})

    def changes(self, before: Inputs) -> str:
        """Return in words what is not as it was; empty where all is."""
        found = [
            *([f"carlemanc is {self.version} and was {before.version}"] * (self.version != before.version)),
            *(["the spec has changed"] * (self.spec != before.spec)),
            *(
                f"{name} has changed"
                for name in sorted(self.files.keys() | before.files.keys())
                if self.files.get(name) != before.files.get(name)
            ),
            *(["the options are others"] * (self.options != before.options)),
        ]
        return ", ".join(found)


def input_files(tables: object, base: Path) -> dict[str, Path]:
    """Return the files a spec reads, by their names in it: data files, and the sources of its module."""
    found: dict[str, Path] = {}
    for key, text in _texts(tables, ""):
        if key == _MODULE_KEY:
            found |= module_files(text, base)
        elif (path := data_file(text, base)) is not None:
            found[text] = path
    return found


def data_file(text: str, base: Path) -> Path | None:
    """Return the data file that a text of a spec names, or None."""
    path = base / text if text.lower().endswith(DATA_SUFFIXES) else None
    return path if path is not None and is_file(path) else None


def _texts(value: object, key: str) -> Iterator[tuple[str, str]]:
    """Every text of nested tables and lists, with the key it stands under."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, str):
        yield key, value


def _sha256(path: Path, known: dict[Path, str]) -> str:
    if path not in known:
        try:
            with path.open("rb") as file:
                known[path] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:  # whoever reads it says what is wrong
            known[path] = f"unreadable: {error.strerror}"
    return known[path]


def _text_digest(document: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(plain(document), sort_keys=True).encode()).hexdigest()
