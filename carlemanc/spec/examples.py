"""The packaged examples: TOML files in `carlemanc/examples`, found by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
