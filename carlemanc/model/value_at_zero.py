"""The value of an expression where every weight is zero: the part of a polynomial that no derivative knows.

A Sum whose body does not depend on its index any more is its length times the body, so that nothing is written out
over the sites of a large lattice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from carlemanc.core.errors import InputError, Problem
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.evaluation import Boundary
from carlemanc.model.expression.scope import Scope
from carlemanc.model.expression.tree import (
    WEIGHT,
    Add,
    Expression,
    Index,
    Mul,
    Neg,
    Number,
    Pow,
    Sum,
    rebuilt,
    unbound_names,
)
from carlemanc.model.lattice.affine import NotAffine, Scalars, affine
from carlemanc.model.opened_expression import Parameter, open_expression
from carlemanc.model.weights import Weights

_ZERO, _ONE = Number(Fraction(0)), Number(Fraction(1))


def value_at_zero(
    expression: Expression,
    *,
    n: int,
    parameters: Mapping[str, Parameter] | None = None,
    data: DataSet | None = None,
    boundary: Boundary = "periodic",
    dims: Sequence[int] | None = None,
) -> float:
    """Return the value at theta = 0; the arguments are those of `derive_map`.

    Raises InputError as `derive_map` does, TooLarge where a sum of coefficients over sites is too long.
    """
    evaluator = open_expression(
        expression,
        n=n,
        center=Weights.constant(n),
        parameters=parameters,
        data=data,
        boundary=boundary,
        dims=dims,
    ).evaluator
    found = {name: values.fractions() for name, values in evaluator.scalars.items()}
    scalars = {name: values[0] for name, values in found.items() if values}
    with np.errstate(all="ignore"):
        polynomial = evaluator.polynomial(without_weights(expression, scalars), Scope.outermost())
    part = polynomial.parts.get(0)
    value = 0.0 if part is None or not part.count else float(part.coefficients.floats().sum())
    if not np.isfinite(value):
        problem = Problem(where="loss", found="a value that is not finite", allowed="a finite number")
        raise InputError("The loss cannot be evaluated.", [problem])
    return value


def without_weights(expression: Expression, scalars: Scalars) -> Expression:
    """Return the expression with 0 in place of every weight, zeros and sums of a constant worked out.

    >>> from carlemanc.model.expression.parser import parse_expression
    >>> without_weights(parse_expression("Sum((theta[i] - 1)**2, (i, 0, 9))"), {})
    Mul(factors=(Number(value=Fraction(10, 1)), Pow(base=Neg(operand=Number(value=Fraction(1, 1))), exponent=2)))
    """
    match expression:
        case Index(name, _):
            return _ZERO if name == WEIGHT else expression
        case Sum(body, name, low, high):
            return _summed(Sum(without_weights(body, scalars), name, low, high), scalars)
        case Add(terms):
            kept = tuple(part for term in terms if (part := without_weights(term, scalars)) != _ZERO)
            return Add(kept) if len(kept) > 1 else kept[0] if kept else _ZERO
        case Mul(factors):
            left = tuple(without_weights(factor, scalars) for factor in factors)
            return _ZERO if _ZERO in left else Mul(left)
        case Neg(operand):
            inner = without_weights(operand, scalars)
            return _ZERO if inner == _ZERO else Neg(inner)
        case Pow(base, exponent):
            inner = without_weights(base, scalars)
            return Pow(inner, exponent) if inner != _ZERO else _ZERO if exponent else _ONE
        case _:
            return rebuilt(expression, lambda part: without_weights(part, scalars))


def _summed(total: Sum, scalars: Scalars) -> Expression:
    """Return a Sum of a body that may not depend on the index any more."""
    if total.body == _ZERO:
        return _ZERO
    if total.var in unbound_names(total.body):
        return total
    try:
        ends = [affine(end, scalars) for end in (total.low, total.high)]
    except NotAffine:
        return total
    if any(form.keys() - {""} for form in ends):
        return total
    low, high = (form.get("", Fraction(0)) for form in ends)
    if low.denominator != 1 or high.denominator != 1:
        return total
    return Mul((Number(max(high - low + 1, Fraction(0))), total.body))
