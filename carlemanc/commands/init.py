"""`init`: a spec to start from, with every key explained."""

from __future__ import annotations

from collections.abc import Iterable

from carlemanc.spec.commented import commented_spec
from carlemanc.spec.examples import example_named
from carlemanc.spec.loading import load_spec

STARTER = "quartic-pair"
"""The example whose values are set where none is named."""


def init(*, example: str = STARTER, overrides: Iterable[str] = ()) -> str:
    """Return the TOML text of a spec in which every key stands with its meaning and default.

    Args:
        example: the packaged example whose values are set.
        overrides: `KEY=VALUE` strings.

    Raises InputError where there is no such example, or an override that the spec cannot have.
    """
    tables = load_spec(example_named(example, "--example").path, overrides).to_dict()
    tables.pop("name")  # the file's own name will do
    return commented_spec(tables)
