"""`carlemanc init`: a spec to start from, with every key explained."""

from __future__ import annotations

from pathlib import Path

from carlemanc.cli._copies import check_free, write_files
from carlemanc.cli._options import DEFAULTS, Common
from carlemanc.cli._output import expect_file, note, say
from carlemanc.commands.init import STARTER
from carlemanc.core.json_text import json_text


def init(*, example: str = STARTER, common: Common = DEFAULTS) -> int:
    """Write a spec in which every key stands with its meaning and default.

    Parameters
    ----------
    example
        The packaged example whose values are set; `carlemanc examples` lists them.
    """
    import carlemanc
    from carlemanc.spec.examples import example_named

    chosen = example_named(example, "--example")
    expect_file(common)
    text = carlemanc.init(example=example, overrides=common.overrides)
    if common.output is None:
        say(json_text({"example": example, "text": text}) if common.json else text)
        for file in chosen.data_files:
            note(f"the spec reads {file.name}, which `init --example {example} -o FILE` copies beside FILE")
        return 0
    place = Path(common.output)
    contents = {place: text.encode()}
    contents |= {place.parent / file.name: file.read_bytes() for file in chosen.data_files}
    check_free(contents, "init replaces nothing")
    write_files(contents)
    return 0
