r"""The value of a polynomial whose gradient is a map, from the map: Euler's identity, at any number of weights.

With F_l = -(eta/l!) D^(l+1) O about a center, every homogeneous part of O is its own slope along u over its degree:
$O(\theta) - O(center) = -(1/\eta) \sum_l <u, F_l u^{(x) l}> / (l + 1)$ for u = theta - center (proved).
"""

from __future__ import annotations

import math

import numpy as np

from carlemanc.model.lattice.sites import size_of
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, PolynomialMap, written_out
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.starts.train_algebra import train_image, train_product
from carlemanc.model.starts.train_step import TrainWeights
from carlemanc.model.weights import Point, Weights, as_array


def value_about_center(map: PolynomialMap, u: Point) -> float:
    """Return O(center + u) - O(center) of the polynomial O whose descent the map is; no number where u overflows."""
    parts = [slope_along(operator, u) / (degree + 1) for degree, operator in map.operators.items()]
    total = math.fsum(parts) if all(math.isfinite(part) for part in parts) else sum(parts)
    return -total / map.learning_rate


def value_at_origin(map: PolynomialMap) -> float:
    """Return O(0) - O(center): the same at u = -center."""
    center = map.point
    opposite = Weights(n=center.n, fill=-center.fill, sites=center.sites, values=-center.values)
    return value_about_center(map, opposite)


def slope_along(operator: Operator, u: Point) -> float:
    """Return <u, F_l u^(x)l>."""
    if isinstance(u, TrainWeights):
        alone = PolynomialMap(
            n=u.n,
            center=Weights.constant(u.n),
            tensors={operator.degree: operator},
            learning_rate=1.0,
            source="",
        )
        return train_product(u, train_image(alone, u))
    if isinstance(operator, LatticeTensor):
        if isinstance(u, Weights):
            parts = [_stencil_slope(operator, stencil, u) for stencil in operator.stencils]
            return math.fsum([*parts, slope_along(operator.entries, u)])
        dense = as_array(u)
        return float(dense @ operator.apply(dense))
    tensor: SparseTensor = written_out(operator)
    if isinstance(u, Weights):
        rows, cols = u.at(tensor.rows), u.at(tensor.cols)
    else:
        dense = as_array(u)
        rows, cols = dense[tensor.rows], dense[tensor.cols]
    return float(np.sum(tensor.vals * rows * np.prod(cols, axis=1)))


def _stencil_slope(tensor: LatticeTensor, stencil: Stencil, u: Weights) -> float:
    """Return the part of one stencil: that of the constant, and what the listed sites change in rows that see them."""
    lattice = tensor.lattice
    offsets = [tuple(0 for _ in lattice.dims), *stencil.offsets]
    seen = [lattice.neighbors(u.sites, tuple(-step for step in offset)) for offset in offsets]
    rows = np.unique(np.concatenate(seen))
    rows = rows[lattice.holds(stencil.box, rows)]
    far = u.fill ** len(offsets)
    change = np.ones(len(rows))
    for offset in offsets:
        change = change * u.at(lattice.neighbors(rows, offset))
    change = change - far
    if stencil.profile is None:
        return float(stencil.coefficient) * (size_of(stencil.box) * far + float(np.sum(change)))
    near = float(np.sum(stencil.profile.take(rows).floats() * change))
    return near + (far * float(np.sum(stencil.profile.floats())) if far else 0.0)
