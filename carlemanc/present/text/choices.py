"""What a search chose, in one line: a word a key, the method first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from carlemanc.present.text.amounts import amount

Choices = Mapping[str, Mapping[str, Any]]
"""Each key with its value, and whether the spec or the search chose it."""
_NAMES = {"solver.method": "method", "readout.method": "readout"}
"""How keys are told whose last word says too little."""
_LEFT = (0, False, "auto")
"""Values that leave a thing as it is."""


def chosen_words(choices: Choices, keys: Iterable[str] | None = None) -> str:
    """Return what the search chose for some keys, all by default.

    What it left as it is (0, false, auto) is not told.
    """
    wanted = set(choices) if keys is None else set(keys)
    return ", ".join(
        f"{_NAMES.get(key, key.rpartition('.')[2])} {_value(choices[key]['value'])}"
        for key in sorted(wanted, key=lambda key: (key != "solver.method", key))
        if choices[key]["by"] == "search" and choices[key]["value"] not in _LEFT
    )


def _value(value: object) -> str:
    """Return a value as a spec would have it, a number in three digits."""
    if isinstance(value, bool):
        return str(value).lower()
    return amount(value) if isinstance(value, int | float) else str(value)
