"""`carlemanc init`: a spec to start from, with every key explained."""

from __future__ import annotations

from pathlib import Path

from carlemanc.cli._options import DEFAULTS, Common
from carlemanc.cli._output import expect_file, note, save, say
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.json_text import json_text
from carlemanc.core.places import exists, is_file

STARTER = "quartic-pair"
"""The example that `init` writes where none is named."""


def init(*, example: str = STARTER, common: Common = DEFAULTS) -> int:
    """Write a spec in which every key stands with its meaning and default.

    Parameters
    ----------
    example
        The packaged example whose values are set; `carlemanc examples` lists them.
    """
    from carlemanc.spec.commented import commented_spec
    from carlemanc.spec.examples import DIRECTORY, example_names
    from carlemanc.spec.loading import load_spec
    from carlemanc.spec.problems import nearest, shown

    if example not in example_names():
        close = nearest(example, example_names())
        advice = f'did you mean "{close}"?' if close else ""
        problem = Problem(
            where="--example", found=shown(example), allowed=", ".join(example_names()), help=advice
        )
        raise InputError("There is no such example", [problem])
    expect_file(common)
    tables = load_spec(DIRECTORY / f"{example}.toml", common.overrides).to_dict()
    tables.pop("name")  # the file's own name will do
    text = commented_spec(tables)
    files = _files(tables, DIRECTORY)
    if common.output is None:
        say(json_text({"example": example, "text": text}) if common.json else text)
        for file in files:
            note(f"the spec reads {file.name}, which `init --example {example} -o FILE` copies beside FILE")
        return 0
    _refuse_to_replace([common.output, *(common.output.parent / file.name for file in files)])
    save(common.output, text)
    for file in files:
        _copy(file, common.output.parent / file.name)
    return 0


def _files(value: object, directory: Path) -> list[Path]:
    """Return the packaged data files that the values of a spec name."""
    if isinstance(value, dict):
        return [file for item in value.values() for file in _files(item, directory)]
    if isinstance(value, str) and value.endswith((".npz", ".npy")) and is_file(directory / value):
        return [directory / value]
    return []


def _refuse_to_replace(places: list[Path]) -> None:
    there = [
        Problem(where=f"-o {place}", found="a file", allowed="a name that is free: init replaces nothing")
        for place in places
        if exists(place)
    ]
    if there:
        raise InputError("The spec is not written", there)


def _copy(source: Path, place: Path) -> None:
    from carlemanc.core.atomic_output import atomic_file

    with atomic_file(place) as made:
        made.write_bytes(source.read_bytes())
    note(f"wrote {place}")
