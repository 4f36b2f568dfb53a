"""Tables of results as pandas DataFrames; pandas is imported when the first is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


def frame(rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Return rows as a DataFrame, its columns in the order in which they are first seen.

    Integers that 64 bits do not hold stay Python's own, exact, in a column of objects.
    """
    import pandas

    listed = list(rows)
    return pandas.DataFrame(listed, columns=list(dict.fromkeys(key for row in listed for key in row)))


def configuration_row(
    document: Mapping[str, Any], choices: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the texts and numbers of a document, then the value of each key that can be searched, by the key."""
    plain = {
        key: value for key, value in document.items() if value is None or isinstance(value, str | int | float)
    }
    return plain | {key: found["value"] for key, found in choices.items()}
