"""Find the lattice sums of a loss: terms whose weights sit at fixed offsets from the Sum indices.

`split` takes a loss apart into `LatticeSum`s, sums over boxes of sites of one expression in theta[i + c],
and a remainder that is evaluated entry by entry (`evaluation.py`). A term is a lattice sum if every index
of every theta in it is, axis by axis, one and the same Sum index plus an integer, or an integer. Sums over
few values of another index (theta[i]*theta[i+k], k from 1 to 3) are written out first. Whatever else there
is (sums over data, all pairs i, j, theta[2*i]) belongs to the remainder. Sums stay literal: nothing depends
on n but the ends of the boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from carlemanc.model.expression.scope import refuse
from carlemanc.model.expression.tree import (
    DATA,
    WEIGHT,
    Add,
    Expression,
    Index,
    Mul,
    Name,
    Neg,
    Number,
    Sum,
    array_names,
    children,
    substitute,
    unbound_names,
    uses_weight,
    walk,
)
from carlemanc.model.lattice.affine import NotAffine, Scalars, affine
from carlemanc.model.lattice.sites import Box, Lattice, Offset

WRITTEN_OUT = 64
"""The most values of one index that are written out as terms."""
_MOST_TERMS = 4_096
_MOST_NODES = 200_000
"""The most nodes that writing out makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatticeSum:
    """The sum of `factors` times `body` over a box.

    Attributes:
        body: an expression in theta.
        factors: expressions without theta.
        variables: the Sum index of each axis, None where the axis holds an integer.
        box: the values of the indices (of a None axis: that integer).
        offsets: for every theta[...] of the body, its site relative to the indices.
        varies: whether the value of an index matters beyond the choice of sites.
    """

    body: Expression
    factors: tuple[Expression, ...]
    variables: tuple[str | None, ...]
    box: Box
    offsets: Mapping[Index, Offset]
    varies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _SumTerm:
    """A term on the way: `factors` times `body`, summed over `ranges` (outermost first)."""

    body: Expression
    factors: tuple[Expression, ...] = ()
    ranges: tuple[tuple[str, Expression, Expression], ...] = ()

    def whole(self) -> Expression:
        """Return the term as the expression it stands for."""
        result = Mul((*self.factors, self.body)) if self.factors else self.body
        for name, low, high in reversed(self.ranges):
            result = Sum(result, name, low, high)
        return result

    def at(self, name: str, value: int) -> _SumTerm:
        """Return the term with one Sum index set to a value."""

        def put(expression: Expression) -> Expression:
            return substitute(expression, name, value)

        return _SumTerm(
            body=put(self.body),
            factors=tuple(put(factor) for factor in self.factors),
            ranges=tuple((known, put(a), put(b)) for known, a, b in self.ranges if known != name),
        )


def split(loss: Expression, lattice: Lattice, scalars: Scalars) -> tuple[list[LatticeSum], list[Expression]]:
    """Return the lattice sums of a loss and the terms that are none.

    Raises InputError for a constant index beyond the lattice.
    """
    found: list[LatticeSum] = []
    rest: list[Expression] = []
    for term in _terms(_SumTerm(body=loss)):
        sums = _lattice_sums(term, lattice, scalars)
        if sums is None or len(found) + len(sums) > _MOST_TERMS:
            rest.append(term.whole())
        else:
            found += sums
    return found, rest


def _terms(term: _SumTerm) -> Iterator[_SumTerm]:
    """Yield the additive terms that hold a weight, each with everything that multiplies it."""
    match term.body:
        case body if not uses_weight(body):
            return
        case Add(terms):
            for part in terms:
                yield from _terms(replace(term, body=part))
        case Neg(operand):
            yield from _terms(replace(term, body=operand, factors=(*term.factors, Number(Fraction(-1)))))
        case Mul(factors) if sum(map(uses_weight, factors)) == 1:
            plain = tuple(factor for factor in factors if not uses_weight(factor))
            (weighted,) = (factor for factor in factors if uses_weight(factor))
            yield from _terms(replace(term, body=weighted, factors=(*term.factors, *plain)))
        case Sum(body, name, low, high):
            yield from _terms(replace(term, body=body, ranges=(*term.ranges, (name, low, high))))
        case _:
            yield term


def _lattice_sums(
    term: _SumTerm, lattice: Lattice, scalars: Scalars, room: int = _MOST_NODES
) -> list[LatticeSum] | None:
    """Return a term as lattice sums, None where it is none."""
    names = {name for name, _, _ in term.ranges}
    if not names or _uses(term, DATA):
        return None
    bounds = {name: _bounds(low, high, scalars) for name, low, high in term.ranges}
    direct = _one_sum(term, bounds, lattice, scalars)
    if direct is not None:
        return direct
    few = [(limits[1] - limits[0], name) for name, limits in bounds.items() if limits and _is_few(limits)]
    if not few or len(names) == 1:
        return None
    count, name = min(few)
    if (count + 1) * sum(1 for _ in walk(term.whole())) > room:
        return None
    room //= max(count + 1, 1)
    low, high = bounds[name] or (0, -1)
    sums: list[LatticeSum] = []
    for value in range(low, high + 1):
        part = _lattice_sums(term.at(name, value), lattice, scalars, room)
        if part is None or len(sums) > _MOST_TERMS:
            return None
        sums += part
    return sums


def _is_few(limits: tuple[int, int]) -> bool:
    return limits[1] - limits[0] < WRITTEN_OUT


def _one_sum(
    term: _SumTerm, bounds: Mapping[str, tuple[int, int] | None], lattice: Lattice, scalars: Scalars
) -> list[LatticeSum] | None:
    """Return the one lattice sum that a term is ([] for an empty range), None where it is none."""
    if any(limits is None for limits in bounds.values()):
        return None
    places: dict[Index, list[tuple[str | None, int]]] = {}
    for node in walk(term.body):
        if isinstance(node, Index) and node.name == WEIGHT:
            if len(node.indices) != len(lattice.dims):
                return None
            axes = [_shifted_name(index, scalars) for index in node.indices]
            if None in axes:
                return None
            places[node] = [axis for axis in axes if axis is not None]
        elif isinstance(node, Sum):
            return None
    variables = _variables(list(places.values()))
    if variables is None:
        return None
    box, base = [], []
    for axis, name in enumerate(variables):
        first = min(sites[axis][1] for sites in places.values())
        limits = bounds[name] if name is not None else (first, first)
        assert limits is not None
        box.append(limits)
        base.append(0 if name is not None else first)
        if name is None:
            _check_constants([sites[axis][1] for sites in places.values()], lattice.dims[axis])
    counted = set(bounds) - set(variables)
    if any(_uses(term, {name}) for name in counted):
        return None
    repeats = Fraction(1)
    for name in counted:
        low, high = bounds[name] or (0, -1)
        repeats *= max(high - low + 1, 0)
    if not repeats or any(low > high for low, high in box):
        return []
    used = frozenset(name for name in variables if name is not None)
    return [
        LatticeSum(
            body=term.body,
            factors=(*term.factors, Number(repeats)) if counted else term.factors,
            variables=variables,
            box=tuple(box),
            offsets={
                node: tuple(step - start for (_, step), start in zip(sites, base, strict=True))
                for node, sites in places.items()
            },
            varies=_varies(term, used),
        )
    ]


def _variables(places: list[list[tuple[str | None, int]]]) -> tuple[str | None, ...] | None:
    """Return the Sum index of each axis, None if sites disagree or if no axis has one."""
    columns = [{name for name, _ in column} for column in zip(*places, strict=True)]
    if any(len(names) != 1 for names in columns):
        return None
    variables = tuple(next(iter(names)) for names in columns)
    used = [name for name in variables if name is not None]
    return variables if used and len(set(used)) == len(used) else None


def _check_constants(values: list[int], size: int) -> None:
    for value in values:
        if not 0 <= value < size:
            raise refuse(f"the constant index {value} of theta", f"0 to {size - 1}")


def _uses(term: _SumTerm, names: set[str] | frozenset[str]) -> bool:
    """Return whether a name occurs in the body or the factors, as a scalar or an array."""
    parts = (term.body, *term.factors)
    return any(names & (unbound_names(part) | array_names(part)) for part in parts)


def _varies(term: _SumTerm, variables: frozenset[str]) -> bool:
    """Return whether an index of the lattice occurs anywhere but in the indices of theta."""
    return any(_outside(part, variables) for part in (term.body, *term.factors))


def _outside(expression: Expression, variables: frozenset[str]) -> bool:
    match expression:
        case Name(name):
            return name in variables
        case Index(name, indices):
            return name != WEIGHT and any(_outside(index, variables) for index in indices)
        case _:
            return any(_outside(child, variables) for child in children(expression))


def _bounds(low: Expression, high: Expression, scalars: Scalars) -> tuple[int, int] | None:
    ends = [_shifted_name(end, scalars) for end in (low, high)]
    values = [end[1] for end in ends if end is not None and end[0] is None]
    return (values[0], values[1]) if len(values) == 2 else None


def _shifted_name(expression: Expression, scalars: Scalars) -> tuple[str | None, int] | None:
    """Return (name, c) for an index name + c, (None, c) for an integer, None for anything else."""
    try:
        form = affine(expression, scalars)
    except NotAffine:
        return None
    constant = form.pop("", Fraction(0))
    names = {name: factor for name, factor in form.items() if factor}
    if constant.denominator != 1 or len(names) > 1 or any(factor != 1 for factor in names.values()):
        return None
    return next(iter(names), None), int(constant)
