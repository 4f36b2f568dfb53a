"""The options every verb has: `--set`, `--json`, `-o`, `--all`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

Spec = Annotated[
    str, Parameter(help="A TOML spec, or the name of a packaged example (see `carlemanc examples`).")
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options shared by all verbs."""

    overrides: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            negative=(),
            metavar="KEY=VALUE",
            show_default=False,
            help="Change a key of the spec, such as model.n=8; may be given several times.",
        ),
    ] = ()
    json: Annotated[
        bool, Parameter(name="--json", negative=(), show_default=False, help="Print one JSON document.")
    ] = False
    output: Annotated[
        str | None, Parameter(name=["-o", "--output"], metavar="PATH", help="Where results are written.")
    ] = None
    """As it was typed: a slash at its end asks for a directory."""
    all: Annotated[
        bool,
        Parameter(
            name="--all",
            negative=(),
            show_default=False,
            help="Print everything, not the first screen alone: each row, of an estimate its ledger and assumptions.",
        ),
    ] = False


DEFAULTS = Common()
