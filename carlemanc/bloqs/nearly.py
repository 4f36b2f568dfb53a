"""What counts as equal in an angle or an amplitude: one tolerance for every choice of gates.

Whether a ratio is 1 decides whether there is a rotation at all. Near 1 the arccosine has an infinite slope: a ratio of
1 - 1e-16 is an angle of 3e-8. So ratios are compared before an angle is made of them, and by one tolerance, far above
rounding and far below anything a block encoding is asked to resolve; the last bits then choose no gate.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray

SAME = 1e-12
"""Numbers of order one within this of each other are the same; what that leaves out of a block is at most this."""


def is_below_one(value: float) -> bool:
    """Return whether a number is smaller than 1 by more than rounding."""
    return value < 1 - SAME


def turn(ratio: float) -> float:
    """Return 2 arccos(ratio), the angle of a Y rotation whose <0|.|0> is the ratio, which is clipped to [-1, 1].

    Ratios within `SAME` of -1, 0 and 1 are these.
    """
    for exact, angle in ((1.0, 0.0), (0.0, math.pi), (-1.0, 2 * math.pi)):
        if abs(ratio - exact) <= SAME:
            return angle
    return 2 * math.acos(max(-1.0, min(1.0, ratio)))


def turns(ratios: npt.ArrayLike) -> FloatArray:
    """Return `turn` of each ratio."""
    given = np.asarray(ratios, dtype=np.float64)
    nearest = np.rint(given)
    snapped = np.where(np.abs(given - nearest) <= SAME, nearest, given)
    return np.asarray(2 * np.arccos(np.clip(snapped, -1.0, 1.0)))
