"""Which weights of a model are trained: the largest of them or a mask; the others are zero and stay zero.

`restrict` cuts any polynomial map to its surviving weights, renumbered 0..s-1 (`survivors`) or at the places
they had (`original`): with the frozen weights at u = 0, every entry with a frozen row or index drops out.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_file
from carlemanc.model.array_file import ArrayFileError, read_array
from carlemanc.model.magnitude import sizes
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.recentering import recentered
from carlemanc.model.sparse_tensor import SparseTensor

Address = Literal["survivors", "original"]


def largest_weights(weights: FloatArray, fraction: float) -> Mask:
    """Return a mask of round(fraction * n) weights, at least one: the largest |weights|, earlier ones first.

    Weights that agree in nine digits count as equal.

    Raises InputError for a fraction that is not in (0, 1].
    """
    if not 0 < fraction <= 1:
        raise _refused("model.sparsity", str(fraction), "a number above 0, at most 1")
    count = max(1, round(fraction * len(weights)))
    order = np.argsort(-sizes(weights), kind="stable")
    mask = np.zeros(len(weights), dtype=bool)
    mask[order[:count]] = True
    return mask


def load_mask(name: str, base: Path, n: int) -> Mask:
    """Return the mask of an .npy file of n zeros and ones, or n booleans; ones are trained.

    Raises InputError for a file that is none, another length, other values or no survivor.
    """
    path = base / name
    if path.suffix.lower() != ".npy" or not is_file(path):
        raise _refused("model.mask", repr(name), "an existing .npy file, relative to the spec")
    try:
        array = read_array(path)
    except ArrayFileError as error:
        raise _refused("model.mask", str(error), "an .npy file of zeros and ones") from None
    return checked_mask(array, n)


def checked_mask(mask: npt.ArrayLike, n: int) -> Mask:
    """Return a mask as n booleans. Raises InputError where it is none or keeps nothing."""
    array = np.asarray(mask)
    if array.shape != (n,):
        raise _refused("model.mask", f"an array of shape {array.shape}", f"{n} values, one for each weight")
    if array.dtype.kind not in "fiub" or not np.all((array == 0) | (array == 1)):
        raise _refused("model.mask", "other values", "zeros and ones, or booleans")
    if not array.any():
        raise _refused("model.mask", "no weight kept", "at least one 1")
    return np.asarray(array, dtype=bool)


def restrict(polynomial_map: PolynomialMap, mask: Mask, address: Address = "survivors") -> PolynomialMap:
    """Return the map of the surviving weights, the frozen ones held at zero.

    Args:
        polynomial_map: of all n weights; its center is moved to zero at the frozen weights first.
        mask: (n,) True where a weight is trained.
        address: "survivors" renumbers them; "original" keeps n, with zero rows for frozen weights.
    """
    mask = checked_mask(mask, polynomial_map.n)
    center = np.where(mask, polynomial_map.center, 0.0)
    if np.any(center != polynomial_map.center):
        polynomial_map = recentered(polynomial_map, center)
    kept = {degree: _restricted(tensor, mask, address) for degree, tensor in polynomial_map.tensors.items()}
    if address == "original":
        return polynomial_map.with_tensors(kept)
    return PolynomialMap(
        n=int(mask.sum()),
        center=center[mask],
        tensors=kept,
        learning_rate=polynomial_map.learning_rate,
        source=polynomial_map.source,
    )


def _restricted(tensor: SparseTensor, mask: Mask, address: Address) -> SparseTensor:
    chosen = np.flatnonzero(mask[tensor.rows] & mask[tensor.cols].all(axis=1))
    kept = tensor.chosen(chosen)
    if address == "original":
        return kept
    number = np.cumsum(mask) - 1
    return replace(kept, n=int(mask.sum()), rows=number[kept.rows], cols=number[kept.cols])


def _refused(where: str, found: str, allowed: str) -> InputError:
    return InputError(
        "The weights to train cannot be chosen.", [Problem(where=where, found=found, allowed=allowed)]
    )
