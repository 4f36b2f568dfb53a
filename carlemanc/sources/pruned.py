"""`model.sparsity`, `model.mask` or an upload for losses and maps: the maps of the surviving weights."""

from __future__ import annotations

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.errors import TooLarge
from carlemanc.model.initial import initial_point
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.pruning import largest_weights, load_mask, restrict
from carlemanc.model.sparse_tensor import EXACT_NORM_LIMIT
from carlemanc.model.upload import Upload
from carlemanc.model.weights import Point, as_array
from carlemanc.spec.schema import ModelSpec


def first_point(spec: ModelSpec, n: int, upload: Upload | None = None) -> Point:
    """Return theta(0) of all n weights, that of the upload or the spec's. Raises InputError, TooLarge."""
    if upload is not None:
        return upload.start
    return initial_point(spec.training.initial_value, n, spec.base, dims=spec.model.dims)


def first_weights(spec: ModelSpec, n: int, upload: Upload | None = None) -> FloatArray:
    """Return theta(0) written out. Raises as `first_point`."""
    return as_array(first_point(spec, n, upload))


def is_pruned(spec: ModelSpec, upload: Upload | None = None) -> bool:
    """Return whether the spec, or the upload, freezes weights of a loss or a map."""
    if upload is not None:
        return upload.is_pruned
    return spec.model.mask is not None or spec.model.sparsity not in (None, 1)


def survivors(spec: ModelSpec, start: Point, upload: Upload | None = None) -> Mask:
    """Return which weights are kept of a spec that is pruned. Raises InputError for a mask that does not fit."""
    if upload is not None:
        return upload.mask
    weights = as_array(start)
    if spec.model.mask is not None:
        return load_mask(spec.model.mask, spec.base, len(weights))
    return largest_weights(weights, float(spec.model.sparsity or 1))


def spread(
    spec: ModelSpec, center: tuple[float, ...], start: Point, upload: Upload | None = None
) -> FloatArray:
    """Return a listed center as one number for each weight: zero at frozen ones where it lists the survivors."""
    listed = np.array(center, dtype=np.float64)
    if not is_pruned(spec, upload):
        return listed
    mask = survivors(spec, start, upload)
    if len(listed) != mask.sum() or mask.all():
        return listed
    full = np.zeros(len(mask))
    full[mask] = listed
    return full


def prune(
    spec: ModelSpec, maps: tuple[PolynomialMap, ...], start: Point, upload: Upload | None = None
) -> tuple[tuple[PolynomialMap, ...], Point, Mask | None]:
    """Return maps and theta(0) of the surviving weights, the others zero and frozen, and the mask.

    Everything is returned as it is, with no mask, where all weights are kept.

    Raises:
        InputError: a mask that does not fit.
        TooLarge: a lattice of so many sites that its F_l are not listed.
    """
    if not is_pruned(spec, upload):
        return maps, start, None
    n = maps[0].n
    if not maps[0].is_listed:
        raise TooLarge(
            "a pruned lattice",
            size=f"{n:,} sites",
            limit=f"{EXACT_NORM_LIMIT:,}",
            instead="Survivors are listed one by one; leave model.sparsity and model.mask out at this size.",
        )
    weights, mask = as_array(start), survivors(spec, start, upload)
    kept = weights[mask] if spec.model.address == "survivors" else np.where(mask, weights, 0.0)
    return tuple(restrict(item, mask, spec.model.address) for item in maps), kept, mask
