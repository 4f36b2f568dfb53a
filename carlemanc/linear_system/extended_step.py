"""The steps and the start of a march in time: y(t + 1) = B_t y(t) + c_t as one matrix a step (level 0 = 1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import svds

from carlemanc.carleman.explicit_step import MAX_ENTRIES
from carlemanc.carleman.map_norms import ROUND_UP
from carlemanc.core.arrays import Vector
from carlemanc.core.errors import TooLarge
from carlemanc.linear_system.history import HistorySystem

_DENSE = 500
"""Rows up to which the norm of a step is taken from all its singular values."""


@dataclass(frozen=True, kw_only=True, eq=False)
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

    @cached_property
    def norms(self) -> tuple[float, ...] | None:
        """The norm of each distinct step, computed; None where no entry is known, or the steps are too large.

        At order 1 without sources the step is I + F_1, whose norm the map knows: the largest singular values of a long
        lattice are so close to each other that iterating for them takes forever.
        """
        systems = self.history.systems
        if systems[0].map.is_shaped:
            return None
        if self._is_map_alone:
            return tuple(system.map.symmetric_norms[1] * ROUND_UP for system in systems)
        try:
            return tuple(_norm(step) for step in self.matrices())
        except TooLarge:
            return None

    @property
    def written_entries(self) -> int:
        """How many entries are written out for `norms`, at most; 0 where none are. Cheap at any size."""
        systems = self.history.systems
        if systems[0].map.is_shaped or self._is_map_alone:
            return 0
        top = systems[0].levels[-1]
        linear = [system.step_operators.get(1) for system in systems]
        if all(one is not None and one.nnz**top > MAX_ENTRIES for one in linear):
            return 0  # the block of the highest level alone is too large, which no entry need be listed for
        try:
            entries = sum(system.entries_bound for system in systems)
        except TooLarge:
            return 0
        return entries if entries <= MAX_ENTRIES * len(systems) else 0

    @property
    def _is_map_alone(self) -> bool:
        """Whether the step is I + F_1 of many weights."""
        first = self.history.systems[0]
        return first.levels == (1,) and not self.level_zero and first.n > _DENSE

    def _extend(self, packed: Vector) -> Vector:
        return np.append(1.0, packed) if self.level_zero else np.asarray(packed)


def _norm(step: sp.csr_matrix) -> float:
    """The largest singular value, with slack for the iteration."""
    if min(step.shape) <= _DENSE:
        return float(np.linalg.norm(step.toarray(), 2))
    return float(svds(step, k=1, return_singular_vectors=False, rng=0)[0]) * (1 + 1e-6)
