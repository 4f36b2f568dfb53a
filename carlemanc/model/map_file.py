"""A polynomial map from a file: u -> u + sum_l F_l u^(x)l with the arrays of a [map] npz as they are.

For each degree l the file has `F{l}_rows` (nnz,), `F{l}_cols` (nnz, l) and `F{l}_vals` (nnz,); `F0_cols`
may be left out. Entries of one monomial are added. u is measured from the origin: the map has center zero.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from carlemanc.core.arrays import Array
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.model.array_file import ArrayFileError, finite_numbers, read_archive, whole_numbers
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import ARRAY_LIMIT, check_array_size

MAX_MAP_DEGREE = 32

_INDICES = (-(2**63), 2**63 - 1)
_KEY = re.compile(r"F(0|[1-9][0-9]?)_(rows|cols|vals)")


def load_map(path: Path | str, n: int | None = None) -> PolynomialMap:
    """Return the map of an npz file.

    Args:
        path: the file.
        n: number of weights; None takes one more than the largest index in the file.

    Raises:
        InputError: with every problem of the file.
    """
    path = Path(path)
    arrays = _read(path)
    problems: list[Problem] = []
    degrees = _degrees(path, arrays, problems)
    parts = {degree: _part(path, arrays, degree, problems) for degree in degrees}
    size = n if n is not None else _smallest_size(parts)
    if n is not None:
        check_array_size(n)
    for degree, (rows, cols, _) in parts.items():
        for name, array in (("rows", rows), ("cols", cols)):
            last = min(size, ARRAY_LIMIT) - 1
            if array.size and not (array.min() >= 0 and array.max() <= last):
                worst = array.min() if array.min() < 0 else array.max()
                problems.append(_problem(path, f"F{degree}_{name}", f"the index {worst}", f"0 to {last}"))
    if problems:
        raise InputError(f"The map file {path.name} cannot be used.", problems)
    tensors = {
        degree: SparseTensor.build(n=size, degree=degree, rows=rows, cols=cols, vals=vals)
        for degree, (rows, cols, vals) in parts.items()
    }
    return PolynomialMap(
        n=size, center=np.zeros(size), tensors=tensors, learning_rate=1.0, source=f"map {path.name}"
    )


def _read(path: Path) -> dict[str, Array]:
    if not is_file(path):
        raise InputError("The map cannot be read.", [_problem(path, "", "no such file", "an npz file")])
    try:
        return read_archive(path)
    except ArrayFileError as error:
        problem = Problem(where=path.name, found=str(error), allowed="an npz file of arrays")
        raise InputError("The map cannot be read.", [problem]) from None


def _degrees(path: Path, arrays: Mapping[str, Array], problems: list[Problem]) -> list[int]:
    """Return the degrees the file speaks of, recording unknown names."""
    degrees = set()
    for name in arrays:
        match = _KEY.fullmatch(name)
        if match is None or int(match[1]) > MAX_MAP_DEGREE:
            allowed = f"F{{l}}_rows, F{{l}}_cols, F{{l}}_vals with l from 0 to {MAX_MAP_DEGREE}"
            problems.append(_problem(path, name, "an array of this name", allowed))
        else:
            degrees.add(int(match[1]))
    if not degrees and not problems:
        problems.append(_problem(path, "", "no arrays", "F{l}_rows, F{l}_cols, F{l}_vals for each degree l"))
    return sorted(degrees)


def _part(
    path: Path, arrays: Mapping[str, Array], degree: int, problems: list[Problem]
) -> tuple[Array, Array, Array]:
    """Return rows, cols and vals of one degree; empty ones after recording what is wrong with them."""
    prefix = f"F{degree}_"
    found = {name: arrays.get(prefix + name) for name in ("rows", "cols", "vals")}
    vals = found["vals"]
    if degree == 0 and found["cols"] is None and vals is not None:
        found["cols"] = np.zeros((vals.size, 0), dtype=np.int64)
    faults = [
        _problem(path, prefix + name, "no array of this name", "rows, cols and vals together")
        for name, array in found.items()
        if array is None
    ]
    made: dict[str, Array] = {}
    for name, array in found.items():
        if array is None:
            continue
        try:
            made[name] = (
                finite_numbers(array, "vals") if name == "vals" else whole_numbers(array, name, *_INDICES)
            )
        except ArrayFileError as error:
            allowed = "finite real numbers" if name == "vals" else "integers"
            faults.append(_problem(path, prefix + name, str(error), allowed))
    if not faults:
        rows, cols, vals = (made[name] for name in ("rows", "cols", "vals"))
        cols = cols[:, None] if degree == 1 and cols.ndim == 1 else cols
        if rows.ndim == 1 and vals.shape == rows.shape and cols.shape == (len(rows), degree):
            return rows, cols, vals
        shapes = f"rows {rows.shape}, cols {cols.shape}, vals {vals.shape}"
        faults.append(_problem(path, f"F{degree}", shapes, f"(nnz,), (nnz, {degree}), (nnz,)"))
    problems.extend(faults)
    return np.zeros(0, dtype=np.int64), np.zeros((0, degree), dtype=np.int64), np.zeros(0)


def _smallest_size(parts: Mapping[int, tuple[Array, Array, Array]]) -> int:
    indices = [array for rows, cols, _ in parts.values() for array in (rows, cols) if array.size]
    return 1 + max((int(array.max()) for array in indices), default=0)


def _problem(path: Path, name: str, found: str, allowed: str) -> Problem:
    where = f"{path.name}: {name}" if name else path.name
    return Problem(where=where, found=found, allowed=allowed)
