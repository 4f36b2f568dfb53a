"""The tree of a loss as its evaluation goes through it: parts without weights apart, every Sum an axis of blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from carlemanc.classical.block_arithmetic import Shape
from carlemanc.classical.loss_names import Names, Scope
from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.core.errors import InternalError
from carlemanc.model.expression.tree import (
    Add,
    Expression,
    Index,
    Mul,
    Neg,
    Number,
    Pow,
    Sum,
    uses_weight,
)

_ONE = Number(Fraction(1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """A part without weights: a number for each place of a shape, worked out when it is first asked for."""

    shape: Shape
    expression: Expression
    scope: Scope
    kept: list[FloatArray] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weight:
    """theta at the site of each place."""

    shape: Shape
    index: Index
    scope: Scope
    kept: list[tuple[IntArray, Mask]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Added:
    shape: Shape
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multiplied:
    shape: Shape
    known: Known | None
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Minus:
    shape: Shape
    part: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raised:
    shape: Shape
    base: Node
    exponent: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Total:
    """The sum of a part over one axis."""

    shape: Shape
    part: Node


Node: TypeAlias = Known | Weight | Added | Multiplied | Minus | Raised | Total


def node_of(expression: Expression, names: Names, scope: Scope) -> Node:
    """Return the tree of an expression. Raises NoAxes."""
    shape = names.shape(expression, scope)
    if not uses_weight(expression):
        return Known(shape=shape, expression=expression, scope=scope)
    match expression:
        case Index():
            return Weight(shape=shape, index=expression, scope=scope)
        case Add(terms):
            return Added(shape=shape, parts=_parts(terms, names, scope, Add))
        case Mul(factors):
            parts = _parts(factors, names, scope, Mul)
            known = next((part for part in parts if isinstance(part, Known)), None)
            return Multiplied(
                shape=shape, known=known, parts=tuple(part for part in parts if part is not known)
            )
        case Neg(operand):
            return Minus(shape=shape, part=node_of(operand, names, scope))
        case Pow(_, 0):
            return Known(shape=(1,) * names.depth, expression=_ONE, scope=scope)
        case Pow(base, 1):
            return node_of(base, names, scope)
        case Pow(base, exponent):
            return Raised(shape=shape, base=node_of(base, names, scope), exponent=exponent)
        case Sum(body, name, _, _):
            inner = {**scope, name: names.axis(expression, scope)}
            part = node_of(body, names, inner)
            extents = list(names.shape(body, inner))
            extents[inner[name].depth] = inner[name].extent
            if part.shape == tuple(extents):
                return Total(shape=shape, part=part)
            times = Number(Fraction(inner[name].extent))
            return Multiplied(
                shape=shape,
                known=Known(shape=(1,) * names.depth, expression=times, scope=scope),
                parts=(part,),
            )
        case _:
            raise InternalError(f"{type(expression).__name__} of a weight")


def _parts(
    parts: Sequence[Expression], names: Names, scope: Scope, kind: type[Add] | type[Mul]
) -> tuple[Node, ...]:
    """Return the nodes of terms or factors, all of them without weights as one."""
    known = tuple(part for part in parts if not uses_weight(part))
    rest = tuple(node_of(part, names, scope) for part in parts if uses_weight(part))
    if not known:
        return rest
    return (node_of(kind(known) if len(known) > 1 else known[0], names, scope), *rest)


def largest_block(node: Node) -> int:
    """Return the most numbers of any block."""
    own = math.prod(node.shape)
    match node:
        case Added(parts=parts) | Multiplied(parts=parts):
            return max(own, *map(largest_block, parts)) if parts else own
        case Minus(part=part) | Total(part=part):
            return max(own, largest_block(part))
        case Raised(base=base):
            return max(own, largest_block(base))
        case _:
            return own
