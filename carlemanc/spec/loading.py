"""`load_spec`: a path, the name of a packaged example, a dictionary or a `ModelSpec`, with overrides."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_directory, is_file
from carlemanc.spec.examples import DIRECTORY, example_names
from carlemanc.spec.overrides import apply_overrides
from carlemanc.spec.problems import Origin, nearest, shown
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.toml_text import read_toml

SpecSource = ModelSpec | str | os.PathLike[str] | Mapping[str, Any]


def load_spec(source: SpecSource, overrides: Iterable[str] = ()) -> ModelSpec:
    """Return the validated spec.

    Arguments:
        source: a TOML file, the name of a packaged example, nested dictionaries, or a `ModelSpec`.
        overrides: texts `KEY=VALUE` with dotted keys, as after `--set`; the last one for a key wins.

    Raises:
        InputError: one message with every problem found.
    """
    overrides = tuple(overrides)
    if isinstance(source, ModelSpec):
        if not overrides:
            return source
        return _build(source.to_dict(), overrides, label=source.origin, base=source.base, held=source.held)
    if isinstance(source, Mapping):
        return _build(source, overrides, label="ModelSpec", base=Path.cwd())
    path = _find(source)
    label = path.name if path.parent == DIRECTORY else os.fspath(source)
    tables = read_toml(path, label)
    tables.setdefault("name", path.stem)
    return _build(tables, overrides, label=label, base=path.parent)


def _build(
    tables: Mapping[str, object],
    overrides: tuple[str, ...],
    *,
    label: str,
    base: Path,
    held: Mapping[str, bytes] | None = None,
) -> ModelSpec:
    merged, keys = apply_overrides(tables, overrides)
    origin = Origin(label=label, base=base, overridden=keys, held=held or {})
    return ModelSpec.from_dict(merged, origin=origin)


def _find(source: str | os.PathLike[str]) -> Path:
    name = os.fspath(source)
    if is_file(name):
        return Path(name).absolute()
    names = example_names()
    if name in names:
        return DIRECTORY / f"{name}.toml"
    close = nearest(name, names)
    found = f"{shown(name)}, which is {'a directory' if is_directory(name) else 'no file'} and no packaged example"
    advice = f'did you mean "{close}"?' if close else f"packaged examples: {', '.join(names)}"
    problem = Problem(
        where="SPEC", found=found, allowed="a TOML file or the name of a packaged example", help=advice
    )
    raise InputError("There is no such spec", [problem])
