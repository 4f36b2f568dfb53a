"""Arrays of coefficients: exact rationals over one denominator while the text allows, then floats.

Exact arithmetic runs on int64 numerators and moves to Python integers before an overflow could happen. A
result whose common denominator would pass 4,096 bits (sums of 1/i over many i) becomes floats.

A sum of floats that is below `NEGLIGIBLE` times the sum of the absolute values of its terms counts as zero. Without
that, columns of mean zero would leave entries of 1e-17 in F_l, each of them a gate, and how many there are would
depend on the processor. What is set to zero is not forgotten: `errors` bounds what each coefficient has lost, through
every later sum and product (|a| e_b + |b| e_a + e_a e_b; derived here), until the map states it as `dropped`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from carlemanc.core.arrays import Array, FloatArray, IntArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.polynomials.grouping import Groups

MAX_DENOMINATOR_BITS = 4_096
NEGLIGIBLE = 2.0**-40
"""A float sum below this times the sum of the absolute values of its terms is zero (9e-13: rounding moves a sum of m
terms by up to m 1.1e-16 of that, and data that was standardized carries the rounding of its mean)."""

_SAFE = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coefficients:
    """One coefficient for each of r rows, or for each row and each of S samples.

    Attributes:
        values: (r,) or (r, S); float64, or integers (int64 or Python ints) where `denominator` is given.
        denominator: the positive common denominator, or None for floats.
        errors: of the shape of `values`, bounds of what was set to zero on the way to each; None where nothing was.
    """

    values: Array
    denominator: int | None = None
    errors: FloatArray | None = None

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

    def floats(self) -> FloatArray:
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
        return Coefficients(
            values=self.values[rows],
            denominator=self.denominator,
            errors=None if self.errors is None else self.errors[rows],
        )

    def spread(self, rows: IntArray, size: int) -> Coefficients:
        """Return `size` rows, row k of these at `rows[k]` and zeros elsewhere."""

        def placed(array: Array) -> Array:
            result = np.zeros((size, *array.shape[1:]), dtype=array.dtype)
            result[rows] = array
            return result

        return Coefficients(
            values=placed(self.values),
            denominator=self.denominator,
            errors=None if self.errors is None else placed(self.errors),
        )

    def nonzero_rows(self) -> IntArray:
        """Return the rows that are not zero (for every sample), or have lost something that is to be counted."""
        live = self.values != 0
        if self.errors is not None:
            live = live | (self.errors > 0)
        return np.flatnonzero(live if live.ndim == 1 else live.any(axis=1))

    def negated(self) -> Coefficients:
        """Return minus the coefficients."""
        return replace(self, values=-self.values)

    def __mul__(self, other: Coefficients) -> Coefficients:
        left, right = _aligned(self, other)
        if left.denominator is None or right.denominator is None:
            with np.errstate(over="ignore", invalid="ignore"):
                first, second = left.floats(), right.floats()
                return Coefficients(values=first * second, errors=_product_errors(left, right))
        values = _safe_product(left.values, right.values)
        return Coefficients(values=values, denominator=left.denominator * right.denominator)._reduced()

    def __add__(self, other: Coefficients) -> Coefficients:
        left, right = _aligned(self, other)
        if left.denominator is None or right.denominator is None:
            first, second = left.floats(), right.floats()
            return _chopped(first + second, np.abs(first) + np.abs(second), _sum_errors(left, right))
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
            return Coefficients(values=1.0 / self.values, errors=_inverse_errors(self))
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
            lost = None
            if self.errors is not None:
                lost = np.add.reduceat(self.errors[groups.order], groups.starts, axis=0)
            total = np.add.reduceat(ordered, groups.starts, axis=0)
            return _chopped(total, np.add.reduceat(np.abs(ordered), groups.starts, axis=0), lost)
        if _largest(ordered) * int(groups.sizes.max()) >= _SAFE:
            ordered = ordered.astype(object)
        total = np.add.reduceat(ordered, groups.starts, axis=0)
        return Coefficients(values=total, denominator=self.denominator)._reduced()

    def _over(self, common: int) -> Array:
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
        lost = None
        if any(part.errors is not None for part in parts):
            nothing = [np.zeros_like(part.values, dtype=np.float64) for part in parts]
            lost = np.concatenate(
                [
                    _widened(none if part.errors is None else part.errors, samples)
                    for part, none in zip(parts, nothing, strict=True)
                ]
            )
        floats = np.concatenate([_widened(part.floats(), samples) for part in parts])
        return Coefficients(values=floats, errors=lost)
    common = math.lcm(*{part.denominator or 1 for part in parts})
    values = [_widened(part._over(common), samples) for part in parts]
    return Coefficients(values=np.concatenate(values), denominator=common)


def without_sizes(found: Coefficients) -> Coefficients:
    """Return the sums (r,) of coefficients (sum, sum of absolute values) (r, 2), the negligible ones zero."""
    sums, sizes = found.values.T
    return _chopped(sums, sizes, None if found.errors is None else found.errors[:, 0])


def _widened(values: Array, samples: int) -> Array:
    """Repeat (r,) values over the sample axis where there is one."""
    if not samples or values.ndim == 2:
        return values
    return np.broadcast_to(values[:, None], (len(values), samples))


def _aligned(left: Coefficients, right: Coefficients) -> tuple[Coefficients, Coefficients]:
    if left.values.ndim == right.values.ndim:
        return left, right
    if left.values.ndim == 1:
        return _as_column(left), right
    return left, _as_column(right)


def _as_column(found: Coefficients) -> Coefficients:
    errors = None if found.errors is None else found.errors[:, None]
    return Coefficients(values=found.values[:, None], denominator=found.denominator, errors=errors)


def _chopped(total: Array, magnitude: Array, lost: FloatArray | None) -> Coefficients:
    """Return sums of floats, the negligible ones zero, with what these and their terms have lost."""
    small = (np.abs(total) <= NEGLIGIBLE * magnitude) & (total != 0) & np.isfinite(total)
    if not small.any():
        return Coefficients(values=total, errors=lost)
    dropped = np.where(small, np.abs(total), 0.0)
    return Coefficients(
        values=np.where(small, 0.0, total), errors=dropped if lost is None else dropped + lost
    )


def _sum_errors(left: Coefficients, right: Coefficients) -> FloatArray | None:
    if left.errors is None or right.errors is None:
        return left.errors if right.errors is None else right.errors
    return np.asarray(left.errors + right.errors)


def _product_errors(left: Coefficients, right: Coefficients) -> FloatArray | None:
    if left.errors is None and right.errors is None:
        return None
    first, second = np.abs(left.floats()), np.abs(right.floats())
    if left.errors is None:
        return np.asarray(first * right.errors)
    if right.errors is None:
        return np.asarray(left.errors * second)
    return np.asarray(first * right.errors + left.errors * second + left.errors * right.errors)


def _inverse_errors(found: Coefficients) -> FloatArray | None:
    """|1/v - 1/(v + d)| <= e/(|v| (|v| - e)) for |d| <= e < |v|, infinite where zero is within reach."""
    if found.errors is None:
        return None
    size = np.abs(found.values)
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = found.errors / (size * (size - found.errors))
    return np.asarray(np.where(found.errors < size, reached, np.inf))


def _largest(values: Array) -> int:
    """Return the largest absolute value of integers, as a Python int (no overflow at -2^63)."""
    return max(abs(int(values.max())), abs(int(values.min()))) if values.size else 0


def _safe_product(left: Array, right: Array) -> Array:
    if _largest(left) * _largest(right) >= _SAFE and left.dtype == np.int64:
        left = left.astype(object)
    return np.asarray(left * right)


def _narrow(values: Array) -> Array:
    return values.astype(np.int64) if values.dtype == object and _largest(values) < _SAFE else values


def _integers(values: list[int]) -> Array:
    fits = not values or max(abs(min(values)), abs(max(values))) < _SAFE
    return np.array(values, dtype=np.int64 if fits else object)
