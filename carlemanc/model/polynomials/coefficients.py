"""Arrays of coefficients: exact rationals over one denominator while the text allows, then floats.

Exact arithmetic runs on int64 numerators and moves to Python integers before an overflow could happen. A
result whose common denominator would pass 4,096 bits (sums of 1/i over many i) becomes floats. A sum of
floats that is smaller than its own rounding error counts as zero: without that, columns of mean zero
would leave entries of 1e-17 in F_l, each of them a gate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.polynomials.grouping import Groups, IntArray

MAX_DENOMINATOR_BITS = 4_096
ROUNDING = 2.0**-50
"""A float sum below this times the sum of the absolute values is zero."""

_SAFE = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coefficients:
    """One coefficient for each of r rows, or for each row and each of S samples.

    Attributes:
        values: (r,) or (r, S); float64, or integers (int64 or Python ints) where `denominator` is given.
        denominator: the positive common denominator, or None for floats.
    """

    values: npt.NDArray[Any]
    denominator: int | None = None

    @classmethod
    def constant(cls, value: Fraction, rows: int) -> Coefficients:
        """Return the same exact value on every row."""
        return cls(values=_integers([value.numerator] * rows), denominator=value.denominator)

    @classmethod
    def exact(cls, fractions: Sequence[Fraction]) -> Coefficients:
        """Return exact coefficients over their least common denominator."""
        common = math.lcm(*{value.denominator for value in fractions})
        return cls(
            values=_integers([value.numerator * (common // value.denominator) for value in fractions]),
            denominator=common,
        )._reduced()

    @classmethod
    def integers(cls, values: IntArray) -> Coefficients:
        """Return exact integers."""
        return cls(values=values, denominator=1)

    @property
    def rows(self) -> int:
        """The number of rows r."""
        return len(self.values)

    def floats(self) -> npt.NDArray[np.float64]:
        """Return the values as floats, each correctly rounded."""
        if self.denominator is None:
            return self.values
        if self.values.dtype == np.int64 and self.denominator < 2**53 and _largest(self.values) < 2**53:
            return np.asarray(self.values / float(self.denominator))
        try:
            flat = [value / self.denominator for value in self.values.ravel().tolist()]
        except OverflowError:
            problem = Problem(
                where="loss.expression", found="a coefficient beyond 1e308", allowed="finite numbers"
            )
            raise InputError("The loss cannot be evaluated.", [problem]) from None
        return np.array(flat, dtype=np.float64).reshape(self.values.shape)

    def fractions(self) -> list[Fraction] | None:
        """Return exact values of shape (r,) as rationals, None for floats."""
        if self.denominator is None:
            return None
        numerators = self.values.tolist()
        known = {value: Fraction(value, self.denominator) for value in set(numerators)}
        return [known[value] for value in numerators]

    def take(self, rows: IntArray) -> Coefficients:
        """Return the chosen rows."""
        return Coefficients(values=self.values[rows], denominator=self.denominator)

    def nonzero_rows(self) -> IntArray:
        """Return the rows that are not zero (for every sample)."""
        live = self.values != 0
        return np.flatnonzero(live if live.ndim == 1 else live.any(axis=1))

    def negated(self) -> Coefficients:
        """Return minus the coefficients."""
        return Coefficients(values=-self.values, denominator=self.denominator)

    def __mul__(self, other: Coefficients) -> Coefficients:
        left, right = _aligned(self, other)
        if left.denominator is None or right.denominator is None:
            with np.errstate(over="ignore", invalid="ignore"):
                return Coefficients(values=left.floats() * right.floats())
        values = _safe_product(left.values, right.values)
        return Coefficients(values=values, denominator=left.denominator * right.denominator)._reduced()

    def __add__(self, other: Coefficients) -> Coefficients:
        left, right = _aligned(self, other)
        if left.denominator is None or right.denominator is None:
            first, second = left.floats(), right.floats()
            return Coefficients(values=_chop(first + second, np.abs(first) + np.abs(second)))
        common = math.lcm(left.denominator, right.denominator)
        first, second = (part._over(common) for part in (left, right))
        if _largest(first) + _largest(second) >= _SAFE:
            first = first.astype(object)
        return Coefficients(values=first + second, denominator=common)._reduced()

    def power(self, exponent: int) -> Coefficients:
        """Return the coefficients to a non-negative integer power, 0**0 = 1."""
        result = Coefficients(
            values=np.ones_like(self.values), denominator=None if self.denominator is None else 1
        )
        for _ in range(exponent):
            result = result * self
        return result

    def inverse(self) -> Coefficients:
        """Return 1 over each coefficient; the caller has excluded zeros."""
        if self.denominator is None:
            return Coefficients(values=1.0 / self.values)
        distinct = set(self.values.ravel().tolist())
        common = math.lcm(*distinct)
        if common.bit_length() > MAX_DENOMINATOR_BITS:
            return Coefficients(values=1.0 / self.floats())
        numerators = [self.denominator * (common // value) for value in self.values.ravel().tolist()]
        values = _integers(numerators).reshape(self.values.shape)
        return Coefficients(values=values, denominator=common)._reduced()

    def sum_groups(self, groups: Groups) -> Coefficients:
        """Return one row for each group, the sum of its rows."""
        if groups.count == self.rows:
            return self.take(groups.order)
        ordered = self.values[groups.order]
        if self.denominator is None:
            total = np.add.reduceat(ordered, groups.starts, axis=0)
            return Coefficients(values=_chop(total, np.add.reduceat(np.abs(ordered), groups.starts, axis=0)))
        if _largest(ordered) * int(groups.sizes.max()) >= _SAFE:
            ordered = ordered.astype(object)
        total = np.add.reduceat(ordered, groups.starts, axis=0)
        return Coefficients(values=total, denominator=self.denominator)._reduced()

    def _over(self, common: int) -> npt.NDArray[Any]:
        """Return the numerators over another common denominator, a multiple of this one."""
        factor = common // (self.denominator or 1)
        return self.values if factor == 1 else _safe_product(self.values, _integers([factor]))

    def _reduced(self) -> Coefficients:
        """Cancel what all numerators share with the denominator; floats where it stays too long."""
        if self.denominator is None or self.denominator == 1:
            return self
        values, shared = self.values, self.denominator
        if values.dtype == np.int64:
            shared = math.gcd(shared, int(np.gcd.reduce(values, axis=None)) if values.size else 0)
        else:
            for value in values.ravel().tolist():
                shared = math.gcd(shared, value)
                if shared == 1:
                    break
        denominator = self.denominator // shared
        if denominator.bit_length() > MAX_DENOMINATOR_BITS:
            return Coefficients(values=self.floats())
        if shared > 1:
            values = _narrow(values // shared) if shared < _SAFE else _narrow(values.astype(object) // shared)
        return Coefficients(values=values, denominator=denominator)


def concatenate(parts: Sequence[Coefficients]) -> Coefficients:
    """Stack rows: exact if all parts are, with the sample axis if any part has one."""
    if len(parts) == 1:
        return parts[0]
    samples = max((part.values.shape[1] for part in parts if part.values.ndim == 2), default=0)
    if any(part.denominator is None for part in parts):
        return Coefficients(values=np.concatenate([_widened(part.floats(), samples) for part in parts]))
    common = math.lcm(*{part.denominator or 1 for part in parts})
    values = [_widened(part._over(common), samples) for part in parts]
    return Coefficients(values=np.concatenate(values), denominator=common)


def _widened(values: npt.NDArray[Any], samples: int) -> npt.NDArray[Any]:
    """Repeat (r,) values over the sample axis where there is one."""
    if not samples or values.ndim == 2:
        return values
    return np.broadcast_to(values[:, None], (len(values), samples))


def _aligned(left: Coefficients, right: Coefficients) -> tuple[Coefficients, Coefficients]:
    if left.values.ndim == right.values.ndim:
        return left, right
    if left.values.ndim == 1:
        return Coefficients(values=left.values[:, None], denominator=left.denominator), right
    return left, Coefficients(values=right.values[:, None], denominator=right.denominator)


def _chop(total: npt.NDArray[Any], magnitude: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(np.where(np.abs(total) <= ROUNDING * magnitude, 0.0, total))


def _largest(values: npt.NDArray[Any]) -> int:
    """Return the largest absolute value of integers, as a Python int (no overflow at -2^63)."""
    return max(abs(int(values.max())), abs(int(values.min()))) if values.size else 0


def _safe_product(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if _largest(left) * _largest(right) >= _SAFE and left.dtype == np.int64:
        left = left.astype(object)
    return np.asarray(left * right)


def _narrow(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.int64) if values.dtype == object and _largest(values) < _SAFE else values


def _integers(values: list[int]) -> npt.NDArray[Any]:
    fits = not values or max(abs(min(values)), abs(max(values))) < _SAFE
    return np.array(values, dtype=np.int64 if fits else object)
