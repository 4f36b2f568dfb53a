"""A spec unpacked into the plain arguments of the model stage: map, initial weights, center."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.data import DataSet, load_data
from carlemanc.model.expression import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.initial import initial_weights
from carlemanc.model.map_file import load_map
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.spec.schema import ModelSpec

FloatArray = npt.NDArray[np.float64]


def build_map(spec: ModelSpec) -> tuple[PolynomialMap, FloatArray]:
    """Return the polynomial map about the spec's center, and theta(0), shape (n,).

    Raises InputError for data, maps, parameters or weights that cannot be read or do not fit.
    """
    if spec.map is not None:
        given = load_map(spec.base / spec.map.file, spec.model.n)
        start = initial_weights(spec.training.initial_value, given.n, spec.base)
        center = _center(spec, start)
        return (given.shift(center) if np.any(center != given.center) else given), start
    assert spec.loss is not None
    assert spec.model.n is not None
    assert spec.training.learning_rate is not None
    start = initial_weights(spec.training.initial_value, spec.model.n, spec.base)
    derived = derive_map(
        parse_expression(spec.loss.expression),
        n=spec.model.n,
        learning_rate=spec.training.learning_rate,
        center=_center(spec, start),
        parameters=_parameters(spec),
        data=_data(spec),
        boundary=spec.loss.boundary,
    )
    return derived, start


def _center(spec: ModelSpec, start: FloatArray) -> FloatArray:
    center = spec.training.center
    if center == "zero":
        return np.zeros(len(start))
    if center == "initial":
        return start
    if len(center) != len(start):
        raise InputError(
            f"{spec.origin}: the expansion point does not fit",
            [
                Problem(
                    where=f"{spec.origin}: training.center",
                    found=f"{len(center)} numbers",
                    allowed=f"n = {len(start)} numbers",
                )
            ],
        )
    return np.array(center, dtype=np.float64)


def _parameters(spec: ModelSpec) -> dict[str, float | FloatArray]:
    assert spec.loss is not None
    return {
        name: _array(spec, name, value) if isinstance(value, str) else value
        for name, value in spec.loss.parameters.items()
    }


def _array(spec: ModelSpec, name: str, file: str) -> FloatArray:
    """Read a parameter from its .npy file. Raises InputError where it is no finite real array."""
    where = f"{spec.origin}: loss.parameters.{name}"
    path = Path(spec.base) / file
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        problem = Problem(
            where=where, found=f"{file}: {str(error).splitlines()[0]}", allowed="a readable .npy file"
        )
        raise InputError("a parameter cannot be read", [problem]) from None
    if array.dtype.kind not in "fiub" or not np.all(np.isfinite(array)):
        problem = Problem(where=where, found=f"{file} of type {array.dtype}", allowed="finite real numbers")
        raise InputError("a parameter cannot be used", [problem])
    return np.asarray(array, dtype=np.float64)


def _data(spec: ModelSpec) -> DataSet | None:
    if spec.data is None:
        return None
    return load_data(
        spec.data.source,
        base=spec.base,
        features=spec.data.features,
        samples=spec.data.samples,
        standardize=spec.data.standardize,
        target=spec.data.target,
        shuffle=False,
        seed=spec.training.seed,
    )
