"""The expansion point as exact coefficients: looked up by site, at a cost that grows with its listed sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.weights import Weights, as_exact


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExactPoint:
    """A center whose numbers are the rationals they are printed as.

    Attributes:
        sites: (k,) ascending sites with a value of their own.
        values: k + 1 rows, the value at each of them and last the one everywhere else.
        is_zero: whether all of them are zero.
    """

    sites: IntArray
    values: Coefficients
    is_zero: bool

    @classmethod
    def of(cls, point: Weights) -> ExactPoint:
        """Return the exact form of a point."""
        listed = [as_exact(value) for value in [*point.values.tolist(), point.fill]]
        return cls(sites=point.sites, values=Coefficients.exact(listed), is_zero=point.is_zero)

    def take(self, sites: IntArray) -> Coefficients:
        """Return the values at sites, (t,) -> t rows."""
        if not len(self.sites):
            return self.values.take(np.zeros(len(sites), dtype=np.int64))
        place = np.minimum(np.searchsorted(self.sites, sites), len(self.sites) - 1)
        return self.values.take(np.where(self.sites[place] == sites, place, len(self.sites)))
