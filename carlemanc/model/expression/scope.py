"""Where an expression is being evaluated: the values of the Sum indices, one row for each combination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.polynomials.batch_polynomial import MONOMIAL_LIMIT, too_many
from carlemanc.model.polynomials.grouping import concatenated_ranges


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """`size` combinations of index values, and at most one index kept as a whole axis of samples.

    Attributes:
        size: number of rows B.
        values: index name -> (B,) values.
        sample: name of the index on the sample axis, or None.
        samples: (S,) values of that index.
    """

    size: int
    values: Mapping[str, IntArray]
    sample: str | None = None
    samples: IntArray | None = None

    @classmethod
    def outermost(cls) -> Scope:
        """Return the scope outside every Sum."""
        return cls(size=1, values={})

    def binds(self, names: frozenset[str]) -> bool:
        """Return whether any of the names is a Sum index here."""
        return bool(names & (self.values.keys() | {self.sample}))

    def lookup(self, name: str) -> IntArray:
        """Return the values of an index, (B,) or for the sample axis (B, S)."""
        if name == self.sample and self.samples is not None:
            return np.broadcast_to(self.samples, (self.size, len(self.samples)))
        return self.values[name]

    def expanded(self, name: str, low: IntArray, high: IntArray) -> tuple[Scope, IntArray]:
        """Return the scope with a row for each value low..high of each row, and the row it came from."""
        counts = np.maximum(high - low + 1, 0)
        total = int(counts.sum(dtype=object))
        if total > 4 * MONOMIAL_LIMIT:
            raise too_many(total)
        parent = np.repeat(np.arange(self.size), counts)
        values = {known: array[parent] for known, array in self.values.items()}
        values[name] = concatenated_ranges(low, counts)
        return Scope(size=total, values=values, sample=self.sample, samples=self.samples), parent

    def with_samples(self, name: str, samples: IntArray) -> Scope:
        """Return the scope with an index kept as the sample axis."""
        return Scope(size=self.size, values=self.values, sample=name, samples=samples)


def refuse(found: str, allowed: str, help: str = "") -> InputError:
    """Return the error for a loss that parses but cannot be evaluated."""
    problem = Problem(where="loss.expression", found=found, allowed=allowed, help=help)
    return InputError("The loss cannot be evaluated.", [problem])
