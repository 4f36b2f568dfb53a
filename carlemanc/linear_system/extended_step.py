"""The steps and the start of a march in time: y(t + 1) = B_t y(t) + c_t as one matrix a step (level 0 = 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from carlemanc.core.arrays import Vector
from carlemanc.linear_system.history import HistorySystem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExtendedSteps:
    """The march of a history; every vector is packed, with the constant 1 first where there are sources.

    Args:
        history: the steps, the start and the schedule (padding is not marched).
    """

    history: HistorySystem

    @property
    def level_zero(self) -> bool:
        """Whether the constant is carried along."""
        return self.history.is_driven

    def start(self) -> Vector:
        """Return y(0), (D,): norm sqrt(1 + sum_j z_0^(2j)) with sources, the 1 left out without."""
        return self._extend(self.history.systems[0].lift(self.history.u_in))

    def end(self) -> Vector:
        """Return y(T), (D,)."""
        return self._extend(self.history.solve()[self.history.steps])

    def matrices(self) -> list[sp.csr_matrix]:
        """Return the distinct steps [[1, 0], [c, B]] (or B) as csr, (D, D). Raises TooLarge."""
        steps = []
        for system in self.history.systems:
            step = system.to_sparse()
            if self.level_zero:
                source = sp.csr_matrix(system.source()[:, None]) if system.is_driven else None
                step = sp.bmat([[sp.identity(1), None], [source, step]], format="csr")
            steps.append(sp.csr_matrix(step))
        return steps

    def _extend(self, packed: Vector) -> Vector:
        return np.append(1.0, packed) if self.level_zero else np.asarray(packed)
