"""What a derivation needs and gives beside F_l: which weights are trained, from where, about which point.

Shared by networks of layers (`derivation.py`) and PyTorch models (`torch_derivation.py`): `choose` reads the
initial weights, the mask and the center; `assemble` makes the polynomial map of the survivors and measures
what separates it from gradient descent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.negligible import without_negligible
from carlemanc.model.network.info import NetworkInfo
from carlemanc.model.network.polynomial import check_finite
from carlemanc.model.network.remainder import NetworkRemainder, measure
from carlemanc.model.network.trained_network import TrainedNetwork
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.pruning import Address, checked_mask, largest_weights
from carlemanc.model.sparse_tensor import SparseTensor

Center = Literal["initial", "zero"] | npt.ArrayLike

ROUNDING = 1e-7
"""Largest rounding of a step, relative to 1 + ||u||, that a map may have."""
MEASURED_ENTRIES = 100_000_000
"""The path is followed while its steps cost fewer products of entries of F_l than this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """Which weights are trained, from where and about which point.

    Attributes:
        mask: (weights,) True where a weight survives.
        start: (weights,) theta(0), zero where frozen.
        center: (weights,) the expansion point, zero where frozen.
    """

    mask: Mask
    start: FloatArray
    center: FloatArray

    @property
    def survivors(self) -> int:
        """How many weights are trained."""
        return int(self.mask.sum())


def choose(
    initial: npt.ArrayLike,
    weights: int,
    *,
    center: Center,
    sparsity: float | None,
    mask: npt.ArrayLike | None,
) -> Choice:
    """Return the trained weights, theta(0) and the center of a network of so many weights.

    Args:
        initial: (weights,) theta(0) of all weights.
        center: "initial", "zero", or all weights (weights,) or the surviving ones (s,).
        sparsity: keep this fraction of the largest |initial|; None keeps all.
        mask: (weights,) ones are trained, instead of sparsity.

    Raises:
        InputError: lengths that do not fit, numbers that are not finite, a fraction outside (0, 1].
    """
    given = _vector(initial, weights, "training.initial")
    survives = np.ones(weights, dtype=bool)
    if mask is not None:
        survives = checked_mask(mask, weights)
    elif sparsity is not None:
        survives = largest_weights(given, sparsity)
    start = np.where(survives, given, 0.0)
    return Choice(mask=survives, start=start, center=_center(center, start, survives))


def assemble(
    tensors: Mapping[int, SparseTensor],
    choice: Choice,
    *,
    network: TrainedNetwork,
    fitted: TrainedNetwork,
    learning_rate: float,
    kept_degree: int,
    source: str,
    address: Address,
    steps: int,
) -> tuple[PolynomialMap, NetworkInfo]:
    """Return the map with these F_l of the survivors, and what is known about it.

    Args:
        network, fitted: the true network and the one whose gradient descent the map is, up to truncation.
        kept_degree: q, to which F_l were derived.
        source: what the map comes from, in words.
        address: whether the map counts survivors, or all weights at their original places.
        steps: how many steps of gradient descent to compare with the map (fewer where that is long).

    Raises InputError for a coefficient that is not finite.
    """
    check_finite(tensor.vals for tensor in tensors.values())
    derived = without_negligible(
        PolynomialMap(
            n=choice.survivors,
            center=choice.center[choice.mask],
            tensors=tensors,
            learning_rate=learning_rate,
            source=source,
        )
    )
    remainder = measure(
        derived,
        network,
        fitted,
        center=choice.center,
        start=choice.start,
        mask=choice.mask,
        kept_degree=kept_degree,
        steps=min(steps, MEASURED_ENTRIES // max(derived.flops_per_step, 1)),
    )
    _check_rounding(remainder)
    info = NetworkInfo(
        network=network,
        fitted=fitted,
        mask=choice.mask,
        address=address,
        center=choice.center,
        start=choice.start,
        learning_rate=learning_rate,
        remainder=remainder,
    )
    return (derived if address == "survivors" else _at_original(derived, choice)), info


def _center(center: Center, start: FloatArray, mask: Mask) -> FloatArray:
    if isinstance(center, str):
        return start if center == "initial" else np.zeros(len(start))
    given = np.asarray(center, dtype=np.float64)
    if given.shape == (int(mask.sum()),) and given.shape != start.shape:
        spread = np.zeros(len(start))
        spread[mask] = given
        given = spread
    return np.where(mask, _vector(given, len(start), "training.center"), 0.0)


def _vector(values: npt.ArrayLike, length: int, where: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape == (length,) and np.all(np.isfinite(array)):
        return array
    found = "NaN or infinity" if array.shape == (length,) else f"an array of shape {array.shape}"
    problem = Problem(where=where, found=found, allowed=f"{length} finite numbers, one for each weight")
    raise InputError("The weights do not fit the network.", [problem])


def _check_rounding(remainder: NetworkRemainder) -> None:
    """Refuse a map that is far from the polynomials it was made of: its coefficients cancel to nothing."""
    bound = remainder.truncation_bound
    if bound is None or remainder.truncation_step <= bound + ROUNDING * (1 + remainder.radius):
        return
    problem = Problem(
        where="network",
        found=f"a step {remainder.truncation_step:.3g} away from that of the polynomial activations, by rounding",
        allowed=f"coefficients that double precision resolves, to {ROUNDING:g}",
        help="lower the degree of an approximation, widen its interval, or expand about a center inside it",
    )
    raise InputError("The approximation cannot be used about this center.", [problem])


def _at_original(derived: PolynomialMap, choice: Choice) -> PolynomialMap:
    places = np.flatnonzero(choice.mask)
    tensors = {
        degree: replace(tensor, n=len(choice.mask), rows=places[tensor.rows], cols=places[tensor.cols])
        for degree, tensor in derived.tensors.items()
    }
    return PolynomialMap(
        n=len(choice.mask),
        center=choice.center,
        tensors=tensors,
        learning_rate=derived.learning_rate,
        source=derived.source,
        lost=derived.lost,
    )
