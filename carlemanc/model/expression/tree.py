"""The tree an accepted expression becomes: nine frozen node kinds, and questions about a tree.

Standard library only, so that a spec can be checked without numpy. Numbers are exact (`0.1` is 1/10). The
depth of a tree is bounded by the parser, hence the plain recursion here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

WEIGHT = "theta"
DATA = frozenset({"x", "y"})
SIZES = frozenset({"n", "m"})
LOSS, GRADIENT_NORM = "loss", "gradient_norm"
"""Texts of observables that are no expressions: the loss that is trained, over all data; its gradient's 2-norm."""
RESERVED = frozenset({WEIGHT}) | DATA | SIZES
"""Names with a fixed meaning: the weights, the data arrays, the number of weights and of samples."""


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, exactly as written."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A scalar: `n`, `m`, a Sum index or a parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """An element of an array: `theta[i]`, `x[a, k]`, `y[a]` or a parameter `J[i]`."""

    name: str
    indices: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """The sum of two or more terms."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Mul:
    """The product of two or more factors."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Neg:
    """Minus the operand."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Inverse:
    """One over the operand, which holds no weight."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Pow:
    """A power with a literal non-negative integer exponent."""

    base: Expression
    exponent: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The literal sum of `body` for `var` = `low`, ..., `high` (empty where `high` < `low`)."""

    body: Expression
    var: str
    low: Expression
    high: Expression


Expression: TypeAlias = Number | Name | Index | Add | Mul | Neg | Inverse | Pow | Sum


def children(expression: Expression) -> Iterator[Expression]:
    """Yield the direct parts of a node, index expressions and Sum bounds included."""
    for name in expression.__match_args__:
        value = getattr(expression, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Expression):
                yield part


def rebuilt(expression: Expression, put: Callable[[Expression], Expression]) -> Expression:
    """Return the node with `put(part)` in place of each of its direct parts."""
    parts: list[Any] = [getattr(expression, name) for name in expression.__match_args__]
    for place, part in enumerate(parts):
        if isinstance(part, tuple):
            parts[place] = tuple(map(put, part))
        elif isinstance(part, Expression):
            parts[place] = put(part)
    return type(expression)(*parts)


def substitute(expression: Expression, name: str, value: int) -> Expression:
    """Return an expression with a Sum index replaced by an integer."""
    if expression == Name(name):
        return Number(Fraction(value))
    return rebuilt(expression, lambda part: substitute(part, name, value))


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield every node, parents before children."""
    yield expression
    for child in children(expression):
        yield from walk(child)


def array_names(expression: Expression) -> frozenset[str]:
    """Return the names that are indexed anywhere: `theta`, `x`, `y` and array parameters."""
    return frozenset(node.name for node in walk(expression) if isinstance(node, Index))


def uses_weight(expression: Expression) -> bool:
    """Return whether a weight `theta[..]` occurs."""
    return WEIGHT in array_names(expression)


def uses_data(expression: Expression) -> bool:
    """Return whether `x`, `y` or the number of samples `m` occurs."""
    return bool(DATA & array_names(expression)) or "m" in unbound_names(expression)


def unbound_names(expression: Expression) -> frozenset[str]:
    """Return every name in use that no enclosing Sum binds, reserved ones included."""
    match expression:
        case Name():
            return frozenset({expression.name})
        case Sum():
            bounds = unbound_names(expression.low) | unbound_names(expression.high)
            return bounds | (unbound_names(expression.body) - {expression.var})
        case _:
            own = frozenset({expression.name}) if isinstance(expression, Index) else frozenset()
            return own.union(*(unbound_names(child) for child in children(expression)))


def free_names(expression: Expression) -> frozenset[str]:
    """Return the parameters: names that are neither reserved nor bound by a Sum."""
    return unbound_names(expression) - RESERVED


def sum_indices(expression: Expression) -> frozenset[str]:
    """Return the index of every Sum."""
    return frozenset(node.var for node in walk(expression) if isinstance(node, Sum))


def degree_bound(expression: Expression) -> int:
    """Return an upper bound on the degree in the weights (cancellations are not looked for)."""
    match expression:
        case Index():
            return int(expression.name == WEIGHT)
        case Mul():
            return sum(degree_bound(factor) for factor in expression.factors)
        case Pow():
            return expression.exponent * degree_bound(expression.base)
        case Inverse():
            return 0
        case Sum():
            return degree_bound(expression.body)
        case _:
            return max((degree_bound(child) for child in children(expression)), default=0)


def size_bound(expression: Expression) -> int:
    """Return an upper bound on the bits of the exact numbers that evaluating the tree can make."""
    match expression:
        case Number(value):
            return value.numerator.bit_length() + value.denominator.bit_length()
        case Add():
            return sum(size_bound(term) for term in expression.terms)
        case Mul():
            return sum(size_bound(factor) for factor in expression.factors)
        case Pow():
            return expression.exponent * size_bound(expression.base)
        case Sum():
            return 64 + size_bound(expression.body)
        case Neg() | Inverse():
            return size_bound(expression.operand)
        case _:
            return 1
