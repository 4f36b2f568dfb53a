"""Vectors of n weights in whichever form they have: what a row of tensors makes of one, and sums of two."""

from __future__ import annotations

import math
from collections.abc import Container

import numpy as np

from carlemanc.core.double_precision import as_float
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, PolynomialMap, written_out
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.starts.train_algebra import train_image, train_product, train_sum
from carlemanc.model.starts.train_step import TrainWeights
from carlemanc.model.weights import Point, Weights, as_array


def with_operators(map: PolynomialMap, degrees: Container[int]) -> PolynomialMap:
    """Return a map with the F_l of some degrees alone."""
    return map.with_tensors({degree: item for degree, item in map.operators.items() if degree in degrees})


def along_u(map: PolynomialMap) -> PolynomialMap:
    """Return the row R_l = F_l / (l + 1), l >= 1: <u, sum_l R_l u^l> is the polynomial whose descent the map is."""
    rows: dict[int, Operator] = {
        degree: item.scale(1.0 / (degree + 1)) for degree, item in map.operators.items() if degree
    }
    return map.with_tensors(rows)


def vector_of(operator: Operator) -> Weights:
    """Return F_0 in the form that a loader takes: few sites, or one value with few that differ.

    Raises TooLarge where it is neither, nor short enough to be written out.
    """
    if not isinstance(operator, LatticeTensor):
        return _listed(written_out(operator), 0.0)
    if all(item.profile is None and item.box == operator.lattice.full for item in operator.stencils):
        return _listed(operator.entries, as_float(sum(item.coefficient for item in operator.stencils)))
    return _listed(operator.explicit, 0.0)


def _listed(tensor: SparseTensor, fill: float) -> Weights:
    """Return `fill` with the entries of a tensor of degree 0 added."""
    return Weights(n=tensor.n, fill=fill, sites=tensor.rows, values=tensor.vals + fill)


def image(row: PolynomialMap, u: Point) -> Point:
    """Return sum_l F_l u^(x)l. Raises TooLarge for a lattice on which neither u nor that is sparse."""
    moving = with_operators(row, [degree for degree in row.operators if degree])
    found = _moved(moving, u)
    return added(found, vector_of(row.operators[0]), 1.0) if 0 in row.operators else found


def _moved(row: PolynomialMap, u: Point) -> Point:
    if isinstance(u, TrainWeights):
        return train_image(row, u)
    if isinstance(u, Weights):
        after = row.step_sparse(u)
        if after is not None:
            return after.minus(u)
    dense = as_array(u)
    return np.asarray(row.step(dense) - dense)


def added(u: Point, v: Point, factor: float) -> Point:
    """Return u + factor v."""
    if isinstance(u, TrainWeights):
        return train_sum(u, v, factor)
    if isinstance(u, Weights) and isinstance(v, Weights):
        scaled = Weights(n=v.n, fill=-factor * v.fill, sites=v.sites, values=-factor * v.values)
        return u.minus(scaled)
    return np.asarray(as_array(u) + factor * as_array(v))


def product(u: Point, v: Point) -> float:
    """Return <u, v>."""
    if isinstance(v, TrainWeights):
        return train_product(v, u)
    if isinstance(u, Weights) and isinstance(v, Weights):
        sites = np.union1d(u.sites, v.sites)
        rest = (u.n - len(sites)) * u.fill * v.fill
        return math.fsum([rest, float(u.at(sites) @ v.at(sites))])
    return float(as_array(u) @ as_array(v))
