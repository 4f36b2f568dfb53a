"""Entries of F_l that rounding alone decides are no terms: the rule, and the size of what it drops.

A coefficient that is zero in exact arithmetic comes out of sums of floats as 1e-17 or as 0, by the processor. Each such
entry would be a gate, a color, a flop. So an entry is a term only where it is above `NEGLIGIBLE` times what it was
computed from: the sum of absolute values where that is known (`polynomials.coefficients`), and here the largest entry
of its own F_l. Maps that were given as they are (exact coefficients, a map file about its own center) lose nothing.

What is dropped is kept as a number for each l, a bound of its spectral norm in any flattening (the Frobenius norm of
one entry a monomial; proved: ||A||_2 <= ||A||_F). It goes into the error budget and into the certificate.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, PolynomialMap
from carlemanc.model.polynomials.coefficients import NEGLIGIBLE
from carlemanc.model.shaped_tensor import ShapedTensor


def without_negligible(map: PolynomialMap) -> PolynomialMap:
    """Return the map without the entries below the rule; `PolynomialMap.dropped` states the norms of those."""
    operators = {degree: _above(operator) for degree, operator in map.operators.items()}
    if all(operators[degree] is operator for degree, operator in map.operators.items()):
        return map
    return map.with_tensors(operators)


def _above(operator: Operator) -> Operator:
    if isinstance(operator, ShapedTensor):
        return operator
    if isinstance(operator, LatticeTensor):
        entries = operator.entries.above(NEGLIGIBLE * operator.largest_entry)
        return operator if entries is operator.entries else replace(operator, entries=entries)
    return operator.above(NEGLIGIBLE * float(np.max(np.abs(operator.vals), initial=0.0)))
