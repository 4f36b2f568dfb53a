"""Where the eigenvalues of a step I + F_1 lie, proved by two norms, and whether it is symmetric.

For a symmetric B and s >= ||B||: s + lambda_max(B) = ||s I + B|| and s - lambda_min(B) = ||s I - B||, so that upper
bounds of these norms, which the operators give at any n, bound both ends (derived here, proved).
"""

from __future__ import annotations

import numpy as np

from carlemanc.carleman.map_norms import ROUND_UP
from carlemanc.classical.power_series import Interval
from carlemanc.core.rounding import rounded_down, rounded_up
from carlemanc.model.lattice.stencil import Stencil, collect
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator
from carlemanc.model.sparse_tensor import SparseTensor

_DIGITS = 9
_OUTWARD = 2e-9
"""More than what rounding to so many digits may take away."""
_ROUNDING = 1e-14
"""Entries that differ by so much of the largest one are equal: they are sums in another order."""


def spectral_interval(step: Operator) -> Interval:
    """Return an interval that holds every eigenvalue of a symmetric operator, rounded outward."""
    size = step.norm2 * ROUND_UP
    if not size:
        return Interval(low=0.0, high=0.0)
    above, below = (step.scale(sign / size).plus_identity().norm2 * ROUND_UP * size for sign in (1.0, -1.0))
    slack = _OUTWARD * size
    high, low = min(size, above - size) + slack, max(-size, size - below) - slack
    return Interval(low=rounded_down(low, _DIGITS), high=rounded_up(max(low, high), _DIGITS))


def is_symmetric(operator: Operator) -> bool:
    """Return whether an F_1 equals its transpose, entry by entry, to rounding; False where that is not known."""
    if isinstance(operator, LatticeTensor):
        return _are_symmetric(operator) and _is_symmetric(operator.entries)
    return isinstance(operator, SparseTensor) and _is_symmetric(operator)


def _is_symmetric(entries: SparseTensor) -> bool:
    if not entries.nnz:
        return True
    rows, cols = entries.rows, entries.cols[:, 0]
    back = np.lexsort((rows, cols))  # entries are in the order of rows, then columns
    if not (np.array_equal(rows, cols[back]) and np.array_equal(cols, rows[back])):
        return False
    largest = float(np.abs(entries.vals).max())
    return bool(np.all(np.abs(entries.vals - entries.vals[back]) <= _ROUNDING * largest))


def _are_symmetric(tensor: LatticeTensor) -> bool:
    """Return whether the stencils less their transposes are nothing."""
    lattice, difference = tensor.lattice, list(tensor.stencils)
    if any(item.profile is not None for item in difference):
        return False
    for item in tensor.stencils:
        (offset,) = item.offsets
        back = tuple(-step for step in offset)
        difference += [
            Stencil(offsets=(back,), box=box, coefficient=-item.coefficient)
            for box in lattice.moved(item.box, offset)
        ]
    left, _ = collect(difference, lattice)
    largest = max((abs(float(item.coefficient)) for item in tensor.stencils), default=0.0)
    return all(abs(float(item.coefficient)) <= _ROUNDING * largest for item in left)
