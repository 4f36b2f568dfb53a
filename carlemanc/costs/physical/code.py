"""The surface code: logical error rate, code distance, physical qubits of a patch.

p_L(d) = a (p/p*)^((d+1)/2) with p* = 0.01: a = 0.1 a cycle (Fowler and Gidney, arXiv:1808.06709, section XV)
or a = 0.03 a logical time step of d cycles (Beverland et al., arXiv:2211.07629). Fits to simulations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

THRESHOLD = 0.01
LARGEST_DISTANCE = 201


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceCode:
    """An error model.

    Attributes:
        prefactor: a.
        per: what p_L is the error of, a `cycle` or a `step` of d cycles.
    """

    prefactor: float
    per: Literal["cycle", "step"]

    def logical_error(self, distance: int, physical_error: float) -> float:
        """Return p_L of one patch."""
        return self.prefactor * math.pow(physical_error / THRESHOLD, (distance + 1) / 2)

    def log_failure(self, distance: int, physical_error: float, volume: int) -> float:
        """Return the natural logarithm of volume * p_L, for a patch-time volume of any size."""
        rate = math.log(self.prefactor) + (distance + 1) / 2 * math.log(physical_error / THRESHOLD)
        return math.log(volume) + rate if volume else -math.inf


def patch_qubits(distance: int) -> int:
    """Return the physical qubits of a patch, 2 d^2 (measurement qubits and spacing included)."""
    return 2 * distance * distance


BEVERLAND = SurfaceCode(prefactor=0.03, per="step")
GIDNEY_FOWLER = SurfaceCode(prefactor=0.1, per="cycle")
