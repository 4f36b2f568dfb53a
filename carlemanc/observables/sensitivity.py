r"""How much an observable moves where the state that is left is not exact: the solver's share of its precision.

The state at t >= T is off by d, ||d|| <= eps z on all levels together, z = ||y_1||. A bilinear part <y_1, R_l y_l>
moves by at most ||R_l|| (||d_1|| ||y_l|| + ||y_1|| ||d_l|| + ||d_1|| ||d_l||), a quadratic q of level 1 by at most
||grad q|| ||d_1|| + ||H|| ||d_1||^2 / 2 (proved). Everything here is for the planned u(T).
"""

from __future__ import annotations

import math

from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Point, point_norm
from carlemanc.observables.vectors import image, with_operators

LARGEST_ERROR = 0.5
"""Relative error of the state up to which a sensitivity holds."""


def polynomial_sensitivity(read: PolynomialMap, u: Point, gamma: float) -> float:
    """Return S with |change| <= S eps for eps <= `LARGEST_ERROR`."""
    size = point_norm(u)
    quadratic = with_operators(read, {0, 1})
    curvature = quadratic.operators[1].norm2 if 1 in quadratic.operators else 0.0
    parts = [point_norm(image(quadratic, u)) * size, curvature * size**2 * LARGEST_ERROR / 2]
    for degree, operator in read.operators.items():
        if degree > 1:
            others = (size**degree + (1 + LARGEST_ERROR) * size * gamma ** (degree - 1)) * size
            parts.append(operator.encoded_norm2 * others / (degree + 1))
    return math.fsum(parts)


def square_sensitivity(row: PolynomialMap, u: Point, gamma: float) -> float:
    """Return S of ||sum_l R_l u^l||^2 of a vector that moves by at most b eps: 2 ||..|| b + b^2 eps."""
    moved = norm_sensitivity(row, u, gamma)
    return 2 * point_norm(image(row, u)) * moved + LARGEST_ERROR * moved**2


def norm_sensitivity(read: PolynomialMap, u: Point, gamma: float) -> float:
    """Return S of ||sum_l F_l u^l||: at most by what the vector moves, sum_l ||F_l|| gamma^(l-1) ||u||."""
    size = point_norm(u)
    return math.fsum(
        operator.encoded_norm2 * gamma ** (degree - 1) * size
        for degree, operator in read.operators.items()
        if degree
    )
