"""What the names of a loss stand for where it is evaluated as it is written, and the values of parts without weights.

A Sum is an axis of arrays, those of one depth sharing theirs; an index of a Sum is the numbers along its axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import InternalError
from carlemanc.model.expression.tree import (
    Add,
    Expression,
    Index,
    Inverse,
    Mul,
    Name,
    Neg,
    Number,
    Pow,
    Sum,
    sum_indices,
    unbound_names,
)
from carlemanc.model.lattice.affine import NotAffine, affine
from carlemanc.model.vocabulary import Vocabulary
from carlemanc.model.weights import as_exact


class NoAxes(Exception):
    """A Sum whose range depends on another index, or is empty: no axis of an array."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The index of a Sum: `extent` values from `low` on, along axis `depth` of the arrays."""

    depth: int
    low: int
    extent: int


Scope = Mapping[str, Axis]
"""The indices of the Sums around a part."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Names:
    """What the names of one expression stand for.

    Args:
        dims: of the lattice that weights are numbered on.
        periodic: whether sites beyond its ends are those at the other end; if not, weights there are zero.
        scalars: names of numbers, sizes included.
        arrays: names of arrays, x and y included.
        depth: the most Sums inside one another, at least 1.
    """

    dims: tuple[int, ...]
    periodic: bool
    scalars: Mapping[str, Fraction]
    arrays: Mapping[str, FloatArray] = field(default_factory=dict)
    depth: int = 1

    @classmethod
    def of(cls, expression: Expression, vocabulary: Vocabulary, rows: tuple[int, int] | None = None) -> Names:
        """Return the names of an accepted expression, of some rows of the data; as `open_expression` reads them."""
        dims = tuple(vocabulary.dims or (vocabulary.weights,))
        numbers: dict[str, Fraction] = {}
        arrays: dict[str, FloatArray] = {}
        for name, value in vocabulary.parameters.items():
            if isinstance(value, np.ndarray) and value.ndim:
                arrays[name] = value.astype(np.float64)
            else:
                numbers[name] = as_exact(float(value) if isinstance(value, np.ndarray) else value)
        taken = vocabulary.parameters.keys() | sum_indices(expression)
        extents = enumerate(dims, start=1) if vocabulary.dims else ()
        sizes = {f"n{axis}": Fraction(size) for axis, size in extents if f"n{axis}" not in taken}
        numbers = sizes | numbers | {"n": Fraction(vocabulary.weights)}
        data = vocabulary.data
        if data is not None:
            data = data if rows is None else data.rows(*rows)
            numbers["m"] = Fraction(data.samples)
            arrays |= {"x": data.x, "y": data.y}
        return cls(
            dims=dims,
            periodic=vocabulary.boundary == "periodic",
            scalars=numbers,
            arrays=arrays,
            depth=max(1, _nested(expression)),
        )

    def axis(self, total: Sum, scope: Scope) -> Axis:
        """Return the axis of a Sum. Raises NoAxes where its range is not the same everywhere, or empty."""
        try:
            low, high = (affine(end, self.scalars) for end in (total.low, total.high))
        except NotAffine:
            raise NoAxes from None
        first, last = low.pop("", Fraction(0)), high.pop("", Fraction(0))
        if any(low.values()) or any(high.values()) or first.denominator != 1 or last.denominator != 1:
            raise NoAxes
        if last < first:
            raise NoAxes
        depth = max((axis.depth for axis in scope.values()), default=-1) + 1
        return Axis(depth=depth, low=int(first), extent=int(last) - int(first) + 1)

    def shape(self, expression: Expression, scope: Scope) -> tuple[int, ...]:
        """Return the extents of an expression's array: 1 along indices that it does not name."""
        extents = [1] * self.depth
        for name in unbound_names(expression) & scope.keys():
            extents[scope[name].depth] = scope[name].extent
        return tuple(extents)

    def number(self, expression: Expression, scope: Scope) -> FloatArray:
        """Return the values of a part without weights, `shape`."""
        match expression:
            case Number(value):
                return np.full([1] * self.depth, float(value))
            case Name(name) if name in scope:
                return self._along(scope[name])
            case Name(name):
                return np.full([1] * self.depth, float(self.scalars[name]))
            case Index(name, _):
                return self._element(expression, self.arrays[name], scope)
            case Add(terms):
                return reduce(np.add, [self.number(term, scope) for term in terms])
            case Mul(factors):
                return reduce(np.multiply, [self.number(factor, scope) for factor in factors])
            case Neg(operand):
                return -self.number(operand, scope)
            case Inverse(operand):
                return 1.0 / self.number(operand, scope)
            case Pow(base, exponent):
                return np.asarray(self.number(base, scope) ** exponent)
            case Sum(body, name, _, _):
                axis = self.axis(expression, scope)
                inner = self.number(body, {**scope, name: axis})
                times = axis.extent if inner.shape[axis.depth] == 1 else 1
                return np.asarray(inner.sum(axis=axis.depth, keepdims=True) * times)

    def site(self, weight: Index, scope: Scope) -> tuple[IntArray, Mask]:
        """Return the number of the weight at each place, and whether there is one: none beyond open ends."""
        site: IntArray = np.zeros([1] * self.depth, dtype=np.int64)
        inside: Mask = np.ones([1] * self.depth, dtype=bool)
        for index, size in zip(weight.indices, self.dims, strict=True):
            place = self._integers(index, scope)
            if self.periodic:
                place = place % size
            inside = inside & (place >= 0) & (place < size)
            site = site * size + np.clip(place, 0, size - 1)
        return np.broadcast_arrays(site, inside)  # type: ignore[return-value]

    def _element(self, expression: Index, array: FloatArray, scope: Scope) -> FloatArray:
        places = []
        for axis, index in enumerate(expression.indices):
            place = self._integers(index, scope)
            fits = array.shape == self.dims or (len(self.dims) == 1 and array.shape[axis] == self.dims[0])
            if self.periodic and fits and expression.name not in {"x", "y"}:
                place = place % array.shape[axis]
            places.append(place)
        return np.asarray(array[tuple(np.broadcast_arrays(*places))], dtype=np.float64)

    def _integers(self, index: Expression, scope: Scope) -> IntArray:
        """Return an index, in integers where it is linear in others."""
        try:
            form = affine(index, self.scalars)
        except NotAffine:
            return np.rint(self.number(index, scope)).astype(np.int64)
        if any(part.denominator != 1 for part in form.values()):
            return np.rint(self.number(index, scope)).astype(np.int64)
        total: IntArray = np.full([1] * self.depth, int(form.pop("", Fraction(0))), dtype=np.int64)
        for name, factor in form.items():
            total = total + self._along(scope[name]).astype(np.int64) * int(factor)
        return total

    def _along(self, axis: Axis) -> FloatArray:
        if axis.depth >= self.depth:
            raise InternalError("an index deeper than the Sums of its expression")
        shape = [1] * self.depth
        shape[axis.depth] = axis.extent
        return np.arange(axis.low, axis.low + axis.extent, dtype=np.float64).reshape(shape)


def _nested(expression: Expression) -> int:
    """Return the most Sums inside one another."""
    match expression:
        case Sum(body):
            return 1 + _nested(body)
        case Add(parts) | Mul(parts):
            return max(map(_nested, parts))
        case Neg(part) | Inverse(part) | Pow(part, _):
            return _nested(part)
        case _:
            return 0
