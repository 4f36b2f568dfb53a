"""Expressions that are linear in Sum indices: the factor of every index, and the constant."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from carlemanc.model.expression.tree import Add, Expression, Inverse, Mul, Name, Neg, Number, Pow

Scalars = Mapping[str, Fraction]
Form = dict[str, Fraction]
"""{index: factor, "": constant}."""


class NotAffine(Exception):
    """An expression is not linear in the Sum indices."""


def affine(expression: Expression, scalars: Scalars) -> Form:
    """Return the form of an expression; `scalars` are the names that stand for numbers. Raises NotAffine."""
    match expression:
        case Number(value):
            return {"": value}
        case Name(name):
            return {"": scalars[name]} if name in scalars else {name: Fraction(1)}
        case Neg(operand):
            return _times(affine(operand, scalars), Fraction(-1))
        case Add(terms):
            return _added([affine(term, scalars) for term in terms])
        case Mul(factors):
            return _multiplied([affine(factor, scalars) for factor in factors])
        case Pow(base, exponent):
            return {"": _constant(affine(base, scalars)) ** exponent}
        case Inverse(operand) if constant := _constant(affine(operand, scalars)):
            return {"": 1 / constant}
        case _:
            raise NotAffine


def _constant(form: Form) -> Fraction:
    if any(factor for name, factor in form.items() if name):
        raise NotAffine
    return form.get("", Fraction(0))


def _times(form: Form, factor: Fraction) -> Form:
    return {name: value * factor for name, value in form.items()}


def _added(forms: list[Form]) -> Form:
    total: Form = {}
    for form in forms:
        for name, value in form.items():
            total[name] = total.get(name, Fraction(0)) + value
    return total


def _multiplied(forms: list[Form]) -> Form:
    """Return the product of forms of which at most one is not constant."""
    result: Form = {"": Fraction(1)}
    for form in forms:
        try:
            result = _times(form, _constant(result))
        except NotAffine:
            result = _times(result, _constant(form))
    return result
