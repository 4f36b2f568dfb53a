"""A linear system as it is given, with what a circuit for it is planned by.

Comes in: a `SparseSystem`. Goes out: the norms of L and of its inverse, those of b and x, and what is read: all of x.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.core.rounding import rounded_up
from carlemanc.linear_system.inverse_norm import Conditioning
from carlemanc.linear_system.planned_norms import SOLVED_NORMS, Norms
from carlemanc.linear_system.singular_values import COMPUTED
from carlemanc.linear_system.sparse_system import SparseSystem


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A matrix and a right-hand side, nothing derived or linearized: x takes the place of theta(T) - center.

    Args:
        origin: where it is described, for messages.
        system: the files, checked and padded.
    """

    origin: str
    system: SparseSystem

    @property
    def n(self) -> int:
        """Number of unknowns."""
        return self.system.size

    @cached_property
    def inverse_norm(self) -> Conditioning:
        """||L|| and ||L^-1||, computed."""
        largest, least = self.system.singular_values
        return Conditioning(
            inverse_norm=rounded_up(1 / least), norm=rounded_up(largest), source="computed", formula=COMPUTED
        )

    @cached_property
    def norms(self) -> Norms:
        """||b|| and ||x||; all of x is read."""
        return Norms(
            rhs_norm=float(np.linalg.norm(self.system.rhs)),
            solution_norm=float(np.linalg.norm(self.system.solution)),
            readout_probability=1.0,
            source="computed",
            formula=SOLVED_NORMS,
        )

    @property
    def support(self) -> int:
        """Any unknown may be nonzero."""
        return self.n

    @cached_property
    def read_sites(self) -> IntArray:
        """All unknowns."""
        return np.arange(self.n, dtype=np.int64)
