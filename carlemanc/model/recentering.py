"""The same map of theta about another center: F_new(u) = F_old(u + d), d = new - old center.

Each index of each entry either stays or is contracted with d (floats; O(2^l nnz) for F_l). Stencils meet the constant
part of d as a whole; the sites where d differs add explicit entries (`lattice.shift`).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.lattice.shift import shift_stencils
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, PolynomialMap, written_out
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import Weights, point_norm

Pieces = tuple[IntArray, IntArray, FloatArray]
"""Rows, index tuples and values of entries."""


def recentered(polynomial_map: PolynomialMap, center: npt.ArrayLike | Weights) -> PolynomialMap:
    """Return the map expanded about `center`, of n weights."""
    point = Weights.of(center)
    moved = point.minus(polynomial_map.point)
    stencils = {}
    if polynomial_map.lattice is not None:
        stencils = shift_stencils(polynomial_map.lattice_operators(), moved)
    parts: dict[int, list[Pieces]] = {}
    for operator in polynomial_map.operators.values():
        tensor = operator.entries if isinstance(operator, LatticeTensor) else written_out(operator)
        for kept_count in range(tensor.degree + 1):
            for kept in combinations(range(tensor.degree), kept_count):
                parts.setdefault(kept_count, []).append(_contract_rest(tensor, kept, moved))
    listed = {degree: _built(polynomial_map.n, degree, pieces) for degree, pieces in parts.items()}
    tensors: dict[int, Operator] = {**listed}
    tensors.update({degree: item.plus(listed.get(degree)) for degree, item in stencils.items()})
    return PolynomialMap(
        n=polynomial_map.n,
        center=point,
        tensors=tensors,
        learning_rate=polynomial_map.learning_rate,
        source=polynomial_map.source,
        samples=polynomial_map.samples,
        lost=_moved_losses(polynomial_map.dropped, moved),
    )


def _built(n: int, degree: int, pieces: list[Pieces]) -> SparseTensor:
    rows, cols, vals = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    return SparseTensor.build(n=n, degree=degree, rows=rows, cols=cols, vals=vals)


def _moved_losses(dropped: Mapping[int, float], offset: Weights) -> dict[int, float]:
    """Return what is lost about another center: binom(l, k) |d|^(l - k) of what F_l lost moves to F_k (proved)."""
    size = point_norm(offset, "2")
    found: dict[int, float] = {}
    for degree, value in dropped.items():
        for kept in range(degree + 1):
            found[kept] = found.get(kept, 0.0) + comb(degree, kept) * size ** (degree - kept) * value
    return found


def _contract_rest(tensor: SparseTensor, kept: tuple[int, ...], offset: Weights) -> Pieces:
    """Return the entries with the slots outside `kept` contracted with the offset, zeros dropped."""
    rest = [slot for slot in range(tensor.degree) if slot not in kept]
    vals = tensor.vals * np.prod(offset.at(tensor.cols[:, rest]), axis=1)
    live = np.flatnonzero(vals)
    return tensor.rows[live], tensor.cols[live][:, list(kept)], vals[live]
