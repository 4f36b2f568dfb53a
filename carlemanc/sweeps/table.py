"""The rows of a sweep as a table: csv with exact integers, parquet with decimals of up to 38 digits.

Integers beyond 38 digits are texts in the parquet file (its widest decimal), digits in csv.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from carlemanc.core.atomic_output import atomic_file

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_DECIMAL_DIGITS = 38
_INT64 = 2**63 - 1
_NAMED = frozenset({"readout.observables"})
"""Lists whose items have names of their own: each item has columns under its name. Other lists have no column."""


def flatten(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as one level of columns: overrides, status, then the estimate's fields by dotted names."""
    flat: dict[str, object] = {}
    for text in row["overrides"]:
        key, _, value = str(text).partition("=")
        flat[key] = _number(value)
    flat["status"] = row["status"]
    flat["message"] = str(row["message"]).splitlines()[0] if row["message"] else ""
    for key, value in _leaves("", row["estimate"] or {}):
        flat.setdefault(key, value)
    return flat


def columns_of(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return all columns, in the order in which they are first seen."""
    return list(dict.fromkeys(key for row in rows for key in row))


def write_csv(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Write the flat rows; a missing value is empty, and no text is one that a spreadsheet would compute."""
    columns = columns_of(rows)
    with atomic_file(path) as place, place.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(map(inert, columns))
        writer.writerows([inert(row.get(key)) for key in columns] for row in rows)


def inert(value: object) -> Any:
    """Return a cell: numbers as they are, texts that spreadsheets take for formulas behind an apostrophe.

    The characters are those of OWASP's page on CSV injection, full-width ones included.

    >>> [inert("=1+1"), inert("-x"), inert(-1.5), inert(None), inert("model.n")]
    ["'=1+1", "'-x", -1.5, '', 'model.n']
    """
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def write_parquet(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Write the flat rows, each column of one type."""
    import polars

    series = [_column(polars, name, [row.get(name) for row in rows]) for name in columns_of(rows)]
    with atomic_file(path) as place, place.open("wb") as file:  # a name that is no UTF-8 is Python's to open
        polars.DataFrame(series).write_parquet(file)


def _column(polars: Any, name: str, values: list[Any]) -> Any:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, bool) for value in present):
        return polars.Series(name, values, dtype=polars.Boolean)
    if present and all(isinstance(value, int) and not isinstance(value, bool) for value in present):
        largest = max(abs(value) for value in present)
        if largest <= _INT64:
            return polars.Series(name, values, dtype=polars.Int64)
        if largest < 10**_DECIMAL_DIGITS:
            texts = polars.Series(name, [None if value is None else str(value) for value in values])
            return texts.cast(polars.Decimal(_DECIMAL_DIGITS, 0))
    elif present and all(isinstance(value, int | float) for value in present):
        return polars.Series(
            name, [None if value is None else float(value) for value in values], dtype=polars.Float64
        )
    return polars.Series(
        name, [None if value is None else str(value) for value in values], dtype=polars.String
    )


def _leaves(prefix: str, value: object) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{prefix}.{key}" if prefix else str(key), item)
    elif prefix in _NAMED and isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(f"{prefix}.{item['name']}", {k: v for k, v in item.items() if k != "name"})
    elif not isinstance(value, list | tuple):
        yield prefix, value


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
