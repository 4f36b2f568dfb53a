"""A spec unpacked into the plain arguments of the model stage: the map of every step, initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.progress import track
from carlemanc.model.array_file import ArrayFileError, finite_numbers, read_array
from carlemanc.model.data.data_set import DataSet, batch_rows, load_data
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.initial import initial_point
from carlemanc.model.map_file import load_map
from carlemanc.model.map_sequence import MapSequence, draw_noise
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.scheduled import NetworkTraining
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.recentering import recentered
from carlemanc.model.shaped_tensor import shaped_tensors
from carlemanc.model.training import Training
from carlemanc.model.upload import Upload
from carlemanc.model.vocabulary import Vocabulary
from carlemanc.model.weights import Point, Weights, as_array
from carlemanc.sources.networks import derive_networks
from carlemanc.sources.pruned import first_point, is_pruned, prune, spread
from carlemanc.spec.problems import located
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.schema_source import ShapeTable


def build_training(spec: ModelSpec, upload: Upload | None = None) -> Training:
    """Return the maps of all steps about the spec's center, and theta(0).

    An upload says instead of the spec where the steps start, how many they are and which weights survive; batches are
    counted from it.

    Raises InputError for data, maps, parameters or weights that cannot be read or do not fit.
    """
    try:
        return _build_training(spec, upload)
    except InputError as error:
        raise located(error, spec.origin) from None


def _build_training(spec: ModelSpec, upload: Upload | None) -> Training:
    steps = spec.training.steps if upload is None else upload.steps
    deviation, data = spec.training.noise, data_of(spec)
    rows = rows_of(spec, data)
    used = rows[:steps]
    infos: tuple[NetworkInfo, ...] = ()
    if spec.network is not None:
        assert data is not None
        batches, infos = derive_networks(spec, data, used, upload)
        start: Point = infos[0].theta_start
        mask: Mask | None = infos[0].mask
    else:
        batches, start = build_maps(spec, data, used if len(rows) > 1 else [], upload)
        batches, start, mask = prune(spec, batches, start, upload)
    sequence = MapSequence.cycle(batches, steps, period=max(1, len(rows)))
    noise = draw_noise(deviation, steps, sequence.n, spec.training.seed) if deviation else None
    if noise is not None and mask is not None and spec.model.address == "original":
        noise = np.where(mask, noise, 0.0)
    return Training(
        origin=str(spec.origin),
        addresses=_addresses(spec, mask),
        is_pruned=mask is not None and not bool(mask.all()),
        network=NetworkTraining(infos=infos, schedule=sequence.schedule, noise=noise) if infos else None,
        sequence=sequence if noise is None else sequence.with_noise(noise),
        start=start,
        batches=batches,
        rows=tuple(used),
        batch_count=max(1, len(rows)),
        noise=noise,
        vocabulary=_vocabulary(spec, data, sequence.n if mask is None else len(mask)),
    )


def _vocabulary(spec: ModelSpec, data: DataSet | None, weights: int) -> Vocabulary:
    """Return what observables may name: what the loss may, over all data."""
    loss = spec.loss
    return Vocabulary(
        weights=weights,
        parameters={} if loss is None else _parameters(spec),
        data=data,
        boundary="periodic" if loss is None else loss.boundary,
        dims=spec.model.dims,
        loss=None if loss is None else loss.expression,
    )


def _addresses(spec: ModelSpec, mask: Mask | None) -> IntArray | None:
    """Return the original addresses of the survivors, where the maps count survivors and not all are."""
    if mask is None or mask.all() or spec.model.address == "original":
        return None
    return np.flatnonzero(mask)


def rows_of(spec: ModelSpec, data: DataSet | None) -> list[tuple[int, int]]:
    """Return the first row and the last row + 1 of each batch; none where the spec gives no batch_size."""
    size = spec.training.batch_size
    return [] if data is None or size is None else batch_rows(data.samples, size)


def build_maps(
    spec: ModelSpec,
    data: DataSet | None,
    rows: Sequence[tuple[int, int]],
    upload: Upload | None = None,
) -> tuple[tuple[PolynomialMap, ...], Point]:
    """Return the map of each batch of `rows`, one of all data where there are none, before pruning, and theta(0).

    Inside a batch a Sum over samples runs over its rows and m is their number.
    """
    if data is None or not rows:
        derived, start = _build_map(spec, data, upload)
        return (derived,), start
    found = [
        _build_map(spec, data.rows(*ends), upload) for ends in track(rows, "derive batches", total=len(rows))
    ]
    return tuple(derived for derived, _ in found), found[0][1]


def _build_map(spec: ModelSpec, data: DataSet | None, upload: Upload | None) -> tuple[PolynomialMap, Point]:
    """Return the polynomial map of gradient descent on `data` about the spec's center, and theta(0)."""
    if spec.map is not None and spec.map.shape is not None:
        return _shaped_map(spec, spec.map.shape)
    if spec.map is not None:
        assert spec.map.file is not None
        given = load_map(spec.base / spec.map.file, spec.model.n)
        start = first_point(spec, given.n, upload)
        center = _center(spec, start, given.n, upload)
        return (given if center.minus(given.point).is_zero else recentered(given, center)), start
    assert spec.loss is not None
    n = spec.model.weights
    assert n is not None
    assert spec.training.learning_rate is not None
    point = first_point(spec, n, upload)
    derived = derive_map(
        parse_expression(spec.loss.expression),
        n=n,
        learning_rate=spec.training.learning_rate,
        center=_center(spec, point, n, upload),
        parameters=_parameters(spec),
        data=data,
        boundary=spec.loss.boundary,
        dims=spec.model.dims,
    )
    return derived, as_array(point) if derived.is_listed and isinstance(point, Weights) else point


def _shaped_map(spec: ModelSpec, shape: ShapeTable) -> tuple[PolynomialMap, Point]:
    """Return the map of a shape, about zero, and the start."""
    n = spec.model.n
    assert n is not None
    tensors = shaped_tensors(
        n,
        norms=shape.norms,
        row_nonzeros=shape.row_nonzeros,
        column_nonzeros=shape.column_nonzeros,
        linear_row_nonzeros=shape.linear_row_nonzeros,
        linear_row_sum=shape.linear_row_sum,
    )
    given = spec.training.initial_value
    start = initial_point(given, n, spec.base)
    if isinstance(given, dict) and "sparse" in given:
        start = Weights.of(as_array(start)) if not isinstance(start, Weights) else start
    shaped = PolynomialMap(
        n=n, center=Weights.constant(n), tensors=tensors, learning_rate=1.0, source="shape of a map"
    )
    return shaped, start


def _center(spec: ModelSpec, start: Point, n: int, upload: Upload | None) -> Weights:
    center = spec.center
    if center == "zero":
        return Weights.constant(n)
    if center == "initial":
        return start if isinstance(start, Weights) else Weights.of(as_array(start))
    assert not isinstance(center, str)
    listed = spread(spec, center, start, upload)
    if len(listed) != n:
        raise InputError(
            f"{spec.origin}: the expansion point does not fit",
            [
                Problem(
                    where=f"{spec.origin}: training.center",
                    found=f"{len(center)} numbers",
                    allowed=f"n = {n} numbers"
                    + (", or one for each survivor" if is_pruned(spec, upload) else ""),
                )
            ],
        )
    return Weights.of(listed)


def _parameters(spec: ModelSpec) -> dict[str, float | FloatArray]:
    assert spec.loss is not None
    return {
        name: _array(spec, name, value) if isinstance(value, str) else value
        for name, value in spec.loss.parameters.items()
    }


def _array(spec: ModelSpec, name: str, file: str) -> FloatArray:
    """Read a parameter from its .npy file. Raises InputError where it is no finite real array."""
    try:
        return finite_numbers(read_array(Path(spec.base) / file), file)
    except ArrayFileError as error:
        problem = Problem(
            where=f"{spec.origin}: loss.parameters.{name}",
            found=str(error),
            allowed="an .npy file of finite real numbers",
        )
        raise InputError("a parameter cannot be used", [problem]) from None


def data_of(spec: ModelSpec) -> DataSet | None:
    """Return the data of a spec, None where it has none. Raises InputError."""
    if spec.data is None:
        return None
    return load_data(
        spec.data.source,
        base=spec.base,
        features=spec.data.features,
        samples=spec.data.samples,
        standardize=spec.data.standardize,
        target=spec.data.target,
        shuffle=spec.training.shuffle,
        seed=spec.training.seed,
    )
