"""A bound of every |u_i(T)| of a lattice training, sharper than that of norms: a site's own terms keep their signs.

The next weight is a polynomial of the site's own, plus products with neighbors. The first is at most its largest value
on [-w, w], which a cubic that pulls back does not raise; the others are at most |c| w^l. Proved (triangle inequality),
rounded up.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from carlemanc.core.double_precision import as_float
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap

_SLACK = 1.0 + 1e-9
_OVERFLOW = 1e100


def largest_weight(found: PolynomialMap, start: float, steps: int) -> float:
    """Return a bound of all |u_i(T)| from one of all |u_i(0)|; inf where it overflows.

    Args:
        found: a lattice map of stencils alone.
        start: at least every |u_i(0)|.
        steps: T.
    """
    own: dict[int, float] = defaultdict(float, {1: 1.0})
    others: dict[int, float] = defaultdict(float)
    for degree, operator in found.operators.items():
        assert isinstance(operator, LatticeTensor)
        for stencil in operator.stencils:
            is_own = not any(any(offset) for offset in stencil.offsets)
            if degree and is_own and stencil.profile is None and stencil.box == operator.lattice.full:
                own[degree] += as_float(stencil.coefficient)
            else:
                others[degree] += largest_coefficient(stencil)
    bound = start
    for _ in range(steps):
        beside = math.fsum(value * bound**degree for degree, value in others.items())
        bound = (_highest(own, bound) + beside) * _SLACK
        if not bound < _OVERFLOW:
            return math.inf
    return bound


def largest_coefficient(stencil: Stencil) -> float:
    """Return the largest |c| of a stencil on any row."""
    if stencil.profile is None:
        return abs(as_float(stencil.coefficient))
    return float(np.max(np.abs(stencil.profile.floats()), initial=0.0))


def _highest(own: dict[int, float], bound: float) -> float:
    """Return the largest |p(x)| on [-w, w] of p(x) = sum c_l x^l: at the ends, or where its slope vanishes."""
    coefficients = np.zeros(max(own) + 1)
    for degree, value in own.items():
        coefficients[degree] = value
    polynomial = np.polynomial.Polynomial(coefficients)
    turns = polynomial.deriv().roots()
    inside = turns.real[np.abs(turns.real) < bound]  # real parts of complex roots only add places
    places = np.concatenate([[-bound, bound], inside])
    return float(np.max(np.abs(polynomial(places))))
