"""Sparse polynomials with one set of monomials and a coefficient for each data sample, many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplePart:
    """The monomials of one degree.

    Attributes:
        member: (t,) the polynomial each belongs to, ascending.
        cols: (t, degree) ascending weight indices, distinct within a member.
        values: (t, samples) coefficients.
    """

    member: IntArray
    cols: IntArray
    values: FloatArray

    @property
    def count(self) -> int:
        """The number of monomials t, of all members."""
        return len(self.member)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplePolynomials:
    """`size` polynomials in n weights for each of `samples`; `parts` maps a degree to its monomials."""

    n: int
    size: int
    samples: int
    parts: Mapping[int, SamplePart]

    def like(self, parts: Mapping[int, SamplePart]) -> SamplePolynomials:
        """Return other monomials of the same polynomials."""
        return replace(self, parts=parts)

    def capped(self, cap: int) -> SamplePolynomials:
        """Return the parts of degree at most `cap`."""
        return self.like({degree: part for degree, part in self.parts.items() if degree <= cap})

    def split(self) -> tuple[FloatArray, SamplePolynomials]:
        """Return the constant terms, shape (size, samples), and the rest."""
        constant = np.zeros((self.size, self.samples))
        if 0 in self.parts:
            constant[self.parts[0].member] = self.parts[0].values
        return constant, self.like({degree: part for degree, part in self.parts.items() if degree})

    def plus_constants(self, values: FloatArray) -> SamplePolynomials:
        """Return polynomials without constant terms plus `values`, shape (size, samples)."""
        live = np.flatnonzero(values.any(axis=1))
        if not len(live):
            return self
        cols = np.zeros((len(live), 0), dtype=np.int64)
        return self.like({0: SamplePart(member=live, cols=cols, values=values[live]), **self.parts})

    def times(self, factor: FloatArray) -> SamplePolynomials:
        """Return each polynomial times its own factor for each sample, shape (size, samples)."""
        return self.like(
            {
                degree: replace(part, values=part.values * factor[part.member])
                for degree, part in self.parts.items()
            }
        )


def constants(n: int, values: FloatArray) -> SamplePolynomials:
    """Return polynomials of degree 0 from values of shape (size, samples)."""
    size, samples = values.shape
    return SamplePolynomials(n=n, size=size, samples=samples, parts={}).plus_constants(values)
