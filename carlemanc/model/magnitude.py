"""Sizes of numbers for putting them in order: what rounding cannot turn.

A pass that takes entries from large to small (coloring, flattening, pruning) would take two that are equal in exact
arithmetic in the order of their last bits, and what it makes would have other colors, gates and norms on another
processor. These keys are equal where numbers differ by rounding alone; whoever sorts by them breaks ties by place.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from carlemanc.core.rounding import GUARD

IntArray = npt.NDArray[np.int64]
DIGITS = 2**30
"""Steps of a mantissa in [1/2, 1) that `sizes` tells apart: nine significant digits."""
ZERO = -(2**20)
"""The binary order of zero."""


def binary_orders(values: npt.ArrayLike) -> IntArray:
    """Return floor(log2 |v|) for each value, `ZERO` for 0; within `GUARD` below a power of two it is that power."""
    mantissa, exponent = np.frexp(np.abs(np.asarray(values, dtype=np.float64)) * (1 + GUARD))
    return np.where(mantissa == 0, ZERO, exponent.astype(np.int64) - 1)


def sizes(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return |v| to nine significant digits: equal for values that differ by rounding."""
    mantissa, exponent = np.frexp(np.abs(np.asarray(values, dtype=np.float64)))
    return np.asarray(np.ldexp(np.rint(mantissa * DIGITS) / DIGITS, exponent))
