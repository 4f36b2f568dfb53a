"""`carlemanc schema`: the JSON schema of a spec."""

from __future__ import annotations

from carlemanc.cli._options import DEFAULTS, Common
from carlemanc.cli._output import expect_file, save, say
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.json_text import json_text


def schema(*, common: Common = DEFAULTS) -> int:
    """Print the JSON schema of a spec; TOML tables are its objects."""
    import carlemanc

    if common.overrides:
        problem = Problem(
            where="--set", found=", ".join(common.overrides), allowed="nothing: schema reads no spec"
        )
        raise InputError("schema takes no --set", [problem])
    expect_file(common)
    text = json_text(carlemanc.schema())
    if common.output is None:
        say(text)
    else:
        save(common.output, text)
    return 0
