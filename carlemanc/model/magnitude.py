"""Sizes of numbers for putting them in order: what rounding cannot turn.

A pass that takes entries from large to small (coloring, flattening, pruning) would take two that are equal in exact
arithmetic in the order of their last bits, and what it makes would have other colors, gates and norms on another
processor. These keys are equal where numbers differ by rounding alone; whoever sorts by them breaks ties by place.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, IntArray

STEPS = 2**8
"""Steps of a mantissa in [1/2, 1) that `ranks` tells apart: hardly one of many lies within rounding of an edge."""
DIGITS = 2**30
"""The same for `sizes`: nine significant digits."""
ZERO = -(2**40)
"""The rank of zero."""


def ranks(values: npt.ArrayLike) -> IntArray:
    """Return integers that grow with |v|, equal where sizes agree to 1/256 or so; `ZERO` for 0.

    Short binary numbers, as 1 or 0.75, lie in the middle of a step and not at its edge.
    """
    mantissa, exponent = np.frexp(np.abs(np.asarray(values, dtype=np.float64)))
    steps = np.rint(mantissa * STEPS).astype(np.int64)
    return np.where(mantissa == 0, ZERO, exponent.astype(np.int64) * (STEPS // 2) + steps)


def whole_sizes(values: npt.ArrayLike, bits: int = 40) -> list[int]:
    """Return |v| as whole numbers, the largest of `bits` bits, to 1/256 of each: their sums are exact.

    Sizes below the last bit count as 0.
    """
    mantissa, exponent = np.frexp(np.abs(np.asarray(values, dtype=np.float64)))
    shift = exponent.astype(np.int64) - int(exponent.max(initial=0)) + bits
    steps = np.rint(mantissa * STEPS).astype(np.int64)
    return [
        step << place if place >= 0 else 0 for step, place in zip(steps.tolist(), shift.tolist(), strict=True)
    ]


def sizes(values: npt.ArrayLike) -> FloatArray:
    """Return |v| to nine significant digits: equal for values that differ by rounding."""
    mantissa, exponent = np.frexp(np.abs(np.asarray(values, dtype=np.float64)))
    return np.asarray(np.ldexp(np.rint(mantissa * DIGITS) / DIGITS, exponent))
