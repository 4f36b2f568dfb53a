"""The packaged examples: TOML files in `carlemanc/examples`, found by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.spec.problems import nearest, shown
from carlemanc.spec.toml_text import parse_toml

DIRECTORY = Path(__file__).resolve().parent.parent / "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One packaged spec: its name and the first comment line of its file."""

    name: str
    summary: str
    path: Path

    @property
    def text(self) -> str:
        """The TOML text."""
        return self.path.read_text(encoding="utf-8")

    @property
    def data_files(self) -> tuple[Path, ...]:
        """The packaged files that the spec reads: it runs where they stand beside it."""
        return tuple(_named_files(parse_toml(self.text, self.name)))


def example_named(name: str, where: str) -> Example:
    """Return the packaged example of a name. Raises InputError, with the place of the name, where there is none."""
    found = {example.name: example for example in packaged_examples()}
    if name not in found:
        close = nearest(name, found)
        advice = f'did you mean "{close}"?' if close else ""
        problem = Problem(where=where, found=shown(name), allowed=", ".join(found), help=advice)
        raise InputError("There is no such example", [problem])
    return found[name]


def packaged_examples() -> tuple[Example, ...]:
    """Return every packaged example, by name."""
    return tuple(_example(path) for path in sorted(DIRECTORY.glob("*.toml")))


def example_names() -> tuple[str, ...]:
    """Return the names of the packaged examples."""
    return tuple(path.stem for path in sorted(DIRECTORY.glob("*.toml")))


def _example(path: Path) -> Example:
    with path.open(encoding="utf-8") as file:
        summary = file.readline().removeprefix("#").strip()
    return Example(name=path.stem, summary=summary, path=path)


def _named_files(value: object) -> list[Path]:
    if isinstance(value, dict):
        return [file for item in value.values() for file in _named_files(item)]
    if isinstance(value, str) and value.endswith((".npz", ".npy")) and is_file(DIRECTORY / value):
        return [DIRECTORY / value]
    return []
