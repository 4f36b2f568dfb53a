"""Data sets of a loss: x[a, k] and y[a] from scikit-learn, csv, npz, npy or parquet.

CONTRACT section 1, [data] and (b). Order of operations: read, choose target and features, keep the first
`samples` rows, standardize what was kept, then permute the rows if `shuffle`. Anything missing or not a
number in what was kept is an InputError.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, InternalError, Problem
from carlemanc.model.data.column import NumberColumn
from carlemanc.model.data.tables import SourceTable, read_table

_SHOWN = 12
"""Names that a message lists."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DataSet:
    """Samples of a supervised problem.

    Attributes:
        x: (m, k) features.
        y: (m,) targets.
        feature_names: k names, in the order of the columns.
    """

    x: FloatArray
    y: FloatArray
    feature_names: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.x.ndim != 2 or (len(self.y), len(self.feature_names)) != self.x.shape or self.y.ndim != 1:
            shapes = f"x {self.x.shape}, y {self.y.shape}, {len(self.feature_names)} names"
            raise InternalError(f"data of mismatched shapes: {shapes}")
        for name in ("x", "y"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def samples(self) -> int:
        """The number of samples m."""
        return len(self.y)

    def rows(self, start: int, stop: int) -> DataSet:
        """Return the samples start..stop - 1 as a data set of its own."""
        return DataSet(x=self.x[start:stop], y=self.y[start:stop], feature_names=self.feature_names)


def batch_rows(samples: int, size: int) -> list[tuple[int, int]]:
    """Return (start, stop) of the batches of `size` contiguous rows, the last one short (CONTRACT 1 (c)).

    >>> batch_rows(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    """
    return [(start, min(start + size, samples)) for start in range(0, samples, size)]


def load_data(
    source: str,
    *,
    base: Path,
    features: int | Sequence[str] | None = None,
    samples: int | None = None,
    standardize: bool = False,
    target: str | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> DataSet:
    """Return the data set that a `[data]` table describes.

    Args:
        source: `sklearn:NAME`, or a .csv, .npz, .npy or .parquet file, relative to `base`.
        base: directory of the spec.
        features: the first so many feature columns, or a list of their names; None keeps all.
        samples: the first so many rows; None keeps all.
        standardize: x and y to zero mean, unit standard deviation (ddof 0) over what is kept.
        target: the column that is y, where it is not the last.
        shuffle: permute the kept rows by `default_rng(seed)`.
        seed: of the permutation.

    Raises:
        InputError: with every problem found.
    """
    table = read_table(source, base)
    problems: list[Problem] = []
    y_name = _target(table, target, problems)
    names = _features(table, features, y_name, problems)
    rows = _rows(table, samples, problems)
    x = np.empty((rows, len(names)))
    for k, name in enumerate(names):
        x[:, k] = _column(table, name, rows, problems, others=names)
    y = _column(table, y_name, rows, problems) if y_name is not None else np.empty(rows)
    if problems:
        raise InputError(f"The data of {source} cannot be used.", problems)
    if standardize:
        x, y = _standardized(x), _standardized(y[:, None])[:, 0]
    if shuffle:
        order = np.random.default_rng(seed).permutation(rows)
        x, y = x[order], y[order]
    return DataSet(x=x, y=y, feature_names=names)


def _target(table: SourceTable, target: str | None, problems: list[Problem]) -> str | None:
    name = table.default_target if target is None else target
    if name in table.targets:
        return name
    found = repr(target) if target is not None else f"several target columns in {table.source}"
    allowed = f"one of {_listed(table.targets)}"
    problems.append(Problem(where="data.target", found=found, allowed=allowed))
    return None


def _features(
    table: SourceTable, wanted: int | Sequence[str] | None, target: str | None, problems: list[Problem]
) -> tuple[str, ...]:
    names = table.features(target)
    if wanted is None:
        return names
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(names):
            allowed = f"1 to {len(names)}, the feature columns of {table.source}"
            problems.append(Problem(where="data.features", found=str(wanted), allowed=allowed))
        return names[:wanted]
    for name in wanted:
        if name not in names:
            problems.append(
                Problem(where="data.features", found=repr(name), allowed=f"names of {_listed(names)}")
            )
    return tuple(name for name in wanted if name in names)


def _rows(table: SourceTable, samples: int | None, problems: list[Problem]) -> int:
    if samples is None:
        return table.rows
    if not 1 <= samples <= table.rows:
        problems.append(
            Problem(where="data.samples", found=f"{samples} rows", allowed=f"1 to {table.rows} rows")
        )
        return table.rows
    return samples


def _column(
    table: SourceTable, name: str, rows: int, problems: list[Problem], others: Sequence[str] = ()
) -> FloatArray:
    """Return the first rows of a column as finite floats, recording the first value that is not one.

    `others`: the feature columns, those of which that are numbers are offered instead.
    """
    column = table.columns[name]
    if column.fault is not None and column.fault[0] < rows:
        row, text = column.fault
        where = f"data.source: {table.source}"
        found = f"{text or 'a missing value'} in column {name!r}, row {row + 1} of the data"
        numbers = [other for other in others if _is_of_numbers(table.columns[other], rows)]
        help_ = f"leave it out: data.features = {json.dumps(numbers[:_SHOWN])}" if numbers else ""
        problems.append(Problem(where=where, found=found, allowed="finite numbers, none missing", help=help_))
    return column.values[:rows]


def _is_of_numbers(column: NumberColumn, rows: int) -> bool:
    return column.fault is None or column.fault[0] >= rows


def _standardized(columns: FloatArray) -> FloatArray:
    """Center each column and divide by its standard deviation (ddof 0); a constant column becomes zero.

    Each column is measured in a power of two first, exactly, so that no sum or square over- or underflows.
    """
    _, exponents = np.frexp(np.abs(columns).max(axis=0))
    scaled = np.ldexp(columns, -exponents)
    constant = scaled.max(axis=0) == scaled.min(axis=0)
    centered = np.where(constant, 0.0, scaled - scaled.mean(axis=0))
    return centered / np.where(constant, 1.0, scaled.std(axis=0))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown}, ... ({len(names)} in all)"
