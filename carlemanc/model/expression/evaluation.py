"""From the tree of a loss to its polynomial in u = theta - center, exactly.

Sums are literal. A Sum over weights becomes a batch of index values; a Sum over data samples becomes moments
(`moments.py`). `theta[i]` is `center[i] + u_i` from the start, so the expansion about the center needs no
second pass and loses no digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Literal

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InternalError
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.moments import sum_over_samples
from carlemanc.model.expression.scope import Scope, refuse
from carlemanc.model.expression.tree import (
    WEIGHT,
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
    unbound_names,
    uses_weight,
    walk,
)
from carlemanc.model.polynomials.batch_polynomial import (
    MONOMIAL_LIMIT,
    BatchPolynomial,
    Monomials,
    add,
    too_many,
)
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.exact_point import ExactPoint
from carlemanc.model.polynomials.grouping import group_rows

Boundary = Literal["periodic", "open"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluator:
    """Everything that names in an expression stand for.

    Attributes:
        n: number of weights.
        dims: of the lattice that the weights are numbered on, (n,) for theta[i].
        center: the expansion point.
        scalars: names of one value, as one row: number parameters, n and m.
        arrays: array parameters.
        data: samples for x[a, k] and y[a], or None.
        boundary: what theta[i] outside 0..n-1 means inside a Sum.
        unknowns: for theta[...] as written, the number of the unknown it stands for, whatever its site.
    """

    n: int
    dims: tuple[int, ...]
    center: ExactPoint
    scalars: Mapping[str, Coefficients]
    arrays: Mapping[str, FloatArray]
    data: DataSet | None
    boundary: Boundary
    unknowns: Mapping[Expression, int] | None = None

    @property
    def count(self) -> int:
        """The number of unknowns of the polynomials."""
        return self.n if self.unknowns is None else 1 + max(self.unknowns.values(), default=0)

    def polynomial(self, expression: Expression, scope: Scope) -> BatchPolynomial:
        """Return the polynomial of the expression for each row of the scope."""
        if not uses_weight(expression):
            return BatchPolynomial.scalar(self.count, self.number(expression, scope))
        match expression:
            case Index():
                return self._weight(expression, scope)
            case Add():
                return add([self.polynomial(term, scope) for term in expression.terms])
            case Mul():
                return self._product(expression, scope)
            case Neg():
                return self.polynomial(expression.operand, scope).negated()
            case Pow():
                return self.polynomial(expression.base, scope).power(expression.exponent)
            case Sum():
                return self._sum(expression, scope)
            case _:
                raise InternalError(f"{type(expression).__name__} of a weight")

    def number(self, expression: Expression, scope: Scope) -> Coefficients:
        """Return the value of an expression without weights for each row of the scope."""
        match expression:
            case Number():
                return Coefficients.constant(expression.value, scope.size)
            case Name():
                return self._name(expression.name, scope)
            case Index():
                return self._element(expression, scope)
            case Add():
                terms = [self.number(term, scope) for term in expression.terms]
                return reduce(Coefficients.__add__, terms)
            case Mul():
                return reduce(mul, [self.number(factor, scope) for factor in expression.factors])
            case Neg():
                return self.number(expression.operand, scope).negated()
            case Inverse():
                return self._inverse(expression, scope)
            case Pow():
                return self.number(expression.base, scope).power(expression.exponent)
            case Sum():
                return self._number_sum(expression, scope)

    def integers(self, expression: Expression, scope: Scope) -> IntArray:
        """Return the integer values of an index or a bound, (B,) or (B, S)."""
        value = self.number(expression, scope)
        if value.denominator is None or np.any(value.values % value.denominator):
            raise refuse("an index or a bound that is not an integer", "integers")
        whole = value.values // value.denominator
        if whole.size and max(abs(int(whole.max())), abs(int(whole.min()))) >= 2**62:
            raise refuse("an index or a bound beyond 2^62", "integers within the arrays they index")
        return whole.astype(np.int64)

    def _product(self, expression: Mul, scope: Scope) -> BatchPolynomial:
        plain = [factor for factor in expression.factors if not uses_weight(factor)]
        result = reduce(mul, [self.polynomial(f, scope) for f in expression.factors if uses_weight(f)])
        return result.scaled(self.number(Mul(tuple(plain)), scope)) if plain else result

    def _weight(self, expression: Index, scope: Scope) -> BatchPolynomial:
        """Return center[i] + u_i, or nothing where i lies beyond an open boundary."""
        if self.unknowns is not None:
            return self._linear(np.arange(scope.size), np.full(scope.size, self.unknowns[expression]), scope)
        if len(expression.indices) != len(self.dims):
            allowed = f"theta[{', '.join('ijk'[: len(self.dims)])}]"
            raise refuse(f"theta with {len(expression.indices)} indices", allowed)
        site = np.zeros(scope.size, dtype=np.int64)
        kept = np.ones(scope.size, dtype=bool)
        for index, size in zip(expression.indices, self.dims, strict=True):
            place = self.integers(index, scope)
            if place.ndim == 2:
                raise InternalError("a weight indexed by the sample axis")
            outside = (place < 0) | (place >= size)
            if outside.any() and not scope.binds(unbound_names(index)):
                found = "theta[{}]" if len(self.dims) == 1 else "the index {} of theta"
                allowed = f"theta[0] to theta[{size - 1}]" if len(self.dims) == 1 else f"0 to {size - 1}"
                raise refuse(found.format(place[outside][0]), allowed)
            if self.boundary == "periodic":
                place = place % size
            else:
                kept &= ~outside
            site = site * size + np.where(kept, place, 0)
        inside = np.flatnonzero(kept)
        return self._linear(inside, site[inside], scope)

    def _linear(self, inside: IntArray, site: IntArray, scope: Scope) -> BatchPolynomial:
        """Return center + u at a site for the rows `inside` of the scope, nothing for the others."""
        ones = Coefficients.integers(np.ones(len(inside), dtype=np.int64))
        linear = Monomials(batch=inside, cols=site[:, None], coefficients=ones)
        parts = {1: linear} if linear.count else {}
        if self.unknowns is None and not self.center.is_zero:
            no_cols = np.zeros((len(inside), 0), dtype=np.int64)
            shift = Monomials(batch=inside, cols=no_cols, coefficients=self.center.take(site)).nonzero()
            parts |= {0: shift} if shift.count else {}
        return BatchPolynomial(n=self.count, size=scope.size, parts=parts)

    def _name(self, name: str, scope: Scope) -> Coefficients:
        if scope.binds(frozenset({name})):
            return Coefficients.integers(scope.lookup(name))
        return self.scalars[name].take(np.zeros(scope.size, dtype=np.int64))

    def _element(self, expression: Index, scope: Scope) -> Coefficients:
        """Return x[a, k], y[a] or an element of an array parameter."""
        array = self._array(expression.name)
        if len(expression.indices) != array.ndim:
            raise refuse(f"{expression.name} with {len(expression.indices)} indices", f"{array.ndim} indices")
        places = []
        for axis, index in enumerate(expression.indices):
            place = self.integers(index, scope)
            if self._wraps(expression, index, array.shape, axis, scope):
                place = place % array.shape[axis]
            outside = (place < 0) | (place >= array.shape[axis])
            if outside.any():
                found = f"index {place[outside][0]} of {expression.name}, axis {axis + 1}"
                counted = expression.name == "x" and axis == 1 and self.data is not None
                columns = ", the feature columns of the data: is model.n their number?" if counted else ""
                raise refuse(found, f"0 to {array.shape[axis] - 1}{columns}")
            places.append(place)
        if any(place.ndim == 2 for place in places):
            places = [place if place.ndim == 2 else place[:, None] for place in places]
        return Coefficients(values=array[tuple(places)])

    def _array(self, name: str) -> FloatArray:
        if name in self.arrays:
            return self.arrays[name]
        if self.data is None:
            raise InternalError(f"{name} without data")
        return self.data.x if name == "x" else self.data.y

    def _wraps(
        self, expression: Index, index: Expression, shape: tuple[int, ...], axis: int, scope: Scope
    ) -> bool:
        """Whether a parameter with one value for each site goes around the ends with the weights."""
        fits = shape == self.dims or (len(self.dims) == 1 and shape[axis] == self.n)
        ring = self.boundary == "periodic" and expression.name in self.arrays and fits
        return ring and scope.binds(unbound_names(index))

    def _inverse(self, expression: Inverse, scope: Scope) -> Coefficients:
        divisor = self.number(expression.operand, scope)
        if np.any(divisor.values == 0):
            raise refuse("a division by zero", "divisors that are nowhere zero")
        return divisor.inverse()

    def _limits(self, expression: Sum, scope: Scope) -> tuple[IntArray, IntArray]:
        low, high = (self.integers(bound, scope) for bound in (expression.low, expression.high))
        if low.ndim == 2 or high.ndim == 2:
            raise InternalError("a Sum bound on the sample axis")
        return low, high

    def _sum(self, expression: Sum, scope: Scope) -> BatchPolynomial:
        low, high = self._limits(expression, scope)
        if expression.var not in unbound_names(expression.body):
            count = Coefficients.integers(np.maximum(high - low + 1, 0))
            return self.polynomial(expression.body, scope).scaled(count)
        same = scope.size > 0 and np.all(low == low[0]) and np.all(high == high[0]) and high[0] >= low[0]
        if scope.sample is None and same and is_sample_index(expression.body, expression.var):
            if high[0] - low[0] >= MONOMIAL_LIMIT:
                raise too_many(int(high[0] - low[0]) + 1)
            samples = np.arange(int(low[0]), int(high[0]) + 1)
            return sum_over_samples(self.polynomial, expression.body, scope, expression.var, samples)
        inner, parent = scope.expanded(expression.var, low, high)
        return self.polynomial(expression.body, inner).gathered(parent, scope.size)

    def _number_sum(self, expression: Sum, scope: Scope) -> Coefficients:
        low, high = self._limits(expression, scope)
        inner, parent = scope.expanded(expression.var, low, high)
        if not inner.size:
            return Coefficients.integers(np.zeros(scope.size, dtype=np.int64))
        body = self.number(expression.body, inner)
        groups = group_rows([parent], [scope.size])
        total = body.sum_groups(groups)
        if groups.count == scope.size:
            return total
        return total.spread(parent[groups.first], scope.size)


def is_sample_index(body: Expression, name: str) -> bool:
    """Return whether an index only chooses samples: it is in x[a, .] or y[a], and in no theta or bound."""
    chosen = False
    for node in walk(body):
        if isinstance(node, Index) and node.name in {"x", "y"}:
            chosen |= name in unbound_names(node.indices[0])
        if isinstance(node, Index) and node.name == WEIGHT and name in unbound_names(node):
            return False
        if isinstance(node, Sum) and name in unbound_names(node.low) | unbound_names(node.high):
            return False
    return chosen
