"""Readers of data sources: each returns named columns and says which of them may be the target."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.core.arrays import Array
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.model.array_file import LARGEST, ArrayFileError, read_archive, read_array
from carlemanc.model.data.column import (
    SPACE,
    NumberColumn,
    TextColumn,
    column_of_no_numbers,
    number_in,
    numeric_column,
)

SKLEARN = ("breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine")
"""The data sets that scikit-learn ships; its others would need a network."""
LARGEST_TEXT = 200_000_000
"""Bytes of a csv file that is read: about a minute; larger tables belong in .parquet or .npz."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceTable:
    """Columns of one length.

    Attributes:
        source: where they come from, as the user wrote it.
        columns: by name, all of one length.
        targets: columns that may be y.
        default_target: y unless the spec says otherwise; None where it has to.
        dedicated: columns that are never features.
    """

    source: str
    columns: Mapping[str, NumberColumn]
    targets: tuple[str, ...]
    default_target: str | None
    dedicated: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return min(len(column.values) for column in self.columns.values())

    def features(self, target: str | None) -> tuple[str, ...]:
        """Return the feature columns, given which is the target."""
        return tuple(name for name in self.columns if name != target and name not in self.dedicated)


def read_table(source: str, base: Path) -> SourceTable:
    """Return the columns of `sklearn:NAME`, or of a file relative to `base`.

    Raises:
        InputError: unknown source, missing or unreadable file, arrays that do not fit together.
    """
    if source.startswith("sklearn:"):
        return _read_sklearn(source)
    path = base / source
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise refused(repr(source), f"sklearn:NAME or a file {', '.join(_READERS)}")
    if not is_file(path):
        raise refused(f"no file {path}", "a file that exists, relative to the spec")
    try:
        table = reader(path, source)
    except ArrayFileError as error:
        raise refused(str(error), f"a readable {path.suffix} file of numbers") from None
    except (OSError, ValueError, csv.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refused(f"{source}: {reason}", f"a readable {path.suffix} file") from None
    if not table.rows:
        raise refused(f"{source}: columns with no rows", "a file with at least one row of numbers")
    return table


def refused(found: str, allowed: str, help: str = "") -> InputError:
    """Return the error for a data source."""
    problem = Problem(where="data.source", found=found, allowed=allowed, help=help)
    return InputError("The data cannot be read.", [problem])


def _read_sklearn(source: str) -> SourceTable:
    name = source.removeprefix("sklearn:")
    if name not in SKLEARN:
        close = difflib.get_close_matches(name, SKLEARN, 1)
        allowed = f"sklearn: and one of {', '.join(SKLEARN)}"
        raise refused(repr(source), allowed, f'did you mean "sklearn:{close[0]}"?' if close else "")
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    target = np.asarray(bunch.target)
    several = target.ndim == 2
    targets = tuple(map(str, bunch.target_names)) if several else ("target",)
    arrays = {str(feature): bunch.data[:, k] for k, feature in enumerate(bunch.feature_names)}
    arrays |= dict(zip(targets, target.T if several else [target], strict=True))
    return SourceTable(
        source=source,
        columns={name: numeric_column(array) for name, array in arrays.items()},
        targets=targets,
        default_target=None if several else "target",
        dedicated=frozenset(targets),
    )


def _read_csv(path: Path, source: str) -> SourceTable:
    size = path.stat().st_size
    if size > LARGEST_TEXT:
        raise ValueError(
            f"{size:,} bytes; at most {LARGEST_TEXT:,} of a csv file are read: write it as .parquet"
        )
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = (row for row in csv.reader(file) if row)
        header = [field.strip(SPACE) for field in next(rows, [])]
        if not header:
            raise ValueError("the file is empty")
        if all(number_in(name) is not None for name in header):
            raise ValueError("the first row holds numbers; it has to name the columns")
        columns = [TextColumn() for _ in header]
        for number, row in enumerate(rows, start=1):
            if len(row) != len(header):
                raise ValueError(f"row {number} of the data has {len(row)} fields, the header {len(header)}")
            for column, field in zip(columns, row, strict=True):
                column.add(field)
    return _free_table(source, header, [column.column() for column in columns])


def _read_parquet(path: Path, source: str) -> SourceTable:
    import polars

    try:
        rows = int(polars.scan_parquet(path).select(polars.len()).collect().item())
        names = polars.read_parquet_schema(path)
        if 8 * rows * len(names) > LARGEST:
            raise ValueError(
                f"{rows:,} rows of {len(names):,} columns; at most {LARGEST:,} bytes of numbers are read"
            )
        frame = polars.read_parquet(path)
        return _free_table(source, frame.columns, [_parquet_column(frame[name]) for name in frame.columns])
    except polars.exceptions.PolarsError as error:
        raise ValueError(str(error)) from None


def _parquet_column(series: Any) -> NumberColumn:
    import polars

    kind = series.dtype
    if not (kind.is_numeric() or kind == polars.Boolean):
        return column_of_no_numbers(len(series), str(kind))
    missing = series.is_null().arg_true()
    column = numeric_column(series.cast(polars.Float64).fill_null(0.0).to_numpy())
    first = int(missing[0]) if len(missing) else len(series)
    if column.fault is None or column.fault[0] > first:
        return column if first == len(series) else NumberColumn(values=column.values, fault=(first, ""))
    return column


def _free_table(source: str, names: list[str], columns: list[NumberColumn]) -> SourceTable:
    """Return a table in which any column may be the target, the last one by default."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"column names that repeat: {', '.join(repeated)}")
    if len(names) < 2:
        raise ValueError("one column; at least a feature and a target are needed")
    return SourceTable(
        source=source,
        columns=dict(zip(names, columns, strict=True)),
        targets=tuple(names),
        default_target=names[-1],
    )


def _read_npz(path: Path, source: str) -> SourceTable:
    arrays = read_archive(path, {"x", "y"})
    missing = [name for name in ("x", "y") if name not in arrays]
    if missing:
        raise ValueError(f"no array {' and no array '.join(missing)}")
    return _array_table(source, arrays["x"], arrays["y"])


def _read_npy(path: Path, source: str) -> SourceTable:
    array = read_array(path)
    if array.ndim != 2 or array.shape[1] < 2:
        raise ValueError("not an array of two dimensions with features and, in the last column, y")
    return _array_table(source, array[:, :-1], array[:, -1])


def _array_table(source: str, x: Array, y: Array) -> SourceTable:
    x = x[:, None] if x.ndim == 1 else x
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if x.ndim != 2 or not x.shape[1] or y.shape != x.shape[:1]:
        raise ValueError(f"x of shape {x.shape} and y of shape {y.shape}; (m, k) and (m,) are needed")
    if {x.dtype.kind, y.dtype.kind} - set("fiub"):
        raise ValueError(f"x of type {x.dtype} and y of type {y.dtype}; real numbers are needed")
    columns = {f"x{k}": numeric_column(x[:, k]) for k in range(x.shape[1])} | {"y": numeric_column(y)}
    return SourceTable(
        source=source, columns=columns, targets=("y",), default_target="y", dedicated=frozenset({"y"})
    )


_READERS: dict[str, Callable[[Path, str], SourceTable]] = {
    ".csv": _read_csv,
    ".npz": _read_npz,
    ".npy": _read_npy,
    ".parquet": _read_parquet,
}
