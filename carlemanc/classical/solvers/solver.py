"""What every classical solver of a linear system promises: its cost for a question, and x."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import scipy.sparse as sp

from carlemanc.core.arrays import FloatArray
from carlemanc.costs.classical_baseline import ClassicalProgram
from carlemanc.linear_system.given import Given


@dataclass(frozen=True, kw_only=True, eq=False)
class SystemQuestion:
    """All of x of L x = b, with a relative error of `epsilon` in the 2-norm.

    Args:
        given: the linear system.
        epsilon: that error.
    """

    given: Given
    epsilon: float

    @property
    def n(self) -> int:
        """Number of unknowns."""
        return self.given.n

    @cached_property
    def matrix(self) -> sp.csr_array:
        """L, (n, n), without padding."""
        return sp.csr_array(self.given.system.matrix[: self.n, : self.n])

    @cached_property
    def rhs(self) -> FloatArray:
        """b, (n,)."""
        return np.asarray(self.given.system.rhs[: self.n])

    @property
    def kappa(self) -> float:
        """||L|| ||L^-1||, of L with its padding, rounded up."""
        return self.given.inverse_norm.kappa


class Solver(ABC):
    """A classical solver; one file, and one line of the registry."""

    name: ClassVar[str]

    @abstractmethod
    def cost(self, question: SystemQuestion) -> ClassicalProgram:
        """Return the flops for x."""

    @abstractmethod
    def solve(self, question: SystemQuestion) -> FloatArray:
        """Return x, (n,)."""
